import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError, systemCode } from '../base/errors.js';

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
      throw refused(`--output is the image itself: ${output}`, 'Use --in-place to replace it.');
    }
    if (there.isDirectory()) throw refused(`--output is a directory: ${output}`, 'Name the file to write.');
    if (!there.isFile()) throw refused(`--output is not a regular file: ${output}`);
  }
  await assertFolder(dirname(resolve(output)), '--output');
}

/**
 * @param option - of the command line, that names it
 * @throws {UsageError} when a folder is missing, is something else, or may not be written to
 */
export async function assertFolder(folder: string, option: string): Promise<void> {
  const there = await statOf(folder);
  if (!there) throw refused(`${option}: there is no directory ${folder}`, 'Make it first.');
  if (!there.isDirectory()) throw refused(`${option}: ${folder} is not a directory`);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw refused(`${option}: ${folder} is not writable (${systemCode(cause) ?? String(cause)})`);
  }
}

/** What is at a path; undefined when nothing is. @throws {UsageError} when that cannot be seen */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return undefined;
    throw refused(`cannot look at ${path}: ${code ?? String(cause)}`);
  }
}

/** A place that nothing can be written to. */
export function refused(message: string, hint?: string): UsageError {
  return new UsageError('bad-destination', message, hint === undefined ? {} : { hint });
}
