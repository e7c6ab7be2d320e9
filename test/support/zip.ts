import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipOptions {
  /** Bytes in front of the archive, such as the `#!` line of a zip application. */
  readonly prefix?: string;
  /** Whether offsets count the prefix, as Python's zipapp has it; `cat` of prefix and archive does not. */
  readonly counted?: boolean;
  /** The unpacked size that the archive claims, instead of the real one. */
  readonly claimedSize?: number;
}

/** A zip archive of these members, deflated (APPNOTE.TXT of PKWARE, 4.3). */
export function zipOf(members: Readonly<Record<string, string>>, options: ZipOptions = {}): Buffer {
  const prefix = Buffer.from(options.prefix ?? '');
  let offset = options.counted === false ? 0 : prefix.length;
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  for (const [name, text] of Object.entries(members)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(8, 4); // deflate
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(options.claimedSize ?? content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([prefix, ...locals, directory, end]);
}
