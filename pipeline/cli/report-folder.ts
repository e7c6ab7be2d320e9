import { dirname, resolve } from 'node:path';
import { assertFolder, refused, statOf } from '../../images/sources/writable.js';

/**
 * Whether a folder can be made and written to, asked before anything is opened; nothing is made yet.
 * @throws {UsageError} when it cannot, or is something else
 */
export async function assertReportFolder(folder: string): Promise<void> {
  if (folder === '') throw refused('--report is empty');
  let up = resolve(folder);
  while (!(await statOf(up)) && up !== dirname(up)) up = dirname(up);
  await assertFolder(up, '--report');
}
