import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../guests/parts.js';
import { sh } from './real-roots.js';
import { berkeleyOf } from './rpm-database.js';
import { plant } from './trees.js';

/** A package to be built by the real rpmbuild. */
export interface RpmPackage {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly files: Files;
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  /** Its %post scriptlet. */
  readonly post?: string;
}

/** Berkeley DB up to Enterprise Linux 8, SQLite since. */
export type RpmBackend = 'sqlite' | 'bdb';

/** What would change the files: they are laid down as they are given. */
const spec = ({ name, version, release, files, requires = [], provides = [], post }: RpmPackage): string => `
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binaries_in_noarch_packages_terminate_build 0
Name: ${name}
Version: ${version}
Release: ${release}
Summary: ${name}
License: none
BuildArch: noarch
AutoReqProv: no
${[...requires.map((each) => `Requires: ${each}`), ...provides.map((each) => `Provides: ${each}`)].join('\n')}
%description
${name}
%install
cp -a %{planted}/. %{buildroot}/
${post === undefined ? '' : `%post\n${post}\n`}
%files
${Object.keys(files)
  .map((path) => `"${path}"`)
  .join('\n')}
`;

/** Builds a package. @returns the path of the .rpm */
export function buildRpm(folder: string, what: RpmPackage): string {
  const root = join(folder, 'root');
  mkdirSync(folder, { recursive: true });
  plant(root, what.files);
  const file = join(folder, `${what.name}.spec`);
  writeFileSync(file, spec(what));
  sh('rpmbuild', '-bb', '--quiet', '--define', `_topdir ${folder}`, '--define', `planted ${root}`, file);
  return join(folder, 'RPMS/noarch', `${what.name}-${what.version}-${what.release}.noarch.rpm`);
}

/** Installs packages into a root with the real rpm, as a distribution's installer does. */
export function installRpms(root: string, packages: readonly string[]): void {
  sh('rpm', ...databaseOf(root), '--nodeps', '--noscripts', '--install', ...packages);
}

/**
 * Puts the database into the Berkeley DB file of old releases, which Debian's rpm neither writes nor reads: the
 * headers in it are rpm's own, as it exports them.
 */
export function toBerkeley(root: string): void {
  const exported = execFileSync('rpmdb', [...databaseOf(root), '--exportdb'], {
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const headers: Buffer[] = [];
  for (let at = 0; at < exported.length;) {
    const start = at + 8; // behind the magic of a header in a stream, which the database leaves out
    const end = start + 8 + 16 * exported.readUInt32BE(start) + exported.readUInt32BE(start + 4);
    headers.push(exported.subarray(start, end));
    at = end;
  }
  const folder = join(root, 'var/lib/rpm');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'Packages'), berkeleyOf(headers));
}

/** What the real rpm says is installed, of a database in SQLite. */
export function queryRpms(root: string): string[] {
  const format = '%{NAME} %{VERSION}-%{RELEASE}\\n';
  return sh('rpm', ...databaseOf(root), '-qa', '--queryformat', format)
    .trim()
    .split('\n')
    .sort();
}

/** Debian's rpm keeps its database in the home directory otherwise. */
function databaseOf(root: string): string[] {
  return [`--root=${root}`, '--dbpath=/var/lib/rpm', '--define', '_db_backend sqlite'];
}
