import { isDeepStrictEqual } from 'node:util';
import { isEscaped } from '../../base/text.js';
import { parseCloudConfig } from '../../formats/cloud-config.js';
import { joinLines, splitLines } from '../../formats/lines.js';
import { remove, write } from '../../image/change.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { configFiles } from './config-files.js';

/** What an AppleDouble file begins with (RFC 1740, appendix B): a Mac's metadata of the file without `._`. */
const appleDouble = Buffer.from([0x00, 0x05, 0x16, 0x07]);

/**
 * Changes after which no configuration file keeps cloud-init from reading the others, as far as that is no guess: a Mac's
 * metadata goes, UTF-16 that says so itself becomes UTF-8, and so do comments in a single-byte encoding, whatever it is.
 * Where a value is not UTF-8, only its author knows what it says.
 */
export async function decodableConfig(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { path, text, undecodable } of await configFiles(image)) {
    if (undecodable === undefined) continue;
    const bytes = (await image.readFile(path)) ?? Buffer.alloc(0);
    const real: GuestPath = (await image.realPath(path)) ?? path;
    if (bytes.subarray(0, 4).equals(appleDouble)) {
      changes.push(...(await remove(image, path)));
      continue;
    }
    const decoded = fromUtf16(bytes) ?? (await commentsOnly(text));
    if (decoded !== undefined) changes.push(...(await write(image, real, decoded)));
  }
  return changes;
}

/** UTF-16 with a byte order mark. */
function fromUtf16(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString('hex');
  if ((mark !== 'fffe' && mark !== 'feff') || bytes.length % 2 !== 0) return undefined;
  return new TextDecoder(mark === 'fffe' ? 'utf-16le' : 'utf-16be').decode(bytes);
}

/** The text with each byte that is not UTF-8 as the Latin-1 character, when only comments have such bytes. */
async function commentsOnly(text: string): Promise<string | undefined> {
  const lines = splitLines(text);
  const without = joinLines(
    lines.map((line) => (isEscaped(line.text) ? { ...line, text: line.text.replace(/#.*$/, '') } : line)),
  );
  if (isEscaped(without)) return undefined;
  // YAML forbids the control characters that bytes below A0 would be.
  const latin = text.replace(/[\udc80-\udcff]/g, (byte) => {
    const code = byte.charCodeAt(0) - 0xdc00;
    return code < 0xa0 ? '?' : String.fromCharCode(code);
  });
  const [read, meant] = [await parseCloudConfig(latin), await parseCloudConfig(without)];
  return isDeepStrictEqual(read.value, meant.value) && !read.ignored && !meant.ignored ? latin : undefined;
}
