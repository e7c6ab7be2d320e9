import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { program, project } from '../support/project.js';

const executable = join(project, 'dist/standalone/hallmark');

/** Every build writes the command anew, after all that the executable is made of but these. */
const madeOf = [program, join(project, 'standalone.config.js'), join(project, 'package.json')];

/** The standalone executable, made of what was compiled: once after each build, for all files of tests. */
export function standalone(): string {
  const isMade =
    existsSync(executable) && madeOf.every((file) => statSync(file).mtimeMs < statSync(executable).mtimeMs);
  if (!isMade) execFileSync(process.execPath, ['standalone.config.js'], { cwd: project, stdio: 'pipe' });
  return executable;
}
