import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assertFolder, refused, statOf } from '../../images/sources/writable.js';
import type { Report } from '../report/report.js';
import { OutputError } from './terminal.js';

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

/**
 * Writes a report in every format: each takes the place of an older one by a rename, once all are complete.
 * @throws {OutputError} when they cannot be written; what the disk had no space for is as it was
 */
export async function writeReports(report: Report, folder: string): Promise<void> {
  const { renderAll } = await import('../report/index.js');
  const { clearLeftovers, temporaryName } = await import('../../images/write/tarball/temporary.js');
  const texts = await renderAll(report);
  const written: (readonly [temporary: string, path: string])[] = [];
  try {
    await mkdir(folder, { recursive: true });
    await clearLeftovers(folder);
    for (const [name, text] of texts) {
      const temporary = join(folder, temporaryName());
      written.push([temporary, join(folder, name)]);
      await writeFile(temporary, text, { flag: 'wx' });
    }
    for (const [temporary, path] of written) await rename(temporary, path);
  } catch (cause) {
    for (const [temporary] of written) await rm(temporary, { force: true }).catch(() => undefined); // the first error counts
    throw new OutputError({ folder }, cause);
  }
}

/**
 * Takes away the reports of an earlier run, which nothing could be written in the place of: a full disk lets itself be
 * emptied.
 * @throws {OutputError} when not even that can be done
 */
export async function removeReports(folder: string): Promise<void> {
  const { reporters } = await import('../report/index.js');
  try {
    for (const { fileName } of Object.values(reporters)) await rm(join(folder, fileName), { force: true });
  } catch (cause) {
    throw new OutputError({ folder }, cause);
  }
}
