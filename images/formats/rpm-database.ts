import type { PackageInfo } from '@snyk/rpm-parser/dist/rpm/types.js';

/** The three formats that rpm has kept its database in: Berkeley DB, its own "ndb", SQLite. */
export type RpmDatabaseFormat = 'bdb' | 'ndb' | 'sqlite';

/** A package as the database has it; the version is `[epoch:]version-release`. */
export interface RpmRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
}

/**
 * Every package of an rpm database. The parser below it answers as well as it can and leaves out what it cannot
 * read; here every record that the database holds must come out, since a package that was skipped would pass
 * for one that is not installed.
 * @throws {Error} saying why the database cannot be read, or that it is empty
 */
export async function readRpmDatabase(
  format: RpmDatabaseFormat,
  bytes: Buffer,
): Promise<readonly RpmRecord[]> {
  const parser = await import('@snyk/rpm-parser');
  const { records, result } = await parse(parser, format, bytes);
  if (records === 0) throw new Error('it lists no packages');
  if (result.error) throw new Error(oneLine(result.error), { cause: result.error });
  // Its declared type hides that an unreadable record of an SQLite database is undefined.
  const packages = (result.response as (PackageInfo | undefined)[]).filter((one) => one !== undefined);
  const total = records ?? result.response.length;
  if (packages.length !== total)
    throw new Error(`${total - packages.length} of its ${total} records cannot be read`);
  if (packages.length === 0) throw new Error('it lists no packages');
  return packages.map((one) => ({
    name: one.name,
    version: parser.formatRpmPackageVersion(one),
    architecture: one.arch === '' || one.arch === '(none)' ? undefined : one.arch,
  }));
}

type Parser = typeof import('@snyk/rpm-parser');

async function parse(
  parser: Parser,
  format: RpmDatabaseFormat,
  bytes: Buffer,
): Promise<{ records?: number; result: Awaited<ReturnType<Parser['getPackages']>> }> {
  switch (format) {
    case 'bdb': {
      const database = prepareBerkeley(bytes);
      return { records: database.records, result: await parser.getPackages(database.bytes) };
    }
    case 'ndb':
      return { records: countNdbRecords(bytes), result: await parser.getPackagesNdb(bytes) };
    case 'sqlite':
      return { result: await parser.getPackagesSqlite(bytes) };
  }
}

function oneLine(error: Error): string {
  return error.message.split('\n', 1)[0] ?? '';
}

// Berkeley DB, hash access method: db_page.h of Berkeley DB 4 and 5 (dbmeta33, hmeta33 and PAGE).
const lastPageAt = 32;
const pageSizeAt = 20;
const pageTypeAt = 25;
const pageHeader = 26;
const unsortedHashPage = 2;
const hashPage = 13;
const keyOrData = 1;

/**
 * Counts the records, and turns what the parser does not know into what it does: pages of Berkeley DB before
 * 4.6 (RHEL 5), whose hash pages are not sorted and have another type, and a hash page at the very end, where
 * the parser no longer looks. The bytes given are left alone.
 */
function prepareBerkeley(bytes: Buffer): { bytes: Buffer; records: number } {
  if (bytes.length < 512) throw new Error('it is too short for a Berkeley DB');
  const pageSize = bytes.readUInt32LE(pageSizeAt);
  const lastPage = bytes.readUInt32LE(lastPageAt);
  if (pageSize < 512 || pageSize > 65536) throw new Error('it is not a Berkeley DB of this byte order');
  if ((lastPage + 1) * pageSize > bytes.length) throw new Error('it is truncated');
  const prepared = Buffer.from(bytes);
  prepared.writeUInt32LE(lastPage + 1, lastPageAt);
  let records = 0;
  for (let page = 1; page <= lastPage; page++) {
    const start = page * pageSize;
    const type = bytes[start + pageTypeAt];
    if (type === unsortedHashPage) prepared[start + pageTypeAt] = hashPage;
    if (type === unsortedHashPage || type === hashPage)
      records += recordsOfPage(bytes.subarray(start, start + pageSize));
  }
  return { bytes: prepared, records };
}

/**
 * Items lie from the end of a page downwards, keys and data in turn, each with its type in front. The page says where
 * the lowest begins (`hf_offset`), so that an item which a damaged count leaves out is missed: db_load(1) and a table
 * that was written and deleted from at random leave no gap there.
 */
function recordsOfPage(page: Buffer): number {
  const items = page.readUInt16LE(20);
  const lowest = items === 0 ? page.length & 0xffff : offsetOf(page, items - 1);
  if (lowest !== page.readUInt16LE(22)) throw new Error('a page of it is damaged');
  let records = 0;
  for (let item = 1; item < items; item += 2) {
    const at = offsetOf(page, item);
    const end = offsetOf(page, item - 1);
    // The record of key 0 has four bytes. It is not a package but rpm's counter of packages.
    const counter = page[at] === keyOrData && end - at === 5;
    if (!counter) records += 1;
    if (!counter && page[at] === 3 && page.readUInt32LE(Math.min(at + 8, page.length - 4)) > maxHeader) {
      throw new Error('a record of it claims to be larger than any package header');
    }
  }
  return records;
}

function offsetOf(page: Buffer, item: number): number {
  const slot = pageHeader + 2 * item;
  if (slot + 2 > page.length) throw new Error('a page of it is damaged');
  return page.readUInt16LE(slot);
}

/** Far beyond any header: rpm refuses more than 256 MiB. */
const maxHeader = 256 * 1024 * 1024;

// ndb: rpm's lib/backend/ndb/rpmpkg.c (rpmpkgReadSlots). The header takes the place of the first two slots. A slot is
// its magic, the index of a package, the first block of its record and the number of these blocks.
const slotSize = 16;
const blockSize = 16;
const slotPageSize = 4096;
const slotMagic = 0x746f6c53;

function countNdbRecords(bytes: Buffer): number {
  if (bytes.length < slotPageSize) throw new Error('it is too short for an ndb database');
  const end = bytes.readUInt32LE(12) * slotPageSize;
  if (end > bytes.length) throw new Error('it is truncated');
  let records = 0;
  for (let at = 2 * slotSize; at < end; at += slotSize) {
    const [magic, index, block, blocks] = [0, 4, 8, 12].map((field) => bytes.readUInt32LE(at + field));
    if (magic !== slotMagic) throw new Error('its index is damaged');
    if (index === 0 && block === 0 && blocks === 0) continue; // as rpm leaves a slot that it frees
    if (!index || !blocks || !block || block * blockSize < end) throw new Error('its index is damaged');
    if ((block + blocks) * blockSize > bytes.length) throw new Error('it is truncated');
    records += 1;
  }
  return records;
}
