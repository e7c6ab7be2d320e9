import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { project } from '../support/project.js';

let executable: string | undefined;

/** The standalone executable, made of what was compiled: once in a run of the tests. */
export function standalone(): string {
  if (executable === undefined) {
    execFileSync(process.execPath, ['standalone.config.js'], { cwd: project, stdio: 'pipe' });
    executable = join(project, 'dist/standalone/hallmark');
  }
  return executable;
}
