import type { FileHandle } from 'node:fs/promises';
import type { Duplex, Writable } from 'node:stream';
import { ImageError } from '../../base/errors.js';
import type { Filter } from '../../base/exec.js';
import { corrupt } from './corrupt.js';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz';

/** Bytes read from a file at once. More gains nothing, less costs trips through the thread pool. */
const readSize = 256 * 1024;

/** Bytes that zlib gives at once, each time in a new buffer: larger ones leave more garbage, for no gain. */
const zlibSize = 64 * 1024;

/** Host programs for what Node cannot do by itself, and the Debian package of each. */
const programs = {
  zstd: { program: 'zstd', decompress: ['-dcq'], compress: ['-qc', '-T0'], package: 'zstd' },
  xz: { program: 'xz', decompress: ['-dcq'], compress: ['-qc', '-T0'], package: 'xz-utils' },
} as const;

const signatures: readonly (readonly [name: string, magic: Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from('BZh')],
  ['lzip', Buffer.from('LZIP')],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['compress', Buffer.from([0x1f, 0x9d])],
  ['zip', Buffer.from('PK\x03\x04', 'latin1')],
];

/**
 * How a file is compressed, told by its first bytes (6 are enough), never by its name.
 * @throws {ImageError} code `unsupported` for a compression that is known but not read
 */
export function compressionOf(start: Buffer, archive: string): Compression {
  const name = signatures.find(([, magic]) => start.subarray(0, magic.length).equals(magic))?.[0];
  if (name === undefined) return isSkippableFrame(start) ? 'zstd' : 'none';
  if (name === 'gzip' || name === 'zstd' || name === 'xz') return name;
  throw new ImageError('unsupported', `${archive} is compressed with ${name}, which is not supported`, {
    hint: 'Pack it again as .tar, .tar.gz, .tar.zst or .tar.xz.',
  });
}

/** A zstd file may begin with a frame of something else (RFC 8878, 3.1.2), as pzstd's do. */
function isSkippableFrame(start: Buffer): boolean {
  return ((start[0] ?? 0) & 0xf0) === 0x50 && start.subarray(1, 4).equals(Buffer.from([0x2a, 0x4d, 0x18]));
}

/**
 * The decompressed bytes of an open file, from its start. A chunk is valid only until the next is asked for.
 * @throws {ImageError} code `corrupt` (naming the offset in the decompressed bytes) or `missing-tool`
 */
export async function* decompress(
  file: FileHandle,
  compression: Compression,
  archive: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  switch (compression) {
    case 'none':
      yield* read(file, signal);
      return;
    case 'gzip':
      yield* gunzip(file, archive, signal);
      return;
    case 'zstd':
    case 'xz':
      yield* throughProgram(file, compression, archive, signal);
      return;
  }
}

/** Into two buffers in turn: a chunk is valid until the next but one is asked for, which is what {@link feed} needs. */
async function* read(file: FileHandle, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let [buffer, other] = [Buffer.allocUnsafeSlow(readSize), Buffer.allocUnsafeSlow(readSize)];
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
    [buffer, other] = [other, buffer];
  }
}

/** What comes out of a filter that `bytes` go into. An error of theirs comes before one of the filter. */
async function* through(bytes: AsyncIterable<Buffer>, filter: Filter): AsyncGenerator<Buffer> {
  // A filter that gave up closes its input; its output or its exit code tells why, not the broken pipe.
  filter.stdin.on('error', () => undefined);
  let failure: { readonly error: unknown } | undefined;
  const fed = feed(bytes, filter.stdin).catch((error: unknown) => {
    failure = { error };
    filter.stop();
  });
  try {
    for await (const chunk of filter.stdout as AsyncIterable<Buffer>) yield chunk;
    await filter.done;
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    filter.stdin.destroy();
    filter.stop();
    await fed;
  }
}

/**
 * Writes chunks one at a time, while the next is being made: two buffers that take turns are enough for any length,
 * where a pipe would hold on to many.
 */
async function feed(bytes: AsyncIterable<Buffer>, stdin: Writable): Promise<void> {
  let taken = Promise.resolve(true);
  for await (const chunk of bytes) {
    if (!(await taken)) return;
    taken = write(stdin, chunk);
  }
  if (await taken) stdin.end();
}

/** @returns whether it was taken; `false` when the other end is closed */
function write(stdin: Writable, chunk: Buffer): Promise<boolean> {
  if (stdin.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const closed = (): void => {
      resolve(false);
    };
    stdin.once('close', closed);
    stdin.write(chunk, (error) => {
      stdin.off('close', closed);
      resolve(!error);
    });
  });
}

async function* gunzip(file: FileHandle, archive: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { createGunzip } = await import('node:zlib');
  const inflater = createGunzip({ chunkSize: zlibSize });
  let offset = 0;
  try {
    for await (const chunk of through(read(file, signal), asFilter(inflater))) {
      offset += chunk.length;
      yield chunk;
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw corrupt(archive, offset, `its gzip data cannot be decompressed (${error.message})`, error);
  }
  await refuseGarbage(file, inflater.bytesWritten, archive, offset);
}

function asFilter(zlib: Duplex): Filter {
  return { stdin: zlib, stdout: zlib, done: Promise.resolve(), stop: () => zlib.destroy() };
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

/** zlib stops at the end of the gzip data. gzip(1) lets zeros follow it, as they do on tapes. */
async function refuseGarbage(file: FileHandle, from: number, archive: string, offset: number): Promise<void> {
  const buffer = Buffer.alloc(readSize);
  for (let position = from; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0)) {
      throw corrupt(archive, offset, 'there is data after its gzip data');
    }
  }
}

async function* throughProgram(
  file: FileHandle,
  compression: 'zstd' | 'xz',
  archive: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const { program, decompress: args, package: packageName } = programs[compression];
  const child = await start(program, args, packageName, signal);
  let offset = 0;
  try {
    for await (const chunk of through(read(file, signal), child)) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImageError) || error.code !== 'program-failed') throw error;
    throw corrupt(
      archive,
      offset,
      `its ${compression} data cannot be decompressed (${error.message})`,
      error,
    );
  }
}

async function start(
  program: string,
  args: readonly string[],
  packageName: string,
  signal?: AbortSignal,
): Promise<Filter> {
  const { filter } = await import('../../base/exec.js');
  return filter(program, args, { package: packageName, signal });
}

/**
 * Compresses `bytes`, of which each chunk must be valid until the next but one is asked for. The same bytes give the same bytes: the gzip header has neither a time nor a name.
 * @throws {ImageError} code `missing-tool` or `program-failed`
 */
export async function* compress(
  bytes: AsyncIterable<Buffer>,
  compression: Compression,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (compression === 'none') {
    yield* bytes;
    return;
  }
  const filter = compression === 'gzip' ? await gzipFilter() : await compressorOf(compression, signal);
  try {
    yield* through(bytes, filter);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function compressorOf(compression: 'zstd' | 'xz', signal?: AbortSignal): Promise<Filter> {
  const { program, compress: args, package: packageName } = programs[compression];
  return start(program, args, packageName, signal);
}

async function gzipFilter(): Promise<Filter> {
  const { createGzip } = await import('node:zlib');
  return asFilter(createGzip({ level: 6, chunkSize: zlibSize }));
}
