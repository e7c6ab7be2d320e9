import { open, stat } from 'node:fs/promises';
import { systemCode } from './errors.js';

/** More than any configuration needs: a file of absurd size must not fill the memory. */
const limit = 1024 * 1024;

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
};

/** A file that the user named could not be read. The message says which one and why. */
export class UnreadableText extends Error {
  constructor(
    path: string,
    override readonly cause: unknown,
  ) {
    const code = systemCode(cause);
    const why = code === undefined ? (cause instanceof Error ? cause.message : String(cause)) : words[code];
    super(`cannot read ${path}: ${why ?? code ?? ''}`);
  }
}

/**
 * Reads a text that the user named.
 * @throws {UnreadableText} when it cannot be read, is not a regular file, or has more than a mebibyte
 */
export async function readHostText(path: string): Promise<string> {
  try {
    // A pipe that nobody writes to would keep the open waiting, and no signal ends that.
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
    await using file = await open(path);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of file.createReadStream({
      end: limit,
      autoClose: false,
    }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw new Error('it is larger than 1 MiB');
      chunks.push(chunk);
    }
    return decoded(Buffer.concat(chunks));
  } catch (cause) {
    throw new UnreadableText(path, cause);
  }
}

/** UTF-8, or what the mark at the beginning says: Windows PowerShell saves what a program prints as UTF-16. */
function decoded(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes); // which drops the mark
}
