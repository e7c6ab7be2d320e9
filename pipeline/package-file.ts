import { readFileSync } from 'node:fs';

/**
 * The text of a file that comes with the package as it is. In the standalone executable another module of this name
 * takes the place of this one: `standalone/package-file.ts`.
 * @param path - from the package's root, which is two folders above this module, bundled or not
 */
export function packageText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
