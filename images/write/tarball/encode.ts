import {
  blockSize,
  bytesOf,
  field,
  gnuMagic,
  numberOf,
  paddingOf,
  setChecksum,
  setNumber,
  setText,
  ustarMagic,
} from '../../image/tarball/header.js';
import { labelName } from '../labels.js';
import type { ExtendedAttributes } from '../../image/posix.js';
import { type PaxRecord, formatPax, parsePax } from '../../image/tarball/pax.js';
import type { TarRecord } from '../../image/tarball/records.js';

/** Names of the owner, as text. They go before the numbers when an archive is unpacked. */
const userName = [265, 32] as const;
const groupName = [297, 32] as const;

/** What to change in an entry's blocks; what is not given stays as it is. */
export interface HeaderFields {
  readonly type?: 'file' | 'link' | 'directory' | undefined;
  readonly name?: Buffer | undefined;
  readonly target?: Buffer | undefined;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Bytes of data that follow. A sparse file becomes a plain one of that size. */
  readonly size?: number | undefined;
  readonly mtime?: number | undefined;
  /** Exactly these extended attributes; labels and lists that have records of their own stay. */
  readonly extended?: ExtendedAttributes | undefined;
  /** The records of an SELinux label for something new, in their writer's fashion; `extended` goes before. */
  readonly label?: readonly PaxRecord[] | undefined;
}

/** What a wholly new entry has to say. */
export interface NewHeaderFields extends HeaderFields {
  readonly type: 'file' | 'link' | 'directory';
  readonly name: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
}

/** PAX global headers in force; what they set must be set back for an entry that says otherwise. */
export type Globals = ReadonlyMap<string, Buffer>;

/**
 * The blocks of a wholly new entry. (tar-stream's `pack` could make these, but for names that are not UTF-8 and
 * owners beyond 2097151, which it replaces by others without a word.)
 */
export function newHeader(fields: NewHeaderFields, globals: Globals): Buffer {
  const header = Buffer.alloc(blockSize);
  setText(header, field.magic, gnuMagic);
  for (const at of [field.mode, field.uid, field.gid, field.size, field.mtime]) setNumber(header, at, 0);
  if (fields.uid === 0) setText(header, userName, root);
  if (fields.gid === 0) setText(header, groupName, root);
  return new HeaderEditor(header, globals).apply(fields).bytes();
}

/** An entry's blocks with some fields changed and all else as it was, extended attributes too. */
export function changedHeader(
  record: Pick<TarRecord, 'raw' | 'headerAt'>,
  fields: HeaderFields,
  globals: Globals,
): Buffer {
  return new HeaderEditor(record.raw, globals, record.headerAt).apply(fields).bytes();
}

/** What writers call an SELinux label: GNU tar with all attributes and with --selinux, and libarchive. */
const labelKeyword = /^(?:(?:SCHILY|LIBARCHIVE)\.xattr\.security\.selinux|RHT\.security\.selinux)$/;

/** The records that hold an entry's SELinux label; none when it has no label. */
export function labelOf({ raw, headerAt }: Pick<TarRecord, 'raw' | 'headerAt'>): readonly PaxRecord[] {
  return new HeaderEditor(raw, new Map(), headerAt).labels();
}

const root = Buffer.from('root');

const typeFlags = { file: '0', link: '2', directory: '5' } as const;

/** An extension header and its body, without the bytes that fill its last block. */
interface Extension {
  readonly type: string;
  readonly header: Buffer;
  body: Buffer;
}

class HeaderEditor {
  readonly #header: Buffer;
  #sparseBlocks: Buffer;
  #extensions: Extension[] = [];

  constructor(
    raw: Buffer,
    readonly globals: Globals,
    headerAt = 0,
  ) {
    this.#header = Buffer.from(raw.subarray(headerAt, headerAt + blockSize));
    this.#sparseBlocks = raw.subarray(headerAt + blockSize);
    for (let at = 0; at < headerAt;) {
      const header = raw.subarray(at, at + blockSize);
      const size = numberOf(header, field.size) ?? 0;
      const body = raw.subarray(at + blockSize, at + blockSize + size);
      this.#extensions.push({ type: bytesOf(header, field.type).toString('latin1'), header, body });
      at += blockSize + size + paddingOf(size);
    }
  }

  apply(fields: HeaderFields): this {
    const { type, name, target, mode, uid, gid, size, mtime, extended, label } = fields;
    // First of all, for the header of a sparse file has another name than the file.
    if (size !== undefined) this.#setSize(size);
    if (type !== undefined) this.#header.write(typeFlags[type], field.type[0], 'latin1');
    if (name !== undefined) this.#setName(name);
    if (target !== undefined || type === 'file' || type === 'directory')
      this.#setTarget(target ?? Buffer.alloc(0));
    if (mode !== undefined) setNumber(this.#header, field.mode, mode);
    if (uid !== undefined) this.#setOwner('uid', uid, 'uname', userName);
    if (gid !== undefined) this.#setOwner('gid', gid, 'gname', groupName);
    if (mtime !== undefined) this.#setNumber('mtime', mtime);
    if (extended)
      this.#edit(/^(?:SCHILY|LIBARCHIVE)\.xattr\./, ...Object.entries(extended).map(attributeRecord));
    if (label && !(extended && labelName in extended)) this.#edit(labelKeyword, ...label);
    return this;
  }

  /** Copies: what an entry was read from is used again. */
  labels(): readonly PaxRecord[] {
    const records = this.#pax()?.filter(([keyword]) => labelKeyword.test(keyword)) ?? [];
    return records.map(([keyword, value]) => [keyword, Buffer.from(value)]);
  }

  bytes(): Buffer {
    setChecksum(this.#header);
    const extensions = this.#extensions.flatMap(({ header, body }) => [
      header,
      body,
      Buffer.alloc(paddingOf(body.length)),
    ]);
    return Buffer.concat([...extensions, this.#header, this.#sparseBlocks]);
  }

  #setSize(size: number): void {
    setNumber(this.#header, field.size, size);
    const realName = this.#pax()?.find(([keyword]) => keyword === 'GNU.sparse.name')?.[1];
    this.#edit(/^(?:size|GNU\.sparse\..*)$/);
    if (realName) this.#setName(realName);
    if (this.#header[field.type[0]] !== 0x53) return; // S
    this.#header.write(typeFlags.file, field.type[0], 'latin1');
    this.#header.fill(0, field.sparseMap[0], field.sparseSize[0] + field.sparseSize[1]);
    this.#sparseBlocks = Buffer.alloc(0);
  }

  #setName(name: Buffer): void {
    if (this.#pax()?.some(([keyword]) => keyword === 'GNU.sparse.name')) {
      this.#edit(/^GNU\.sparse\.name$/, ['GNU.sparse.name', name]);
      return;
    }
    this.#edit(/^path$/);
    if (bytesOf(this.#header, [field.magic[0], ustarMagic.length]).equals(ustarMagic)) {
      this.#header.fill(0, field.prefix[0], field.prefix[0] + field.prefix[1]);
    }
    this.#setText(field.name, name, 'L');
  }

  #setTarget(target: Buffer): void {
    this.#edit(/^linkpath$/);
    this.#setText(field.target, target, 'K');
  }

  /** Text that is too long for its field goes into an extension header of GNU tar's, which all readers know. */
  #setText(at: typeof field.name | typeof field.target, text: Buffer, extensionType: 'L' | 'K'): void {
    this.#extensions = this.#extensions.filter(({ type }) => type !== extensionType);
    setText(this.#header, at, text.subarray(0, at[1]));
    if (text.length <= at[1]) return;
    const body = Buffer.concat([text, Buffer.alloc(1)]);
    this.#extensions.push({ type: extensionType, header: longHeader(extensionType, body.length), body });
  }

  #setOwner(
    keyword: 'uid' | 'gid',
    value: number,
    nameKeyword: string,
    nameAt: typeof userName | typeof groupName,
  ): void {
    const pax = this.#pax()?.find(([key]) => key === keyword)?.[1] ?? this.globals.get(keyword);
    const former =
      pax === undefined ? numberOf(this.#header, field[keyword]) : Number(pax.toString('latin1'));
    if (former === value) return;
    this.#setNumber(keyword, value);
    const name = value === 0 ? root : Buffer.alloc(0);
    setText(this.#header, nameAt, name);
    this.#edit(nameKeyword === 'uname' ? /^uname$/ : /^gname$/, ...this.#against(nameKeyword, name));
  }

  #setNumber(keyword: 'uid' | 'gid' | 'mtime', value: number): void {
    setNumber(this.#header, field[keyword], value);
    this.#edit(new RegExp(`^${keyword}$`), ...this.#against(keyword, Buffer.from(String(value))));
  }

  /** The record that sets a keyword in spite of a global header. */
  #against(keyword: string, value: Buffer): PaxRecord[] {
    return this.globals.has(keyword) ? [[keyword, value]] : [];
  }

  #pax(): PaxRecord[] | undefined {
    const extension = this.#extensions.find(({ type }) => type === 'x' || type === 'X');
    return extension && parsePax(extension.body);
  }

  /** Takes records out of the PAX header and puts others in. One that is left empty goes. */
  #edit(remove: RegExp, ...add: PaxRecord[]): void {
    const former = this.#pax() ?? [];
    const records = former.filter(([keyword]) => !remove.test(keyword));
    if (records.length === former.length && add.length === 0) return;
    const body = formatPax([...records, ...add]);
    const isPax = ({ type }: Extension): boolean => type === 'x' || type === 'X';
    const header = Buffer.from(this.#extensions.find(isPax)?.header ?? longHeader('x', 0));
    setNumber(header, field.size, body.length);
    setChecksum(header);
    this.#extensions = this.#extensions.filter((extension) => !isPax(extension));
    if (body.length > 0) this.#extensions.push({ type: 'x', header, body });
  }
}

/** As GNU tar writes an extended attribute: its name in the keyword, `=` and `%` of it escaped. */
function attributeRecord([name, value]: [string, string]): PaxRecord {
  const escaped = name.replace(/[%=]/g, (character) => (character === '%' ? '%25' : '%3D'));
  return [`SCHILY.xattr.${escaped}`, Buffer.from(value, 'base64')];
}

/** The header of an extension header, as GNU tar makes it. */
function longHeader(type: 'L' | 'K' | 'x', size: number): Buffer {
  const header = Buffer.alloc(blockSize);
  setText(header, field.name, Buffer.from(type === 'x' ? './PaxHeaders/entry' : '././@LongLink'));
  setText(header, field.magic, type === 'x' ? Buffer.from('ustar\x0000', 'latin1') : gnuMagic);
  header.write(type, field.type[0], 'latin1');
  for (const at of [field.uid, field.gid, field.mtime]) setNumber(header, at, 0);
  setNumber(header, field.mode, 0o644);
  setNumber(header, field.size, size);
  setChecksum(header);
  return header;
}
