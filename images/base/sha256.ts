import type { Hash } from 'node:crypto';

/** A SHA-256 to be fed bit by bit. */
export function startSha256(): Hash {
  // Imported, node:crypto would cost every run that finds nothing as much as all checks of the boot order.
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}

/** SHA-256 (hex). */
export function sha256(content: Buffer | string): string {
  return startSha256().update(content).digest('hex');
}
