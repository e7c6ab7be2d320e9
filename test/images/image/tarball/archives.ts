import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  blockSize,
  field,
  gnuMagic,
  paddingOf,
  setChecksum,
  setNumber,
  setText,
  ustarMagic,
} from '../../../../images/image/tarball/header.js';
import { type PaxRecord, formatPax } from '../../../../images/image/tarball/pax.js';

/** An entry of a hand-made archive: header fields as they are written, so that they can be wrong. */
export interface Made {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly data?: string | Buffer;
  /** What the size field says; the data's length unless given. */
  readonly size?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly target?: string;
  readonly format?: 'ustar' | 'gnu' | 'v7';
  readonly pax?: readonly PaxRecord[];
  /** Changes the finished header, before its checksum is computed. */
  readonly patch?: (header: Buffer) => void;
  /** Blocks between header and data. */
  readonly extra?: Buffer;
}

/** The bytes of one entry. */
export function made(entry: Made): Buffer {
  const data = Buffer.from(entry.data ?? '');
  const header = Buffer.alloc(blockSize);
  setText(header, field.name, Buffer.from(entry.name).subarray(0, 100));
  setText(header, field.target, Buffer.from(entry.target ?? ''));
  setNumber(header, field.mode, entry.mode ?? 0o644);
  setNumber(header, field.uid, entry.uid ?? 0);
  setNumber(header, field.gid, entry.gid ?? 0);
  setNumber(header, field.size, entry.size ?? data.length);
  setNumber(header, field.mtime, entry.mtime ?? 1_000_000_000);
  header.write(entry.type ?? '0', field.type[0], 'latin1');
  if (entry.format === 'gnu') gnuMagic.copy(header, field.magic[0]);
  else if (entry.format !== 'v7') Buffer.concat([ustarMagic, Buffer.from('00')]).copy(header, field.magic[0]);
  entry.patch?.(header);
  setChecksum(header);
  const extension = entry.pax
    ? made({ name: 'PaxHeader', type: 'x', data: formatPax(entry.pax) })
    : Buffer.alloc(0);
  return Buffer.concat([
    extension,
    header,
    entry.extra ?? Buffer.alloc(0),
    data,
    Buffer.alloc(paddingOf(data.length)),
  ]);
}

/** A whole archive, ended as the standard wants it. */
export function archive(...entries: readonly Made[]): Buffer {
  return Buffer.concat([...entries.map(made), Buffer.alloc(2 * blockSize)]);
}

export function pax(values: Readonly<Record<string, string>>): PaxRecord[] {
  return Object.entries(values).map(([keyword, value]) => [keyword, Buffer.from(value)]);
}

/** An old GNU sparse file with one byte of data in each of its segments. */
export function oldSparse(name: string, segments: number, gap = 4096): { entry: Made; content: Buffer } {
  const offsets = Array.from({ length: segments }, (_, at) => (at + 1) * gap);
  const size = (segments + 2) * gap;
  const content = Buffer.alloc(size);
  const data = Buffer.alloc(segments, 'x');
  for (const offset of offsets) content[offset] = 0x78;
  const put = (block: Buffer, at: number, offset: number): void => {
    setNumber(block, [at, 12], offset);
    setNumber(block, [at + 12, 12], 1);
  };
  const rest = offsets.slice(4);
  const extra: Buffer[] = [];
  for (let at = 0; at < rest.length; at += 21) {
    const block = Buffer.alloc(blockSize);
    rest.slice(at, at + 21).forEach((offset, index) => {
      put(block, index * 24, offset);
    });
    if (at + 21 < rest.length) block[504] = 1;
    extra.push(block);
  }
  const patch = (header: Buffer): void => {
    offsets.slice(0, 4).forEach((offset, index) => {
      put(header, field.sparseMap[0] + index * 24, offset);
    });
    if (rest.length > 0) header[field.sparseMore[0]] = 1;
    setNumber(header, field.sparseSize, size);
  };
  return { entry: { name, type: 'S', data, format: 'gnu', patch, extra: Buffer.concat(extra) }, content };
}

/** A folder of its own for each test file, removed at its end. */
export class Scratch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hallmark-tarball-'));
  #count = 0;

  path(name = `${this.#count++}.tar`): string {
    return join(this.#folder, name);
  }

  file(bytes: Buffer, name?: string): string {
    const path = this.path(name);
    writeFileSync(path, bytes);
    return path;
  }

  get folder(): string {
    return this.#folder;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
