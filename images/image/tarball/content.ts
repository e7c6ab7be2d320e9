import { corrupt, shown } from './corrupt.js';
import type { TarRecord } from './records.js';
import { SparseExpander } from './sparse.js';

/** Turns the stored data of a file into its content, holes filled with zeros. */
export interface ContentReader {
  push(data: Buffer): Iterable<Buffer>;
  end(): Iterable<Buffer>;
}

/** @param archive - what an error calls the archive */
export function contentReader(record: TarRecord, archive: string): ContentReader {
  if (!record.sparse) return plain;
  const { offset, name, sparse } = record;
  return new SparseExpander(sparse, (what) => corrupt(archive, offset, `the entry ${shown(name)} ${what}`));
}

const plain: ContentReader = { push: (data) => [data], end: () => [] };

/** Gathers the content of one file into memory. */
export class ContentBuffer {
  readonly #buffer: Buffer;
  readonly #reader: ContentReader;
  #length = 0;

  constructor(record: TarRecord, archive: string) {
    this.#buffer = Buffer.allocUnsafeSlow(record.size);
    this.#reader = contentReader(record, archive);
  }

  push(data: Buffer): void {
    for (const part of this.#reader.push(data)) this.#append(part);
  }

  end(): Buffer {
    for (const part of this.#reader.end()) this.#append(part);
    return this.#buffer;
  }

  #append(part: Buffer): void {
    part.copy(this.#buffer, this.#length);
    this.#length += part.length;
  }
}
