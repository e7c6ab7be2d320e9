import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError, systemCode } from '../images/base/errors.js';

/** Where a repaired image goes. */
export type Destination = { readonly kind: 'in-place' } | { readonly kind: 'file'; readonly path: string };

/**
 * Whether a tarball can be written there, asked before anything is opened. A file that is there will be replaced by
 * a rename; a device, which a rename would replace as readily, and the image itself will not.
 * @param output - as the user named it; a link is followed
 * @throws {UsageError} when it is the image by whatever name, no regular file, or in a folder that is missing or may
 *   not be written to
 */
export async function assertWritable(output: string, source: string): Promise<void> {
  if (output === '') throw refused('--output is empty');
  const there = await statOf(output);
  if (there) {
    const image = await statOf(source);
    if (there.dev === image?.dev && there.ino === image.ino) {
      throw refused(`--output is the image itself: ${output}`, 'Say --in-place to replace it.');
    }
    if (there.isDirectory()) throw refused(`--output is a directory: ${output}`, 'Name the file to write.');
    if (!there.isFile()) throw refused(`--output is no regular file: ${output}`);
  }
  await assertFolder(dirname(resolve(output)), '--output');
}

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

async function assertFolder(folder: string, option: string): Promise<void> {
  const there = await statOf(folder);
  if (!there) throw refused(`${option}: there is no folder ${folder}`, 'Make it first.');
  if (!there.isDirectory()) throw refused(`${option}: ${folder} is no folder`);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw refused(`${option}: ${folder} may not be written to (${systemCode(cause) ?? String(cause)})`);
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return undefined;
    throw refused(`cannot look at ${path}: ${code ?? String(cause)}`);
  }
}

function refused(message: string, hint?: string): UsageError {
  return new UsageError('bad-destination', message, hint === undefined ? {} : { hint });
}
