import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../base/errors.js';
import { run } from '../base/exec.js';
import type { Packages } from '../guest/packages.js';
import { formatOf } from './package-file.js';
import type { PackageSource } from './source.js';

/** The guest utilities, and what their RPMs are split into (xenserver/xe-guest-utilities on GitHub). */
const wantedName = /^xe-guest-utilities(?:-xenstore)?[-_]\d/;

/** One architecture as packages write it. The oldest tools call 32 bits i386 for every such processor. */
const alike: Readonly<Record<string, readonly string[]>> = {
  i386: ['i386', 'i486', 'i586', 'i686'],
  i686: ['i686', 'i586', 'i486', 'i386'],
};

/**
 * Finds the guest utilities' package for a guest in the tools ISO, which is read and not mounted, and takes it out.
 * @param folder - of the host, where it is put
 * @throws {ImageError} code `no-tools` when there is none for the guest; `missing-tool`, `program-failed`
 */
export async function toolsFromIso(
  iso: string,
  { manager, installed }: Packages,
  folder: string,
): Promise<PackageSource> {
  const list = await bsdtar('-tf', iso);
  const architecture = architectureOf(installed);
  const chosen = chooseTools(list.split('\n'), manager, architecture);
  if (chosen.length === 0) {
    throw new ImageError(
      'no-tools',
      `${iso} has no guest utilities for ${manager === 'none' ? 'a system without packages' : `${manager} on ${architecture}`}`,
    );
  }
  // A name is a pattern to bsdtar.
  await bsdtar('-xf', iso, '-C', folder, '--', ...chosen.map((name) => name.replace(/[\\*?[\]]/g, '\\$&')));
  const [path = '', ...also] = chosen.map((name) => join(folder, name));
  for (const each of [path, ...also])
    if (!(await lstat(each)).isFile()) throw new ImageError('no-tools', `${each} in ${iso} is not a file`);
  return { kind: 'file', path, also, format: formatOf(path) };
}

/** The names of the packages that fit, the utilities themselves first. */
export function chooseTools(
  names: readonly string[],
  manager: Packages['manager'],
  architecture: string,
): string[] {
  const suffix = manager === 'dpkg' ? 'deb' : manager;
  const candidates = names.filter((name) => {
    const base = name.slice(name.lastIndexOf('/') + 1);
    return wantedName.test(base) && base.endsWith(`.${suffix}`) && !name.split('/').includes('..');
  });
  for (const each of [...(alike[architecture] ?? [architecture]), 'all', 'noarch']) {
    const fitting = candidates.filter((name) =>
      name.endsWith(`${suffix === 'deb' ? '_' : '.'}${each}.${suffix}`),
    );
    const isMain = (name: string): boolean => !name.includes('-xenstore');
    if (fitting.some(isMain))
      return [...fitting.filter(isMain).slice(0, 1), ...fitting.filter((name) => !isMain(name)).slice(0, 1)];
  }
  return [];
}

/** Of the packages that every system has one of; they are never for all architectures. */
function architectureOf(installed: Packages['installed']): string {
  const telling = ['dpkg', 'rpm', 'glibc', 'libc6', 'bash', 'systemd', 'kernel', 'kernel-core'];
  const found = telling.map((name) => installed.get(name)?.architecture);
  return found.find((each) => each !== undefined && each !== 'all' && each !== 'noarch') ?? 'x86_64';
}

async function bsdtar(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run('bsdtar', args, { package: 'libarchive-tools' });
  if (exitCode === 0) return stdout;
  throw new ImageError('program-failed', `bsdtar failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}
