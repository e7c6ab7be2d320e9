import { closeSync, openSync, readSync } from 'node:fs';
import { ImageError } from '../base/errors.js';
import type { Packages } from '../guest/packages.js';
import type { FileSource, PackageFormat } from './source.js';

/** deb(5); rpm's lead, docs/manual/format.md; gzip, xz or plain tar for the release; ISO 9660's volume descriptor. */
const magics: readonly (readonly [PackageFormat, Buffer, number])[] = [
  ['deb', Buffer.from('!<arch>\ndebian-binary', 'latin1'), 0],
  ['rpm', Buffer.from([0xed, 0xab, 0xee, 0xdb]), 0],
  ['release', Buffer.from([0x1f, 0x8b]), 0],
  ['release', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), 0],
  ['release', Buffer.from('ustar', 'latin1'), 257],
  ['iso', Buffer.from('CD001', 'latin1'), 0x8001],
];

/**
 * Tells what a file of the host is by its first bytes.
 * @throws {ImageError} code `not-a-package`
 */
export function formatOf(path: string): PackageFormat {
  const head = Buffer.alloc(0x8001 + 5);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const [format] = magics.find(([, magic, at]) => head.subarray(at, at + magic.length).equals(magic)) ?? [];
  if (format !== undefined) return format;
  throw new ImageError('not-a-package', `${path} is neither a .deb, an .rpm, a tarball nor an ISO image`);
}

/**
 * @throws {ImageError} code `wrong-package` for a package of another kind than the guest's
 */
export function assertFormat(path: string, format: PackageFormat, manager: Packages['manager']): void {
  if (format === (manager === 'dpkg' ? 'deb' : manager)) return;
  const has = manager === 'none' ? 'no package manager' : manager;
  throw new ImageError('wrong-package', `${path} is a .${format}, and the image has ${has}`);
}

/** What to do about dependencies that a file has and the guest has not. */
export function missingHint({ repositoryOption }: FileSource): string {
  const first = 'Install what it needs in the image first';
  return repositoryOption === undefined
    ? `${first}.`
    : `${first}, or name a repository that has it (${repositoryOption}).`;
}
