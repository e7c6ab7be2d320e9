import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { refuseLarger } from './limit.js';
import { startSha256 } from './sha256.js';

/**
 * Reads a file of the host that a change refers to.
 * @throws {ImageError} code `too-large` beyond `limit` bytes
 */
export async function readHostFile(path: string, limit: number): Promise<Buffer> {
  refuseLarger(path, (await stat(path)).size, limit);
  return readFile(path);
}

/** SHA-256 (hex) and size of a file of the host, however large. */
export async function hashFile(path: string): Promise<{ sha256: string; size: number }> {
  const hash = startSha256();
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size };
}
