import { compareRpmVersions } from '../formats/version.js';
import type { GuestPath, Image } from '../image/image.js';
import type { GuestCommand } from './installation.js';
import type { RepositorySource } from './source.js';
import { repositoryFile } from './repository-file.js';
import type { RepositoryTool } from './repository-tool.js';

/** Exit codes from 100 on are information, not failures; 104 means that the package does not exist. */
const good = [0, 100, 101, 102, 103];
const notFound = 104;

/** zypper(8). */
export async function zypper(
  program: GuestPath,
  source: RepositorySource,
  image: Image,
): Promise<RepositoryTool> {
  // A repository that is only named on the command line is asked anew each time, which needs the network.
  const own = '/etc/zypp/repos.d';
  const isAlone = source.kind === 'folder' || (await image.stat(own))?.type !== 'directory';
  const text = repositoryFile(source);
  const folder = isAlone ? '/run/hallmark/repos' : own;
  const global = [
    '--non-interactive',
    ...(isAlone && source.kind !== 'guest' ? ['--reposd-dir', folder] : []),
    ...(source.kind === 'folder' ? ['--no-gpg-checks'] : []),
  ];
  // A file that the user gave is not refused for having no signature; a repository's packages are.
  const install = (what: readonly string[], ...how: readonly string[]): string[] => [
    ...['install', '--no-recommends', ...how],
    ...(what.some((each) => each.startsWith('/')) ? ['--allow-unsigned-rpm'] : []),
    ...what,
  ];
  const command = (...args: readonly string[]): GuestCommand => ({
    program,
    args: [...global, ...args],
    good,
  });
  return {
    files: text === undefined ? {} : { [`${folder}/hallmark.repo`]: text },
    refresh: {
      program,
      args: [...global, 'refresh', ...(source.kind === 'guest' ? [] : ['hallmark'])],
    },
    list: (name) => ({
      program,
      args: [...global, 'search', '--match-exact', '--details', '--type', 'package', name],
      good: [...good, notFound],
    }),
    versions: (name, lines) =>
      lines.flatMap((line) => {
        const [, listed, , version] = line.split('|').map((each) => each.trim());
        return listed === name && version !== undefined ? [version] : [];
      }),
    compare: compareRpmVersions,
    exactly: (name, version) => `${name}=${version}`,
    fetch: (what) => command(...install(what, '--download-only')),
    installFetched: (what) => command('--no-refresh', ...install(what)),
    install: (what) => command(...install(what)),
  };
}
