import { isUtf8 } from 'node:buffer';
import { lstatSync, lutimesSync } from 'node:fs';
import { ImageError, RepairError } from '../base/errors.js';
import { run } from '../base/exec.js';
import type { ExtendedAttributes } from '../image/posix.js';

type Library = typeof import('@napi-rs/xattr');

/**
 * The extended attributes of what is at `at`; a link is not followed. None on a file system that knows none.
 * @param at - from `DirectoryHandles.at`
 * @throws {RepairError} code `unsupported-name` when the name is not UTF-8, which the system call's binding
 *   cannot express
 */
export async function readExtended(at: string | Buffer): Promise<ExtendedAttributes> {
  const library = await import('@napi-rs/xattr');
  const path = textOf(at);
  const attributes: Record<string, string> = {};
  for (const name of listNames(library, path).sort()) {
    const value = library.getAttributeSync(path, name);
    // A name that is not UTF-8 arrives mangled and then has no value: better no change than a lost attribute.
    if (!value) throw new RepairError('unsupported-name', `the extended attribute ${name} cannot be read`);
    attributes[name] = value.toString('base64');
  }
  return attributes;
}

/** Gives what is at `at` exactly these extended attributes, and touches none that is right already. */
export async function writeExtended(at: string | Buffer, wanted: ExtendedAttributes): Promise<void> {
  const now = await readExtended(at);
  const library = await import('@napi-rs/xattr');
  const path = textOf(at);
  for (const [name, value] of Object.entries(wanted)) {
    if (now[name] !== value) library.setAttributeSync(path, name, Buffer.from(value, 'base64'));
  }
  for (const name of Object.keys(now)) {
    if (!(name in wanted)) library.removeAttributeSync(path, name);
  }
}

/** Gives what is at `at` an extended attribute, unless it has it: with whatever value. */
export async function addExtended(at: string | Buffer, name: string, value: string): Promise<void> {
  if (name in (await readExtended(at))) return;
  const library = await import('@napi-rs/xattr');
  library.setAttributeSync(textOf(at), name, Buffer.from(value, 'base64'));
}

export function sameExtended(one: ExtendedAttributes, other: ExtendedAttributes): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** The number of a system error: the binding of the extended attributes gives it in its message only. */
export function errorNumber(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errno' in error && typeof error.errno === 'number') return Math.abs(error.errno);
  const [, number] = /\(os error (\d+)\)/.exec(error.message) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** A modification time to be set: nanoseconds since 1970. */
export interface Stamp {
  /** From `childOf` or `DirectoryHandles.at`; a link is not followed. */
  readonly at: string | Buffer;
  readonly modified: bigint;
}

/**
 * Sets modification times, exact to the nanosecond. Node.js knows microseconds only, which is enough for all
 * that came out of an archive (whole seconds); touch(1) sets the rest, one call for each distinct time.
 * @throws {ImageError} code `missing-tool` or `program-failed`
 */
export async function setModified(stamps: readonly Stamp[]): Promise<void> {
  const rest = new Map<bigint, string[]>();
  for (const { at, modified } of stamps) {
    if (setByNode(at, modified)) continue;
    const same = rest.get(modified) ?? [];
    same.push(textOf(at).replace('/proc/self/', `/proc/${process.pid}/`)); // self would be touch
    rest.set(modified, same);
  }
  for (const [modified, paths] of rest) {
    const options = ['--no-dereference', '--no-create', '-m', `--date=@${decimal(modified)}`];
    const { exitCode, stderr } = await run('touch', [...options, '--', ...paths], { package: 'coreutils' });
    if (exitCode !== 0)
      throw new ImageError('program-failed', `touch failed: ${stderr.trim().split('\n')[0] ?? ''}`);
  }
}

function setByNode(at: string | Buffer, modified: bigint): boolean {
  const now = lstatSync(at, { bigint: true });
  if (now.mtimeNs === modified) return true;
  if (modified < 0n || modified % 1000n !== 0n) return false;
  lutimesSync(at, Number(now.atimeNs / 1000n) / 1e6, Number(modified / 1000n) / 1e6);
  return lstatSync(at, { bigint: true }).mtimeNs === modified; // doubles round
}

/** Seconds with nine decimals, as touch(1) reads them; before 1970, too. */
function decimal(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const digits = (nanoseconds < 0n ? -nanoseconds : nanoseconds).toString().padStart(10, '0');
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const notSupported = 95; // EOPNOTSUPP

function listNames(library: Library, path: string): string[] {
  try {
    return library.listAttributesSync(path);
  } catch (error) {
    if (errorNumber(error) === notSupported) return [];
    throw error;
  }
}

function textOf(at: string | Buffer): string {
  if (typeof at === 'string') return at;
  if (!isUtf8(at)) {
    throw new RepairError(
      'unsupported-name',
      `a name that is not UTF-8 (${at.toString('latin1')}) cannot be kept exactly`,
    );
  }
  return at.toString('utf8');
}
