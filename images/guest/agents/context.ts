import type { GuestPath, Image } from '../../image/image.js';
import type { Agent } from './agent.js';
import type { Evidence } from '../evidence.js';
import type { Os } from '../os.js';
import type { Package } from '../packages.js';
import type { PackageFolder, PythonSurroundings } from './python.js';

/** What the search for agents of either generation starts from. */
export interface AgentSearch {
  readonly image: Image;
  readonly os: Os;
  readonly installed: ReadonlyMap<string, Package>;
  readonly packageDatabase: GuestPath | undefined;
  readonly folders: readonly PackageFolder[];
  /** Of the service that starts it. */
  readonly surroundings: PythonSurroundings;
  /** The services that start this very program, by their names. */
  readonly startedBy: readonly string[];
  /** Whether they have Python read it: it need not be executable then. */
  readonly isRead: boolean;
}

export interface KnownVersion {
  readonly version: string | undefined;
  readonly versionFrom: Evidence | undefined;
}

/** Every name that an agent has been packaged under. */
export const agentPackageNames = [
  'python3-nova-agent',
  'nova-agent',
  'python-nova-agent',
  'rax-nova-agent',
  'openstack-guest-agents-unix',
];

/** The package of that generation, which the name alone does not tell: "nova-agent" has been both. */
export function agentPackage(search: AgentSearch, generation: Agent['generation']): Package | undefined {
  const found = agentPackageNames.map((name) => search.installed.get(name));
  return found.find((one) => one !== undefined && generationOf(upstream(one.version)) === generation);
}

/** The version that the package database gives; `undefined` when no agent of that generation came as a package. */
export function packagedVersion(
  search: AgentSearch,
  generation: Agent['generation'],
): KnownVersion | undefined {
  const version = upstream(agentPackage(search, generation)?.version);
  if (version === undefined || !search.packageDatabase) return undefined;
  return { version, versionFrom: { path: search.packageDatabase } };
}

/** Without the packager's epoch and revision: "1:2.1.25-1~deb11u1" → "2.1.25". */
function upstream(version: string | undefined): string | undefined {
  return /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version ?? '')?.[1];
}

/** 1.x counted 0.0.1.37, 0.0.1.38, 1.39.0, 1.39.1; the rewrite began at 0.1. */
function generationOf(version: string | undefined): Agent['generation'] | undefined {
  if (version === undefined) return undefined;
  return /^(?:1\.|0\.0\.)/.test(version) ? 1 : 2;
}

/** `__version__ = '2.1.25'` in a package's `__init__.py`. */
export function sourceVersion(source: string | undefined): { version: string; line: number } | undefined {
  for (const [index, line] of (source ?? '').split('\n').entries()) {
    const version = /^__version__\s*=\s*(?:'([^']*)'|"([^"]*)")/.exec(line);
    if (version) return { version: version[1] ?? version[2] ?? '', line: index + 1 };
  }
  return undefined;
}
