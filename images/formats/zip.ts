import type { Entry as ZipEntry, ZipFile } from 'yauzl';
import { ImageError } from '../base/errors.js';

const endOfCentralDirectory = Buffer.from('PK\x05\x06', 'latin1');
const endLength = 22;
const maxComment = 0xffff;

/** What is read of an archive: every name, and the members that were asked for. */
export interface ZipMembers {
  readonly names: readonly string[];
  readonly contents: ReadonlyMap<string, Buffer>;
}

/**
 * Reads members of a zip archive, which may follow other bytes such as the `#!` line of a Python zip application
 * (PEP 441), with offsets that count those bytes or do not.
 * @param bytes - the whole file
 * @param wanted - which members to read
 * @param limit - most bytes that all of them together may unpack to, so that no zip bomb is unpacked
 * @returns undefined when no zip archive ends near the end of the bytes
 * @throws {ImageError} code `bad-zip` when there is one but it cannot be read, `too-large` when it unpacks to more
 */
export async function readZip(
  bytes: Buffer,
  wanted: (name: string) => boolean,
  limit: number,
): Promise<ZipMembers | undefined> {
  try {
    const archive = archiveOf(bytes);
    return archive && (await readMembers(archive, wanted, limit));
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageError('bad-zip', `the zip archive cannot be read: ${reason}`, { cause: error });
  }
}

/**
 * The bytes from where the archive's offsets count, up to its end record. It is found as Python's zipimport finds it
 * (Lib/zipimport.py, _read_directory): the last one within reach of a comment, whatever follows it.
 * @throws {Error} when the offsets lie beyond their archive, as they do where the `#!` line was made shorter
 */
function archiveOf(bytes: Buffer): Buffer | undefined {
  const at = bytes.lastIndexOf(endOfCentralDirectory);
  if (at < 0 || at < bytes.length - endLength - maxComment) return undefined;
  if (at + endLength > bytes.length) return undefined;
  const prefix = at - bytes.readUInt32LE(at + 12) - bytes.readUInt32LE(at + 16);
  if (prefix < 0) throw new Error(`its offsets are wrong by ${-prefix} bytes`);
  const archive = bytes.subarray(prefix, at + endLength);
  if (archive.readUInt16LE(archive.length - 2) === 0) return archive;
  // yauzl holds the comment against its length, which Python does not read.
  const plain = Buffer.from(archive);
  plain.writeUInt16LE(0, plain.length - 2);
  return plain;
}

async function readMembers(
  archive: Buffer,
  wanted: (name: string) => boolean,
  limit: number,
): Promise<ZipMembers> {
  // Its default export is there however it is bundled.
  const { default: yauzl } = await import('yauzl');
  const zip: ZipFile = await yauzl.fromBufferPromise(archive);
  const names: string[] = [];
  const contents = new Map<string, Buffer>();
  let left = limit;
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    if (entry.fileName.endsWith('/') || !wanted(entry.fileName)) continue;
    left -= entry.uncompressedSize;
    if (left < 0) throw new ImageError('too-large', `the zip archive unpacks to more than ${limit} bytes`);
    contents.set(entry.fileName, await readMember(zip, archive, entry));
  }
  return { names, contents };
}

/**
 * All bytes are here already, so they are unpacked in one call: a stream for each of twenty small sources took longer
 * than all else that is asked about the agent.
 * @throws {Error} when it gives more or less than the entry's declared size, or is encrypted or packed otherwise
 */
async function readMember(zip: ZipFile, archive: Buffer, entry: ZipEntry): Promise<Buffer> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
  const end = fileDataStart + compressedSize;
  if (entry.isEncrypted()) throw new Error(`${fileName} is encrypted`);
  if (end > archive.length) throw new Error(`${fileName} ends beyond the archive`);
  const packed = archive.subarray(fileDataStart, end);
  const content =
    compressionMethod === 0 ? packed : await inflate(compressionMethod, packed, uncompressedSize);
  if (content.length !== uncompressedSize)
    throw new Error(`${fileName} has ${content.length} bytes, not ${uncompressedSize} as declared`);
  return content;
}

/** Unpacks one byte beyond what is expected at most, so that no zip bomb is unpacked. */
async function inflate(method: number, packed: Buffer, expected: number): Promise<Buffer> {
  if (method !== 8) throw new Error(`its compression method ${method} is not supported`);
  const { inflateRawSync } = await import('node:zlib');
  return inflateRawSync(packed, { maxOutputLength: expected + 1 });
}
