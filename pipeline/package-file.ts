import { fileURLToPath } from 'node:url';

/**
 * The path of a file that comes with the package as it is.
 * @param path - from the package's root, which is two folders above this module, bundled or not
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
