import { ImageError } from '../errors.js';
import type { Packages } from '../guest/packages.js';
import type { GuestPath, Image } from '../image.js';
import { type Installation, failedScriptlet, inOrder } from './installation.js';
import { accommodations } from './manager.js';

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
  const paths: readonly GuestPath[] = [`/usr/bin/${manager}`, `/bin/${manager}`];
  for (const program of paths) {
    if (manager === 'none' || (await image.stat(program))?.type !== 'file') continue;
    const command =
      manager === 'dpkg'
        ? { program, args: ['--purge', ...names] }
        : { program, args: ['--erase', '--allmatches', ...names], bad: failedScriptlet };
    return { binds: [], files: await accommodations(image, manager), steps: inOrder(command) };
  }
  const why = manager === 'none' ? 'it has no package database' : `${manager} is not there`;
  throw new ImageError('no-package-manager', `the image cannot remove packages: ${why}`);
}
