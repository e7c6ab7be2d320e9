/** Header tags and types of rpm (rpmtag.h). */
const tags = { name: 1000, version: 1001, release: 1002, epoch: 1003, size: 1009, arch: 1022 } as const;
const int32 = 4;
const string = 6;

/** What a package's header says. */
export interface RpmHeader {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly arch?: string;
  readonly epoch?: number;
}

/** A package header as rpm's databases hold it: counts, an index sorted by tag, and the data. */
export function rpmHeader(header: RpmHeader): Buffer {
  const values: (readonly [number, string | number])[] = [
    [tags.name, header.name],
    [tags.version, header.version],
    [tags.release, header.release],
    ...(header.epoch === undefined ? [] : [[tags.epoch, header.epoch] as const]),
    [tags.size, 4096],
    ...(header.arch === undefined ? [] : [[tags.arch, header.arch] as const]),
    [9999, 'the last entry, which says nothing'],
  ];
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of values) {
    const bytes = Buffer.alloc(typeof value === 'number' ? 4 : Buffer.byteLength(value) + 1);
    if (typeof value === 'number') bytes.writeInt32BE(value);
    else bytes.write(value);
    index.push(words('BE', tag, typeof value === 'number' ? int32 : string, offset, 1));
    data.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([words('BE', index.length, offset), ...index, ...data]);
}

/** An ndb database (rpmpkg.c) of these headers. */
export function ndbOf(headers: readonly Buffer[]): Buffer {
  const slots = Buffer.concat([
    words('LE', 0x506d7052, 0, 1, 1, headers.length + 1, 0, 0, 0),
    ...Array.from({ length: 254 }, () => words('LE', 0x746f6c53, 0, 0, 0)),
  ]);
  const blobs: Buffer[] = [];
  let block = slots.length / 16;
  for (const [i, header] of headers.entries()) {
    const padding = Buffer.alloc((16 - ((header.length + 12) % 16)) % 16);
    const blob = Buffer.concat([
      words('LE', 0x53626c42, i + 1, 1, header.length),
      header,
      padding,
      words('LE', 0, header.length, 0x45626c42),
    ]);
    words('LE', 0x746f6c53, i + 1, block, blob.length / 16).copy(slots, 32 + 16 * i);
    blobs.push(blob);
    block += blob.length / 16;
  }
  return Buffer.concat([slots, ...blobs]);
}

const pageSize = 4096;

/**
 * A Berkeley DB hash file of these headers: rpm's counter and the keys on hash pages, each header on overflow pages.
 * @param hashPage - 13, or 2 as before Berkeley DB 4.6
 * @param hashPageLast - puts the one hash page at the end of the file
 */
export function berkeleyOf(headers: readonly Buffer[], { hashPage = 13, hashPageLast = false } = {}): Buffer {
  const overflow: Buffer[] = [];
  const firstOverflow = hashPageLast ? 1 : 2;
  const items: Buffer[] = [Buffer.from([1, 0, 0, 0, 0]), Buffer.from([1, headers.length, 0, 0, 0])];
  for (const [i, header] of headers.entries()) {
    const start = firstOverflow + overflow.length;
    for (let at = 0; at < header.length; at += pageSize - 26) {
      const part = header.subarray(at, at + pageSize - 26);
      const last = at + part.length === header.length;
      const page = pageOf(
        start + at / (pageSize - 26),
        last ? 0 : start + at / (pageSize - 26) + 1,
        1,
        part.length,
        7,
      );
      part.copy(page, 26);
      overflow.push(page);
    }
    const pointer = Buffer.concat([Buffer.from([3, 0, 0, 0]), words('LE', start, header.length)]);
    items.push(Buffer.concat([Buffer.from([1]), words('LE', i + 1)]), pointer);
  }
  const hashNumber = hashPageLast ? firstOverflow + overflow.length : 1;
  const hash = pageOf(hashNumber, 0, items.length, 0, hashPage);
  let end = pageSize;
  for (const [i, item] of items.entries()) {
    end -= item.length;
    item.copy(hash, end);
    hash.writeUInt16LE(end, 26 + 2 * i);
  }
  hash.writeUInt16LE(end, 22);
  const meta = pageOf(0, 0, 0, 0, 8);
  meta.writeUInt32LE(0x061561, 12);
  meta.writeUInt32LE(8, 16);
  meta.writeUInt32LE(pageSize, 20);
  meta[24] = 0;
  meta[25] = 8;
  meta.writeUInt32LE(1 + overflow.length, 32);
  meta.writeUInt32LE(headers.length + 1, 88);
  return Buffer.concat(hashPageLast ? [meta, ...overflow, hash] : [meta, hash, ...overflow]);
}

/** A page with its header: its number, the next one, how many items, where free space starts, its type. */
function pageOf(number: number, next: number, items: number, free: number, type: number): Buffer {
  const page = Buffer.alloc(pageSize);
  page.writeUInt32LE(number, 8);
  page.writeUInt32LE(next, 16);
  page.writeUInt16LE(items, 20);
  // Of an overflow page, the length of its part; the parser reads it as an offset.
  page.writeUInt16LE(free, 22);
  page[25] = type;
  return page;
}

function words(order: 'LE' | 'BE', ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) {
    if (order === 'LE') bytes.writeUInt32LE(value, 4 * i);
    else bytes.writeInt32BE(value, 4 * i);
  }
  return bytes;
}
