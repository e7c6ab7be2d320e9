import { ImageError } from '../base/errors.js';
import type { GuestCommand, Installation, RunCommand } from './installation.js';
import type { WantedPackage } from './source.js';

/** A program that fetches packages from repositories: its command lines, and how to read what it says. */
export interface RepositoryTool {
  readonly files: Installation['files'];
  /** Brings what it knows of the repositories up to date: one that cannot be reached fails here. */
  readonly refresh?: GuestCommand | undefined;
  /** Asks which versions of a package there are. */
  readonly list: (name: string) => GuestCommand;
  /** Which there are by what it said, in any order. */
  readonly versions: (name: string, lines: readonly string[]) => string[];
  readonly compare: (one: string, other: string) => number;
  /** How it wants exactly that version to be named. */
  readonly exactly: (name: string, version: string) => string;
  /** Fetches packages and what they depend on, and installs nothing; undefined when it cannot. */
  readonly fetch?: ((what: readonly string[]) => GuestCommand) | undefined;
  /** Installs from what was fetched, without the network. */
  readonly installFetched: (what: readonly string[]) => GuestCommand;
  /** Does both. */
  readonly install: (what: readonly string[]) => GuestCommand;
}

/**
 * Installs from repositories. Where they are elsewhere, what is fetched is fetched first: the scripts of packages then run
 * without the network, as they do in every other installation. A tool that cannot fetch alone has it throughout.
 * @param network - where the repositories are
 * @param packages - files that are to be installed with what they depend on, instead of what is wanted
 */
export function repositorySteps(
  tool: RepositoryTool,
  network: 'none' | 'host',
  wanted: WantedPackage,
  packages: readonly string[],
): Installation['steps'] {
  return async (run) => {
    const reach: RunCommand = (command) => run({ ...command, network });
    if (tool.refresh) await reach(tool.refresh);
    const what = packages.length > 0 ? packages : [await choose(tool, wanted, reach)];
    if (network === 'none' || !tool.fetch) {
      await reach(tool.install(what));
      return;
    }
    await reach(tool.fetch(what));
    await run(tool.installFetched(what));
  };
}

/** The first of the names that there is in the version wanted, and of its versions the highest. */
async function choose(
  tool: RepositoryTool,
  { names, major }: WantedPackage,
  run: RunCommand,
): Promise<string> {
  const others: string[] = [];
  for (const name of names) {
    const versions = tool.versions(name, await run(tool.list(name))).sort(tool.compare);
    const version = versions.filter((each) => isOf(major, each)).at(-1);
    if (version !== undefined) return tool.exactly(name, version);
    others.push(...new Set(versions.map((each) => `${name} ${each}`)));
  }
  const which = `${names.join(' or ')}${major === undefined ? '' : ` in version ${major}`}`;
  const available = others.length > 0 ? `They have ${others.join(', ')}. ` : '';
  throw new ImageError('no-package', `no repository has ${which}`, {
    hint: `${available}Nothing was installed; the image is as it was.`,
  });
}

/** Behind the epoch, if there is one: deb-version(7), rpm-version(7). */
const isOf = (major: string | undefined, version: string): boolean =>
  major === undefined || new RegExp(`^(?:\\d+:)?${major}(?!\\d)`).test(version);
