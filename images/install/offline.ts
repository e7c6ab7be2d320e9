import { ImageError } from '../base/errors.js';
import type { Packages } from '../guest/packages.js';
import type { Change, Image } from '../image/image.js';
import { makeWorkFolder } from '../sandbox/work-folder.js';
import type { PackageSource } from './source.js';
import { assertFormat, missingHint } from './package-file.js';

/**
 * The changes that install a package file without running any program of the guest: neither root nor the guest's
 * architecture is needed. Its scripts do not run; that its service is enabled is left to the repairs.
 * @throws {ImageError} code `wrong-package`, `not-installable` and others that say why it cannot be
 */
export async function offlineChanges(
  image: Image,
  manager: Packages['manager'],
  source: PackageSource,
): Promise<Change[]> {
  if (source.kind !== 'file' || source.format === 'release' || source.format === 'iso') {
    throw new ImageError('wrong-package', 'only a .deb or an .rpm can be installed without running anything');
  }
  const { path, format, also = [] } = source;
  assertFormat(path, format, manager);
  using work = makeWorkFolder();
  if (format === 'deb') {
    const { debChanges } = await import('./deb.js');
    return await debChanges(image, path, work.path, missingHint(source));
  }
  const { rpmChanges } = await import('./rpm.js');
  return await rpmChanges(image, [path, ...also], work.path, missingHint(source));
}
