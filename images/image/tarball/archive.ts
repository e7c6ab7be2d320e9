import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { ImageError, systemCode } from '../../base/errors.js';
import { type Compression, compressionOf, decompress } from './compression.js';
import { type TarEvent, RecordSplitter } from './records.js';

/**
 * An archive on the host, open for as many passes as it takes. All of them read the one file that was opened,
 * even when another is renamed into its place meanwhile.
 */
export class Archive implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #stats: BigIntStats;

  private constructor(
    readonly path: string,
    readonly compression: Compression,
    file: FileHandle,
    stats: BigIntStats,
  ) {
    this.#file = file;
    this.#stats = stats;
  }

  /** @throws {ImageError} when it is missing, not a regular file, empty, or of an unsupported compression */
  static async open(path: string): Promise<Archive> {
    const file = await openFile(path);
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new ImageError('not-a-file', `${path} is not a regular file`);
      if (stats.size === 0n) throw new ImageError('corrupt', `${path} is empty`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
      return new Archive(path, compressionOf(buffer.subarray(0, bytesRead), path), file, stats);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Permission bits and owner of the archive itself. */
  get attributes(): { readonly mode: number; readonly uid: number; readonly gid: number } {
    return {
      mode: Number(this.#stats.mode) & 0o777,
      uid: Number(this.#stats.uid),
      gid: Number(this.#stats.gid),
    };
  }

  /** A pass over the decompressed bytes. A chunk is valid only until the next is asked for. */
  chunks(signal?: AbortSignal): AsyncGenerator<Buffer> {
    return decompress(this.#file, this.compression, this.path, signal);
  }

  /**
   * A pass over the records.
   * @param visit - is given each event as it comes, and ends the pass with `false`
   * @throws {ImageError} code `corrupt`, or `changed` when the file was written to since it was opened
   */
  async scan(visit: (event: TarEvent) => boolean | undefined, signal?: AbortSignal): Promise<void> {
    try {
      await this.#scan(visit, signal);
    } catch (error) {
      // What looks like damage may be the result of a write during the pass.
      await this.assertUnchanged();
      throw error;
    }
    await this.assertUnchanged();
  }

  async #scan(visit: (event: TarEvent) => boolean | undefined, signal?: AbortSignal): Promise<void> {
    const splitter = new RecordSplitter(this.path);
    for await (const chunk of this.chunks(signal)) {
      for (const event of splitter.push(chunk)) if (visit(event) === false) return;
    }
    splitter.end();
  }

  /** @throws {ImageError} code `changed` when the file was written to since it was opened */
  async assertUnchanged(): Promise<void> {
    const now = await this.#file.stat({ bigint: true });
    if (now.size === this.#stats.size && now.mtimeNs === this.#stats.mtimeNs) return;
    throw new ImageError('changed', `${this.path} was changed while it was read`, {
      hint: 'Run the command again.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK the open of a FIFO would wait for ever.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') throw new ImageError('missing', `${path} does not exist`, { cause });
    throw new ImageError('unreadable', `cannot open ${path}: ${code ?? String(cause)}`, { cause });
  }
}
