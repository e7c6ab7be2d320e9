import { createHash } from 'node:crypto';
import { type Stats, createReadStream } from 'node:fs';
import { link, lstat, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '../../base/sha256.js';
import { RepairError, UsageError, systemCode } from '../../base/errors.js';
import { lock } from '../lock.js';

/**
 * A tarball that is replaced in place keeps its original beside it, under this name, until `undo` puts it back or a
 * person removes it. Everything here takes the tarball's own path, not that of a link to it: see {@link ownPath}.
 */
const originalOf = (tarball: string): string => `${tarball}.before-hallmark`;

/** Where a link to a tarball leads: a second name of the link would keep nothing of the tarball. */
export const ownPath = (tarball: string): Promise<string> => realpath(tarball);

/**
 * Keeps two runs off one tarball, and shows before anything is written whether what was done can be remembered.
 * @throws {RepairError} code `locked`, or `journal-failed` when the state directory cannot be written to
 */
export async function lockTarball(tarball: string, stateDirectory: string): Promise<Disposable> {
  try {
    await mkdir(join(stateDirectory, 'tarballs'), { recursive: true, mode: 0o700 });
    return await lock(stateDirectory, tarball);
  } catch (cause) {
    if (cause instanceof RepairError) throw cause;
    throw new RepairError(
      'journal-failed',
      `cannot keep a journal in ${stateDirectory}: ${systemCode(cause) ?? String(cause)}; nothing was changed`,
      { cause, hint: 'Set XDG_STATE_HOME to a directory that is writable and has room.' },
    );
  }
}

/**
 * Whether the original could be kept, asked before anything is opened.
 * @throws {UsageError} code `original-kept` when there is another file of that name
 */
export async function assertNoneKept(tarball: string): Promise<void> {
  const original = originalOf(tarball);
  if ((await statOf(original)) === undefined || (await isOneFile(tarball, original))) return;
  throw new UsageError('original-kept', stillThere(original), { hint: howToGoOn(tarball) });
}

const stillThere = (original: string): string => `${original} is still there from an earlier run`;

const howToGoOn = (tarball: string): string =>
  `Run "hallmark undo ${tarball}", or remove it to keep the repaired image.`;

/**
 * Gives the tarball a second name, so that replacing it by rename loses nothing.
 * @returns that name
 * @throws {RepairError} code `original-kept` when another file has got that name meanwhile, or `unwritable` when the
 *   tarball cannot have one
 */
export async function keepOriginal(tarball: string): Promise<string> {
  const original = originalOf(tarball);
  try {
    await link(tarball, original);
  } catch (cause) {
    const code = systemCode(cause);
    if (code !== 'EEXIST') {
      throw new RepairError(
        'unwritable',
        `cannot keep the original as ${original}: ${code ?? String(cause)}; nothing was changed`,
        { cause, hint: 'Write the repaired tarball somewhere else with --output FILE.' },
      );
    }
    // A run that was killed before it replaced anything left both names with the one file.
    if (await isOneFile(tarball, original)) return original;
    throw new RepairError('original-kept', `${stillThere(original)}; nothing was changed`, {
      cause,
      hint: howToGoOn(tarball),
    });
  }
  return original;
}

/**
 * The last thing to be asked before the tarball is replaced: what was renamed into its place meanwhile is somebody's.
 * @throws {RepairError} code `changed`
 */
export async function assertInPlace(tarball: string): Promise<void> {
  if (!(await isOneFile(tarball, originalOf(tarball)))) throw await replacedMeanwhile(tarball);
}

/**
 * Takes the second name away again, and the tarball back to what it was, wherever the replacing stopped.
 * @param written - the digest of what the tarball was, or was to be, replaced by; undefined when it did not come to it
 * @throws {RepairError} code `changed` when there is something else in its place, which stays there
 */
export async function restoreOriginal(tarball: string, written: string | undefined): Promise<void> {
  const original = originalOf(tarball);
  if (await isOneFile(tarball, original)) {
    await rm(original);
    return;
  }
  if (written === undefined || !(await isStill(tarball, written))) throw await replacedMeanwhile(tarball);
  await rename(original, tarball);
}

async function replacedMeanwhile(tarball: string): Promise<RepairError> {
  const original = originalOf(tarball);
  const kept = (await statOf(original)) !== undefined;
  return new RepairError(
    'changed',
    kept
      ? `${tarball} was replaced by another program meanwhile and left alone`
      : `${original} was removed meanwhile; ${tarball} was left alone`,
    kept ? { hint: `The image that you wanted to repair is kept as ${original}.` } : {},
  );
}

/** Whether a file is what Hallmark wrote, and no other took its place while that was being looked at. */
async function isStill(tarball: string, digest: string): Promise<boolean> {
  const before = await statOf(tarball);
  if (!before?.isFile() || (await digestOf(tarball)) !== digest) return false;
  const now = await statOf(tarball);
  return before.dev === now?.dev && before.ino === now.ino && before.mtimeMs === now.mtimeMs;
}

/**
 * Remembers what the tarball is about to be replaced by: `undo` must not destroy what somebody made of it since. It
 * is remembered first, so that a run that is killed in between can still be taken back.
 */
export async function rememberReplacement(
  tarball: string,
  digest: string,
  stateDirectory: string,
): Promise<void> {
  const record = recordOf(tarball, stateDirectory);
  await mkdir(dirname(record), { recursive: true, mode: 0o700 });
  await writeFile(`${record}.new`, digest, { mode: 0o600, flush: true });
  await rename(`${record}.new`, record);
}

/**
 * Puts the original of a tarball that was repaired in place back.
 * @throws {RepairError} code `nothing-to-undo`, or `changed` when the tarball is no longer what Hallmark wrote
 */
export async function putOriginalBack(tarball: string, stateDirectory: string): Promise<void> {
  const original = originalOf(tarball);
  const record = recordOf(tarball, stateDirectory);
  if (await isOneFile(tarball, original)) {
    await rm(original);
    await rm(record, { force: true });
    return;
  }
  const written = await textOf(record);
  if (written === undefined || (await statOf(original)) === undefined) {
    throw new RepairError(
      'nothing-to-undo',
      `${tarball} was not repaired in place, or its original is gone; nothing was changed`,
      {
        hint: '--output never changes the image that you name.',
      },
    );
  }
  if (!(await isStill(tarball, written))) {
    throw new RepairError('changed', `${tarball} was changed since it was repaired; nothing was done`, {
      hint: `The original is ${original}.`,
    });
  }
  await rename(original, tarball);
  await rm(record);
}

async function isOneFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await statOf(one), await statOf(other)];
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(absentAs(undefined));
}

function recordOf(tarball: string, stateDirectory: string): string {
  return join(stateDirectory, 'tarballs', sha256(Buffer.from(tarball)));
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(absentAs(undefined));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (systemCode(error) === 'ENOENT') return value;
    throw error;
  };
}
