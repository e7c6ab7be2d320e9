import type { EntryType } from '../image.js';
import { decode } from '../../base/text.js';
import { corrupt } from './corrupt.js';
import {
  type Field,
  blockSize,
  field,
  isChecksumRight,
  numberOf,
  paddingOf,
  textOf,
  headerName,
  upToNul,
} from './header.js';
import { type PaxRecord, parsePax, paxNumber } from './pax.js';
import { type Sparse, moreFollows, oldGnuSparse, paxSparse } from './sparse.js';

/** `label`: the name of the volume, not a file. */
export type RecordType = Exclude<EntryType, 'socket'> | 'hard-link' | 'label';

/** One entry of an archive, decoded, with the bytes it was decoded from. */
export interface TarRecord {
  /** Where it begins in the archive, extension headers included. */
  readonly offset: number;
  /** All its blocks before the data. Valid only until the splitter is given more. */
  readonly raw: Buffer;
  /** Where its header block is in `raw`; after it come the blocks of an old GNU sparse map. */
  readonly headerAt: number;
  readonly type: RecordType;
  /** As the archive spells it. */
  readonly name: string;
  /** Of a link or hard link. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds; a fraction is cut off. */
  readonly mtime: number;
  /** Bytes of the file, with its holes. */
  readonly size: number;
  /** Bytes in the archive. */
  readonly stored: number;
  readonly sparse: Sparse | undefined;
}

/** In this order: for each entry `record`, `data` as often as it takes, `close`; `global` and `trailer` between. */
export type TarEvent =
  | { readonly kind: 'record'; readonly record: TarRecord }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** The entry's last bytes, that fill its last block. */
  | { readonly kind: 'close'; readonly padding: Buffer }
  /** A PAX global header, valid for what follows. */
  | { readonly kind: 'global'; readonly raw: Buffer; readonly records: readonly PaxRecord[] }
  /** The archive is over: zeros. */
  | { readonly kind: 'trailer'; readonly bytes: Buffer };

/** Extension headers of one entry, together. Long names and extended attributes are far below. */
const maxExtension = 4 * 1024 * 1024;

/** Keywords that make sense for one entry only. In a global header they would rename or resize all that follow. */
const localKeywords = /^(?:path|linkpath|size|GNU\.sparse\..*)$/;

/** What the next bytes are. */
type SplitterState = 'header' | 'extension' | 'sparse' | 'data' | 'padding' | 'ended';

/** What has been read of an entry before its data. */
interface Extensions {
  offset: number;
  blocks: Buffer[];
  length: number;
  pax: PaxRecord[] | undefined;
  longName: Buffer | undefined;
  longTarget: Buffer | undefined;
}

/**
 * Splits the bytes of a tar archive into its records, as they come.
 *
 * Both passes over an archive use this one parser, so that what is judged is what is written. tar-stream's
 * `extract` cannot be it: it does not know the extension blocks of sparse files (and takes them for headers),
 * keeps no raw headers, decodes PAX values to lossy text and goes on reading behind the end of the archive.
 *
 * Where readers of tar are known to disagree about what an archive contains, it is refused.
 */
export class RecordSplitter {
  #offset = 0;
  #state: SplitterState = 'header';
  /** Bytes that the state waits for. */
  #missing = blockSize;
  #held: Buffer[] = [];
  #extensions: Extensions | undefined;
  #extensionType = 0;
  /** The header whose sparse blocks are being read. */
  #header: Buffer | undefined;
  #sparseBlocks: Buffer[] = [];
  #padding = 0;
  #zeroBlock = false;
  #records = 0;
  readonly #global = new Map<string, Buffer>();

  /** @param archive - what errors call it */
  constructor(readonly archive: string) {}

  /** How many bytes were taken. */
  get offset(): number {
    return this.#offset;
  }

  /** @throws {ImageError} code `corrupt`, naming the offset */
  *push(chunk: Buffer): Generator<TarEvent> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'ended') {
        yield { kind: 'trailer', bytes: this.#zeros(chunk.subarray(at)) };
        return;
      }
      const part = chunk.subarray(at, at + this.#missing);
      at += part.length;
      this.#missing -= part.length;
      this.#offset += part.length;
      if (this.#state === 'data') {
        yield { kind: 'data', bytes: part };
        if (this.#missing === 0) yield* this.#enterPadding();
        continue;
      }
      if (this.#missing > 0) {
        this.#held.push(Buffer.from(part));
        continue;
      }
      const whole = this.#held.length === 0 ? part : Buffer.concat([...this.#held, part]);
      this.#held = [];
      yield* this.#complete(whole);
    }
  }

  /**
   * To be called when there are no more bytes. The zero blocks that should end an archive may be missing, as
   * for every reader of tar.
   * @throws {ImageError} code `corrupt` when the archive ends within an entry or has none
   */
  end(): void {
    if (this.#state === 'ended' || this.#zeroBlock) return;
    const whole = this.#state === 'header' && this.#missing === blockSize && !this.#extensions;
    if (!whole || this.#records === 0) throw corrupt(this.archive, this.#offset, 'it ends too early');
  }

  *#complete(bytes: Buffer): Generator<TarEvent> {
    switch (this.#state) {
      case 'header':
        yield* this.#onHeader(bytes);
        return;
      case 'extension':
        yield* this.#onExtension(bytes);
        return;
      case 'sparse':
        yield* this.#onSparseBlock(bytes);
        return;
      case 'padding':
        this.#expect('header', blockSize);
        yield { kind: 'close', padding: bytes };
        return;
      case 'data':
      case 'ended':
    }
  }

  *#onHeader(block: Buffer): Generator<TarEvent> {
    const offset = this.#offset - blockSize;
    if (block[0] === 0 && block.equals(zeroBlock)) {
      if (this.#extensions) throw corrupt(this.archive, offset, 'an extension header has no entry');
      this.#expect(this.#zeroBlock ? 'ended' : 'header', blockSize);
      this.#zeroBlock = true;
      yield { kind: 'trailer', bytes: block };
      return;
    }
    if (this.#zeroBlock) throw corrupt(this.archive, offset, 'there is data after the zeros that end it');
    if (!isChecksumRight(block)) {
      const what = offset === 0 ? 'it is not a tar archive' : 'a header has the wrong checksum';
      throw corrupt(this.archive, offset, what);
    }
    const type = String.fromCharCode(block[field.type[0]] ?? 0);
    if ('xXgLK'.includes(type)) {
      yield* this.#beginExtension(block, type, offset);
      return;
    }
    if (type === 'S' && moreFollows(block, true)) {
      this.#header = Buffer.from(block);
      this.#expect('sparse', blockSize);
    } else yield* this.#onEntry(block, emptyBuffer);
  }

  *#beginExtension(block: Buffer, type: string, offset: number): Generator<TarEvent> {
    const size = numberOf(block, field.size);
    if (size === undefined || size < 0)
      throw corrupt(this.archive, offset, 'an extension header has no size');
    if (type === 'g' && this.#extensions) {
      throw corrupt(this.archive, offset, 'a global header stands between an entry and its extension header');
    }
    this.#extensions ??= {
      offset,
      blocks: [],
      length: 0,
      pax: undefined,
      longName: undefined,
      longTarget: undefined,
    };
    this.#extensions.blocks.push(Buffer.from(block));
    this.#extensions.length += size;
    this.#extensionType = type.charCodeAt(0);
    this.#padding = paddingOf(size);
    if (this.#extensions.length > maxExtension)
      throw corrupt(this.archive, offset, `an extension header claims ${size} bytes`);
    this.#expect('extension', size + this.#padding);
    if (this.#missing === 0) yield* this.#complete(emptyBuffer);
  }

  *#onExtension(bytes: Buffer): Generator<TarEvent> {
    const extensions = this.#extensions;
    if (!extensions) return;
    extensions.blocks.push(Buffer.from(bytes));
    const body = Buffer.from(bytes.subarray(0, bytes.length - this.#padding));
    const type = String.fromCharCode(this.#extensionType);
    if (type === 'L') extensions.longName = upToNul(body);
    else if (type === 'K') extensions.longTarget = upToNul(body);
    else {
      const records = parsePax(body);
      if (!records) throw corrupt(this.archive, this.#offset - bytes.length, 'a PAX header is malformed');
      if (type === 'g') {
        yield { kind: 'global', raw: Buffer.concat(extensions.blocks), records };
        this.#adopt(records);
        this.#extensions = undefined;
      } else if (extensions.pax) {
        throw corrupt(this.archive, this.#offset - bytes.length, 'an entry has two PAX headers');
      } else extensions.pax = records;
    }
    this.#expect('header', blockSize);
  }

  #adopt(records: readonly PaxRecord[]): void {
    for (const [keyword, value] of records) {
      if (localKeywords.test(keyword)) {
        throw corrupt(this.archive, this.#offset, `a global header sets ${keyword} for every entry`);
      }
      if (value.length === 0) this.#global.delete(keyword);
      else this.#global.set(keyword, value);
    }
  }

  *#onSparseBlock(block: Buffer): Generator<TarEvent> {
    this.#sparseBlocks.push(Buffer.from(block));
    if (this.#sparseBlocks.length * blockSize > maxExtension) {
      throw corrupt(this.archive, this.#offset, 'a sparse map is too long');
    }
    if (moreFollows(block, false)) {
      this.#expect('sparse', blockSize);
      return;
    }
    const blocks = Buffer.concat(this.#sparseBlocks);
    this.#sparseBlocks = [];
    yield* this.#onEntry(this.#header ?? emptyBuffer, blocks);
    this.#header = undefined;
  }

  *#onEntry(header: Buffer, sparseBlocks: Buffer): Generator<TarEvent> {
    const record = this.#decode(header, sparseBlocks);
    this.#extensions = undefined;
    this.#records += 1;
    this.#padding = paddingOf(record.stored);
    this.#expect('data', record.stored);
    yield { kind: 'record', record };
    if (record.stored === 0) yield* this.#enterPadding();
  }

  *#enterPadding(): Generator<TarEvent> {
    this.#expect('padding', this.#padding);
    if (this.#padding === 0) yield* this.#complete(emptyBuffer);
  }

  #expect(state: SplitterState, bytes: number): void {
    this.#state = state;
    this.#missing = bytes;
  }

  #decode(header: Buffer, sparseBlocks: Buffer): TarRecord {
    const extensions = this.#extensions;
    const offset = extensions?.offset ?? this.#offset - header.length - sparseBlocks.length;
    const pax = this.#keywords(extensions?.pax);
    const number = (at: Field, keyword?: string): number => {
      const text = keyword === undefined ? undefined : pax.get(keyword)?.toString('latin1');
      const value = text === undefined ? numberOf(header, at) : paxNumber(text);
      if (value !== undefined) return value;
      throw corrupt(this.archive, offset, `a header has no valid ${keyword ?? 'mode'}`);
    };
    const name = pax.get('GNU.sparse.name') ?? pax.get('path') ?? extensions?.longName ?? headerName(header);
    const target = pax.get('linkpath') ?? extensions?.longTarget ?? textOf(header, field.target);
    if (name.length === 0) throw corrupt(this.archive, offset, 'an entry has no name');
    if (name.includes(0) || target.includes(0)) throw corrupt(this.archive, offset, 'a name contains a NUL');
    const sparse = this.#sparseOf(header, sparseBlocks, extensions?.pax, offset);
    const type = typeOf(header, name);
    const stored = this.#storedSize(type, number(field.size, 'size'), pax.has('size'), offset);
    const raw =
      extensions || sparseBlocks.length > 0
        ? Buffer.concat([...(extensions?.blocks ?? []), header, sparseBlocks])
        : header;
    return {
      offset,
      raw,
      headerAt: raw.length - header.length - sparseBlocks.length,
      type,
      name: decode(name),
      target: decode(target),
      mode: number(field.mode) & 0o7777,
      // A negative owner is how "nobody" (4294967294) came into some archives.
      uid: number(field.uid, 'uid') >>> 0,
      gid: number(field.gid, 'gid') >>> 0,
      mtime: number(field.mtime, 'mtime'),
      size: sparse?.size ?? stored,
      stored,
      sparse,
    };
  }

  /** What PAX headers say of the entry. An empty value takes a global one back (pax(1)). */
  #keywords(local: readonly PaxRecord[] | undefined): ReadonlyMap<string, Buffer> {
    if (!local) return this.#global;
    const all = new Map(this.#global);
    for (const [keyword, value] of local) {
      if (value.length === 0) all.delete(keyword);
      else all.set(keyword, value);
    }
    return all;
  }

  #sparseOf(
    header: Buffer,
    blocks: Buffer,
    pax: readonly PaxRecord[] | undefined,
    offset: number,
  ): Sparse | undefined {
    const isOld = header[field.type[0]] === 0x53; // S
    const sparse = isOld ? (oldGnuSparse(header, blocks) ?? 'malformed') : pax && paxSparse(pax);
    if (sparse === 'malformed') throw corrupt(this.archive, offset, 'a sparse map is malformed');
    return sparse;
  }

  /**
   * Links, directories and devices have no data, whatever their size says: but GNU tar skips as much as it says,
   * and others do not, so they would see different archives. Only the size of a hard link is ignored by all.
   */
  #storedSize(type: RecordType, size: number, isPax: boolean, offset: number): number {
    if (size < 0) throw corrupt(this.archive, offset, 'a header has no valid size');
    if (type === 'file' || size === 0) return size;
    if (type === 'hard-link' && !isPax) return 0;
    throw corrupt(this.archive, offset, `a ${type} claims to hold ${size} bytes`);
  }

  /** What follows the end of the archive must be zeros. */
  #zeros(bytes: Buffer): Buffer {
    for (let at = 0; at < bytes.length; at += zeros.length) {
      const part = bytes.subarray(at, at + zeros.length);
      if (part.equals(zeros.subarray(0, part.length))) continue;
      const first = at + part.findIndex((byte) => byte !== 0);
      throw corrupt(this.archive, this.#offset + first, 'there is data after the zeros that end it');
    }
    this.#offset += bytes.length;
    return bytes;
  }
}

const emptyBuffer = Buffer.alloc(0);
const zeros = Buffer.alloc(64 * 1024);
const zeroBlock = zeros.subarray(0, blockSize);

function typeOf(header: Buffer, name: Buffer): RecordType {
  const flag = header[field.type[0]] ?? 0;
  switch (String.fromCharCode(flag)) {
    case '1':
      return 'hard-link';
    case '2':
      return 'link';
    case '3':
      return 'character-device';
    case '4':
      return 'block-device';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    case 'V':
      return 'label';
    case 'S':
      return 'file';
    default:
      // A file, a contiguous one, or a type that only its maker knows, which counts as a file (POSIX). Before
      // there was a type for directories, they were files whose names end with a slash.
      return name.at(-1) === 0x2f ? 'directory' : 'file';
  }
}
