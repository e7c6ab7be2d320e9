import { existsSync, readFileSync } from 'node:fs';

/**
 * The text of a file that comes with the package as it is. In the standalone executable another module of this name
 * takes the place of this one: `cli/standalone/package-file.ts`.
 * @param path - from the package's root
 */
export function packageText(path: string): string {
  return readFileSync(new URL(path, root()), 'utf8');
}

/** The nearest folder above this module, bundled or not, that has a package.json. */
function root(): URL {
  for (let folder = new URL('..', import.meta.url); ; folder = new URL('..', folder)) {
    if (existsSync(new URL('package.json', folder)) || folder.pathname === '/') return folder;
  }
}
