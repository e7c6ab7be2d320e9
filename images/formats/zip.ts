import type { Entry as ZipEntry, ZipFile } from 'yauzl';
import { ImageError } from '../base/errors.js';

const endOfCentralDirectory = 0x06054b50;
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
 * @returns undefined when the bytes do not end with a zip archive
 * @throws {ImageError} code `bad-zip` when there is one but it cannot be read, `too-large` when it unpacks to more
 */
export async function readZip(
  bytes: Buffer,
  wanted: (name: string) => boolean,
  limit: number,
): Promise<ZipMembers | undefined> {
  const archive = archiveOf(bytes);
  if (!archive) return undefined;
  try {
    return await readMembers(archive, wanted, limit);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageError('bad-zip', `the zip archive cannot be read: ${reason}`, { cause: error });
  }
}

/** The bytes from where the archive's offsets count. */
function archiveOf(bytes: Buffer): Buffer | undefined {
  const first = Math.max(0, bytes.length - endLength - maxComment);
  for (let at = bytes.length - endLength; at >= first; at--) {
    if (bytes.readUInt32LE(at) !== endOfCentralDirectory) continue;
    if (bytes.readUInt16LE(at + 20) !== bytes.length - at - endLength) continue;
    const prefix = at - bytes.readUInt32LE(at + 12) - bytes.readUInt32LE(at + 16);
    return prefix > 0 ? bytes.subarray(prefix) : bytes;
  }
  return undefined;
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
