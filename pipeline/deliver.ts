import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metadata } from '../checks/lib/check.js';
import { RepairError, systemCode } from '../images/base/errors.js';
import type { Delivery } from '../images/sources/source.js';
import type { Plan } from './plan.js';
import type { Request } from './request.js';

/** What of a request says where to, and how. */
type Order = Pick<Request, 'source' | 'destination' | 'propertiesFolder' | 'signal'>;

/**
 * Carries out a plan: writes the image, and beside it what its properties should be.
 * @throws {RepairError} when a file changed since it was read, or writing failed; the message says what there is now
 */
export async function deliver(plan: Plan, order: Order): Promise<Delivery> {
  const { source, destination, propertiesFolder, signal } = order;
  const delivery = await source.deliver(plan.changes, destination, signal);
  if (plan.properties.length === 0 || propertiesFolder === undefined) return delivery;
  const written = await writeProperties(propertiesFolder, plan.context.metadata ?? {});
  return { ...delivery, warnings: [...delivery.warnings, ...written] };
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
    if (!(await stat(path)).isFile()) throw unwritable(path, 'it is not a regular file');
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
    throw unwritable(path, `it already has other properties, and so has ${kept}`, cause);
  }
  return kept;
}

function unwritable(path: string, reason: string, cause?: unknown): RepairError {
  return new RepairError('unwritable', `the image was repaired, but ${path} cannot be written: ${reason}`, {
    cause,
    hint: 'Run it again where it can be written; the repairs stay.',
  });
}
