import { blockSize, bytesOf, field, numberOf } from './header.js';
import type { PaxRecord } from './pax.js';

/**
 * Sparse files, as GNU tar stores them: the data without its holes, and a map that says where it belongs. There
 * are four ways to store the map ("Storing Sparse Files" in the manual of GNU tar): in the header and blocks
 * after it (old GNU), as repeated PAX records (0.0), as one record (0.1), or at the start of the data (1.0).
 */
export interface Sparse {
  /** Bytes of the file with its holes. */
  readonly size: number;
  /** What the stored data is, in order; undefined when the data itself begins with the map (PAX 1.0). */
  readonly map: readonly Segment[] | undefined;
}

export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** Segments in a map that heads the data; far more than a file of any sense has. */
const maxSegments = 1_000_000;

/** Segments in an extension block of the old GNU format. */
const extensionSegments: [number, number] = [0, 504];

/** Whether another extension block follows this header or extension block. */
export function moreFollows(block: Buffer, isHeader: boolean): boolean {
  return block[isHeader ? field.sparseMore[0] : extensionSegments[1]] !== 0;
}

/** The map of an old GNU sparse file. @param blocks - header and extension blocks @returns undefined when malformed */
export function oldGnuSparse(header: Buffer, extensions: Buffer): Sparse | undefined {
  const size = numberOf(header, field.sparseSize);
  const map: Segment[] = [];
  const areas = [bytesOf(header, field.sparseMap)];
  for (let at = 0; at < extensions.length; at += blockSize) {
    areas.push(bytesOf(extensions.subarray(at), extensionSegments));
  }
  for (const area of areas) {
    for (let at = 0; at + 24 <= area.length && area[at] !== 0; at += 24) {
      const offset = numberOf(area, [at, 12]);
      const length = numberOf(area, [at + 12, 12]);
      if (offset === undefined || length === undefined) return undefined;
      map.push({ offset, length });
    }
  }
  return size === undefined || size < 0 ? undefined : { size, map };
}

/**
 * What PAX records say of a sparse file: undefined when it is none, 'malformed' when they make no sense.
 */
export function paxSparse(records: readonly PaxRecord[]): Sparse | 'malformed' | undefined {
  const last = new Map<string, string>();
  const numbers: number[] = [];
  for (const [keyword, value] of records) {
    if (!keyword.startsWith('GNU.sparse.')) continue;
    const text = value.toString('latin1');
    if (keyword === 'GNU.sparse.offset' || keyword === 'GNU.sparse.numbytes') numbers.push(decimal(text));
    else last.set(keyword.slice('GNU.sparse.'.length), text);
  }
  if (last.size === 0 && numbers.length === 0) return undefined;
  const size = decimal(last.get('realsize') ?? last.get('size') ?? '');
  if (Number.isNaN(size)) return 'malformed';
  const major = last.get('major');
  if (major !== undefined)
    return major === '1' && last.get('minor') === '0' ? { size, map: undefined } : 'malformed';
  const list = last.get('map');
  const map = segmentsOf(list === undefined ? numbers : list === '' ? [] : list.split(',').map(decimal));
  return map ? { size, map } : 'malformed';
}

function segmentsOf(numbers: readonly number[]): Segment[] | undefined {
  if (numbers.length % 2 !== 0 || numbers.some(Number.isNaN)) return undefined;
  const map: Segment[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    map.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  return map;
}

function decimal(text: string): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

const zeros = Buffer.alloc(64 * 1024);

/** Turns the stored data of a sparse file into its content, piece by piece. */
export class SparseExpander {
  #map: readonly Segment[] | undefined;
  /** The map's text at the start of the data, as far as it has come. */
  #head = Buffer.alloc(0);
  #segment = 0;
  #within = 0;
  #position = 0;

  /** @param fail - makes the error that says what is wrong with the map */
  constructor(
    readonly sparse: Sparse,
    readonly fail: (what: string) => Error,
  ) {
    if (sparse.map) this.#use(sparse.map);
  }

  /** Takes stored data, gives content. */
  *push(data: Buffer): Generator<Buffer> {
    let bytes = data;
    if (!this.#map) {
      this.#head = Buffer.concat([this.#head, data]);
      const head = this.#parseHead();
      if (!head) return;
      this.#use(head.map);
      bytes = this.#head.subarray(head.length);
      this.#head = Buffer.alloc(0);
    }
    while (bytes.length > 0) {
      const segment = this.#next();
      if (!segment) throw this.fail('has more data than its sparse map says');
      yield* this.#zerosUntil(segment.offset);
      const part = bytes.subarray(0, segment.length - this.#within);
      yield part;
      this.#position += part.length;
      this.#within += part.length;
      bytes = bytes.subarray(part.length);
    }
  }

  /** The hole at the end. */
  *end(): Generator<Buffer> {
    if (!this.#map || this.#next()) throw this.fail('has less data than its sparse map says');
    yield* this.#zerosUntil(this.sparse.size);
  }

  #use(map: readonly Segment[]): void {
    let end = 0;
    for (const { offset, length } of map) {
      if (offset < end || offset + length > this.sparse.size)
        throw this.fail('has a sparse map out of order or bounds');
      end = offset + length;
    }
    this.#map = map;
  }

  #next(): Segment | undefined {
    let segment = this.#map?.[this.#segment];
    while (segment && this.#within >= segment.length) {
      this.#segment += 1;
      this.#within = 0;
      segment = this.#map?.[this.#segment];
    }
    return segment;
  }

  *#zerosUntil(end: number): Generator<Buffer> {
    while (this.#position < end) {
      const hole = zeros.subarray(0, Math.min(zeros.length, end - this.#position));
      this.#position += hole.length;
      yield hole;
    }
  }

  /** PAX 1.0: the number of segments and their offsets and lengths, a line each, filled up to whole blocks. */
  #parseHead(): { map: Segment[]; length: number } | undefined {
    const lines = this.#head.toString('latin1').split('\n');
    if (lines.length < 2) {
      this.#refuseLongHead(0);
      return undefined;
    }
    const count = decimal(lines[0] ?? '');
    if (Number.isNaN(count) || count > maxSegments) throw this.fail('has a malformed sparse map');
    if (lines.length - 1 < 1 + 2 * count) {
      this.#refuseLongHead(count);
      return undefined;
    }
    const used = lines.slice(0, 1 + 2 * count);
    const map = segmentsOf(used.slice(1).map(decimal));
    if (!map) throw this.fail('has a malformed sparse map');
    const text = used.reduce((sum, line) => sum + line.length + 1, 0);
    const length = Math.ceil(text / blockSize) * blockSize;
    return this.#head.length < length ? undefined : { map, length };
  }

  /** Without this, data without any map would be read to its end. */
  #refuseLongHead(count: number): void {
    if (this.#head.length > 64 + count * 40) throw this.fail('has a malformed sparse map');
  }
}
