import { closeSync, openSync, readSync } from 'node:fs';
import { ImageError } from '../errors.js';

/** What a file that is to be installed is: a package, or a release of the 1.x agent with its own installer. */
export type PackageFormat = 'deb' | 'rpm' | 'release';

/** deb(5); rpm's lead, docs/manual/format.md; gzip, xz and zstd for the release; a plain tar has its name later on. */
const magics: readonly (readonly [PackageFormat, Buffer, number])[] = [
  ['deb', Buffer.from('!<arch>\ndebian-binary', 'latin1'), 0],
  ['rpm', Buffer.from([0xed, 0xab, 0xee, 0xdb]), 0],
  ['release', Buffer.from([0x1f, 0x8b]), 0],
  ['release', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), 0],
  ['release', Buffer.from('ustar', 'latin1'), 257],
];

/**
 * Tells what a file of the host is by its first bytes.
 * @throws {ImageError} code `not-a-package`
 */
export function formatOf(path: string): PackageFormat {
  const head = Buffer.alloc(512);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const [format] = magics.find(([, magic, at]) => head.subarray(at, at + magic.length).equals(magic)) ?? [];
  if (format !== undefined) return format;
  throw new ImageError('not-a-package', `${path} is neither a .deb, an .rpm nor a tarball`);
}
