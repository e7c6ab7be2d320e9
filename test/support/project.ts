import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the project, wherever this module was compiled to. */
export const project = ((): string => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

/** A file of the project, by its path from there: what tsc does not copy beside a compiled test. */
export const inProject = (path: string): string => join(project, path);

/** The command, as it is installed. */
export const program = inProject('dist/bin/main.js');
