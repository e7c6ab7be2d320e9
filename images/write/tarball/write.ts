import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dated, sourceDate } from '../../base/clock.js';
import { ImageError, systemCode } from '../../base/errors.js';
import type { Change } from '../../image/image.js';
import { encode } from '../../base/text.js';
import { Archive } from '../../image/tarball/archive.js';
import { compress } from '../../image/tarball/compression.js';
import { type Edit, type Edits, planEdits } from './edits.js';
import { type Globals, type HeaderFields, changedHeader, labelOf } from './encode.js';
import { blockSize } from '../../image/tarball/header.js';
import { entryOf } from './new-entry.js';
import type { PaxRecord } from '../../image/tarball/pax.js';
import { RecordSplitter, type TarRecord } from '../../image/tarball/records.js';
import { clearLeftovers, temporaryName } from './temporary.js';

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** The time of whatever is written, in seconds since 1970; unless given, that of what it replaces or is put in. */
  readonly modified?: number | undefined;
  /** Told of the new file when it is whole and on the disk, before it takes its place. */
  readonly onWritten?: ((written: Written) => Promise<void>) | undefined;
}

export interface Written {
  /** Of the file as it lies there, compressed. */
  readonly sha256: string;
  readonly size: number;
}

/**
 * Writes an archive with changes: what they do not touch is copied as raw bytes, in its order; what they replace
 * keeps its name, owner, time and extended attributes as they are encoded. Additions come at the end, with the SELinux
 * label of the directory that they are in. The output is compressed as
 * the source is. It takes its place by a rename, so `output` may be `source`: until then the source is untouched, and
 * afterwards the output is whole.
 * @param changes - one a path, directories before what is in them
 * @throws {RepairError} code `changed` when something is not as a change expects it; nothing is written
 * @throws {ImageError} as for reading, `bad-change` when a change cannot be made there, or `unwritable`
 */
export async function writeTarball(
  source: string,
  changes: readonly Change[],
  output: string,
  options: WriteOptions = {},
): Promise<Written> {
  const { signal, modified = sourceDate() } = options;
  const archive = await Archive.open(source);
  try {
    const edits = await planEdits(archive, changes, signal);
    const bytes = rewritten(archive, edits, modified, signal);
    return await replaceFile(output, archive, compress(bytes, archive.compression, signal), options);
  } finally {
    await archive[Symbol.asyncDispose]();
  }
}

/** The archive's bytes with the edits made. */
async function* rewritten(
  archive: Archive,
  edits: Edits,
  modified: number | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const splitter = new RecordSplitter(archive.path);
  const blocks = new Blocks();
  const globals = new Map<string, Buffer>();
  const done = new Set<number>();
  const folders = new Set(edits.additions.map(({ folder }) => folder));
  const labels = new Map<number, readonly PaxRecord[]>();
  let copying = true;
  let trailer = 0;
  for await (const chunk of archive.chunks(signal)) {
    for (const event of splitter.push(chunk)) {
      if (event.kind === 'record') {
        const edit = edits.byRecord.get(event.record.offset);
        if (folders.has(event.record.offset)) labels.set(event.record.offset, labelOf(event.record));
        copying = !edit;
        if (!edit) yield* blocks.add(event.record.raw);
        else {
          done.add(event.record.offset);
          for await (const bytes of edited(archive, event.record, edit, modified, globals, signal))
            yield* blocks.add(bytes);
        }
      } else if (event.kind === 'data') {
        if (copying) yield* blocks.add(event.bytes);
      } else if (event.kind === 'close') {
        if (copying) yield* blocks.add(event.padding);
      } else if (event.kind === 'global') {
        for (const [keyword, value] of event.records) globals.set(keyword, value);
        yield* blocks.add(event.raw);
      } else trailer += event.bytes.length;
    }
  }
  splitter.end();
  if (done.size < edits.byRecord.size) throw changedMeanwhile(archive.path);
  for (const { change, mtime, folder } of edits.additions) {
    const name = edits.prefix + change.path.slice(1);
    const label = labels.get(folder);
    const time = modified ?? mtime;
    for await (const bytes of entryOf(dated(change, modified), name, undefined, time, globals, label))
      yield* blocks.add(bytes);
  }
  // Zeros as many as the source ends with; the two blocks of the standard at least.
  for (let left = Math.max(trailer, 2 * blockSize); left > 0; left -= zeros.length) {
    yield* blocks.add(zeros.subarray(0, left));
  }
  yield* blocks.flush();
}

const zeros = Buffer.alloc(64 * 1024);

async function* edited(
  archive: Archive,
  record: TarRecord,
  edit: Edit,
  modified: number | undefined,
  globals: Globals,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  switch (edit.kind) {
    case 'drop':
      return;
    case 'retarget':
      yield changedHeader(record, { target: encode(edit.target) }, globals);
      return;
    case 'materialise':
      yield* recordAt(archive, edit.file, { name: encode(record.name) }, globals, signal);
      return;
    case 'replace': {
      const former =
        edit.file === undefined ? record : await headerAt(archive, edit.file, record, globals, signal);
      const change = dated(edit.change, modified);
      const name = withoutSlash(record.name);
      yield* entryOf(change, name, former, timeOf(change, record, modified), globals);
      return;
    }
  }
}

/** A directory that stays keeps its time: what changes of it is its mode or its owner. */
function timeOf({ kind }: Change, record: TarRecord, modified: number | undefined): number {
  return kind === 'directory' && record.type === 'directory' ? record.mtime : (modified ?? record.mtime);
}

/** Copies a record from another place of the archive, under another name. */
async function* recordAt(
  archive: Archive,
  offset: number,
  fields: HeaderFields,
  globals: Globals,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const splitter = new RecordSplitter(archive.path);
  let copying = false;
  for await (const chunk of archive.chunks(signal)) {
    for (const event of splitter.push(chunk)) {
      if (event.kind === 'record' && event.record.offset === offset) {
        copying = true;
        yield changedHeader(event.record, fields, globals);
      } else if (copying && event.kind === 'data') yield event.bytes;
      else if (copying && event.kind === 'close') {
        yield event.padding;
        return;
      }
    }
  }
  throw changedMeanwhile(archive.path);
}

/** The header of the file that a hard link names, under the link's name: it has the extended attributes. */
async function headerAt(
  archive: Archive,
  offset: number,
  link: TarRecord,
  globals: Globals,
  signal?: AbortSignal,
): Promise<TarRecord> {
  let found: TarRecord | undefined;
  await archive.scan((event) => {
    if (event.kind !== 'record' || event.record.offset !== offset) return undefined;
    const raw = changedHeader(event.record, { name: encode(link.name), size: 0 }, globals);
    found = { ...event.record, raw, headerAt: raw.length - blockSize };
    return false;
  }, signal);
  if (!found) throw changedMeanwhile(archive.path);
  return found;
}

/** A directory's name ends with a slash, or several; that of what takes its place must not. */
function withoutSlash(name: string): string {
  let end = name.length;
  while (end > 1 && name[end - 1] === '/') end -= 1;
  return name.slice(0, end);
}

/**
 * Gathers small pieces into blocks of a size that is worth a trip to the compressor or the disk. Pieces are
 * copied, for the chunks they come from are used again. Two blocks take turns: one is valid until the next but one
 * is asked for, so that it can be compressed while the next is filled.
 */
class Blocks {
  static readonly #size = 256 * 1024;
  #block = Buffer.allocUnsafeSlow(Blocks.#size);
  #other = Buffer.allocUnsafeSlow(Blocks.#size);
  #used = 0;

  *add(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.#block, this.#used, at);
      at += copied;
      this.#used += copied;
      if (this.#used === Blocks.#size) yield* this.flush();
    }
  }

  *flush(): Generator<Buffer> {
    if (this.#used === 0) return;
    const full = this.#block.subarray(0, this.#used);
    this.#used = 0;
    [this.#block, this.#other] = [this.#other, this.#block];
    yield full;
  }
}

/** Writes a new file beside `output` and renames it into its place once it is whole and on the disk. */
async function replaceFile(
  output: string,
  archive: Archive,
  bytes: AsyncIterable<Buffer>,
  { signal, onWritten }: WriteOptions,
): Promise<Written> {
  const target = await followed(output);
  const folder = dirname(target);
  await clearLeftovers(folder);
  const temporary = join(folder, temporaryName());
  const file = await create(temporary, target);
  try {
    const written = await writeAll(file, bytes, signal);
    const { mode, uid, gid } = archive.attributes;
    // Only root can give a file away; anyone else owns what they write.
    if (process.getuid?.() === 0) await file.chown(uid, gid);
    await file.chmod(mode);
    await file.sync();
    await file.close();
    await archive.assertUnchanged();
    await onWritten?.(written);
    signal?.throwIfAborted();
    await rename(temporary, target);
    await syncDirectory(folder);
    return written;
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw unwritable(target, error);
  }
}

async function writeAll(
  file: FileHandle,
  bytes: AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<Written> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    hash.update(chunk);
    for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size };
}

async function create(path: string, target: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    throw unwritable(target, error);
  }
}

/** Where a link to the output leads, so that the file is replaced and the link stays. */
async function followed(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    // A rename would put the archive in the place of a device as readily.
    if (!(await stat(target)).isFile()) throw new ImageError('unwritable', `${path} is not a regular file`);
    return target;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return path;
    throw unwritable(path, error);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A failed write as an error of one line; anything else as it is. */
function unwritable(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof ImageError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new ImageError('unwritable', `cannot write ${path}: ${code}`, { cause: error });
}

function changedMeanwhile(archive: string): ImageError {
  return new ImageError('changed', `${archive} was changed while it was read`, {
    hint: 'Run the command again.',
  });
}
