import { ImageError } from '../base/errors.js';
import type { Packages } from '../guest/packages.js';
import type { Image } from '../image/image.js';
import { type Installation, failedScriptlet, inOrder } from './installation.js';
import { accommodations, programIn } from './manager.js';

/**
 * How packages are removed from a guest, with their configuration, by its own package manager: dpkg(1), rpm(8). What others
 * need is not removed, and nothing is removed with them.
 * @throws {ImageError} code `no-package-manager`
 */
export async function removalOf(
  image: Image,
  manager: Packages['manager'],
  names: readonly string[],
): Promise<Installation> {
  const program = manager === 'none' ? undefined : await programIn(image, manager);
  if (program === undefined) {
    const why = manager === 'none' ? 'it has no package database' : `${manager} is not there`;
    throw new ImageError('no-package-manager', `the image cannot remove packages: ${why}`);
  }
  const command =
    manager === 'dpkg'
      ? { program, args: ['--purge', ...names] }
      : { program, args: ['--erase', '--allmatches', ...names], bad: failedScriptlet };
  return { binds: [], files: await accommodations(image, manager), steps: inOrder(command) };
}
