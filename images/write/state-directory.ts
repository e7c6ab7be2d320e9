import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where journals of the running system are kept: file-hierarchy(7). */
export const hostStateDirectory = '/var/lib/hallmark';

/** Where journals of images are kept: `$XDG_STATE_HOME/hallmark` (XDG Base Directory Specification). */
export function userStateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const home = environment['XDG_STATE_HOME'];
  // The specification: a relative path there is invalid and to be ignored.
  return home && isAbsolute(home) ? join(home, 'hallmark') : join(homedir(), '.local/state/hallmark');
}
