import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Metadata } from '../checks/lib/check.js';
import type { Change } from '../images/image/image.js';
import { RepairError, systemCode } from '../images/base/errors.js';
import type { OpenKind } from '../images/sources/open.js';
import type { Destination } from './destination.js';
import type { Plan } from './plan.js';
import type { Request } from './request.js';

/** What was written. */
export interface Delivered {
  /** The image as it is now: the same path, or the output. */
  readonly path: string;
  /** The tarball that was written. */
  readonly output?: { readonly path: string; readonly sha256: string; readonly size: number };
  /** What a person should know, one line each. */
  readonly warnings: readonly string[];
}

/** What of a request says where to, and how. */
type Order = Pick<
  Request,
  'source' | 'name' | 'destination' | 'propertiesFolder' | 'stateDirectory' | 'signal'
>;

/**
 * Carries out a plan: on a directory as a transaction, on a tarball as a second pass into a new file. What the image's
 * properties should be is written beside it.
 * @throws {RepairError} when a file changed since it was read, or writing failed; the message says what there is now
 */
export async function deliver(kind: OpenKind, plan: Plan, order: Order): Promise<Delivered> {
  const { source, destination, propertiesFolder } = order;
  const delivered = await applyTo(source, kind, plan.changes, destination, order);
  if (plan.properties.length === 0 || propertiesFolder === undefined) return delivered;
  const written = await writeProperties(propertiesFolder, plan.context.metadata ?? {});
  return { ...delivered, warnings: [...delivered.warnings, ...written] };
}

async function applyTo(
  source: string,
  kind: OpenKind,
  changes: readonly Change[],
  destination: Destination,
  options: Order,
): Promise<Delivered> {
  if (kind === 'tarball') return deliverTarball(source, changes, destination, options);
  if (changes.length === 0) return { path: source, warnings: [] };
  const { apply } = await import('../images/write/apply.js');
  const { stateDirectory, signal, name = source } = options;
  const applied = await apply(source, changes, {
    source: name,
    stateDirectory,
    ...(signal ? { signal } : {}),
  });
  return { path: source, warnings: applied.warnings };
}

async function deliverTarball(
  source: string,
  changes: readonly Change[],
  destination: Destination,
  { signal, stateDirectory }: Order,
): Promise<Delivered> {
  const { writeTarball } = await import('../images/write/tarball/write.js');
  const interruptible = signal ? { signal } : {};
  if (destination.kind === 'file') {
    const written = await writeTarball(source, changes, destination.path, interruptible);
    return { path: destination.path, warnings: [], output: { path: destination.path, ...written } };
  }
  if (changes.length === 0) return { path: source, warnings: [] };
  const { assertInPlace, keepOriginal, lockTarball, ownPath, rememberReplacement, restoreOriginal } =
    await import('../images/write/tarball/original.js');
  const tarball = await ownPath(source);
  using _held = await lockTarball(tarball, stateDirectory);
  const original = await keepOriginal(tarball);
  let digest: string | undefined;
  try {
    const written = await writeTarball(original, changes, tarball, {
      ...interruptible,
      onWritten: async ({ sha256 }) => {
        digest = sha256;
        await rememberReplacement(tarball, sha256, stateDirectory);
        await assertInPlace(tarball);
      },
    });
    return {
      path: source,
      warnings: [`the original is kept as ${original}`],
      output: { path: source, ...written },
    };
  } catch (error) {
    await restoreOriginal(tarball, digest);
    throw error;
  }
}

/**
 * Writes the image's properties to `properties.json`, as `--metadata` takes them. One that says something else is kept
 * as `properties.json.old`.
 * @param folder - beside the output
 * @returns what a person should know, one line each
 * @throws {RepairError} code `unwritable`
 */
async function writeProperties(folder: string, properties: Metadata): Promise<string[]> {
  const path = join(folder, 'properties.json');
  const sorted = Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify(sorted, undefined, 2)}\n`;
  const { temporaryName } = await import('../images/write/tarball/temporary.js');
  const temporary = join(folder, temporaryName());
  try {
    await mkdir(folder, { recursive: true }); // the report's folder may not be there yet
    const former = await formerBytes(path);
    const said = `the image's properties are in ${path}`;
    if (former?.equals(Buffer.from(text))) return [said];
    await writeFile(temporary, text, { flag: 'wx', flush: true });
    const kept = former === undefined ? [] : [`what ${path} was before is kept as ${await keepFormer(path)}`];
    await rename(temporary, path);
    return [said, ...kept];
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to tell
    if (cause instanceof RepairError) throw cause;
    throw unwritable(path, systemCode(cause) ?? String(cause), cause);
  }
}

async function formerBytes(path: string): Promise<Buffer | undefined> {
  try {
    if (!(await stat(path)).isFile()) throw unwritable(path, 'it is no regular file');
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Keeps a file under a second name, where there is no other. @returns that name */
async function keepFormer(path: string): Promise<string> {
  const kept = `${path}.old`;
  try {
    await copyFile(path, kept, constants.COPYFILE_EXCL);
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw cause;
    throw unwritable(path, `it has other properties already, and so has ${kept}`, cause);
  }
  return kept;
}

function unwritable(path: string, reason: string, cause?: unknown): RepairError {
  return new RepairError('unwritable', `the image was repaired, but ${path} cannot be written: ${reason}`, {
    cause,
    hint: 'Run it again where it can: what was repaired stays so.',
  });
}

/** The folder that holds a path; of a bare name, the working directory. */
export const folderOf = (path: string): string => dirname(path);
