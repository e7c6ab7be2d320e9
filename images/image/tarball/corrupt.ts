import { ImageError } from '../../base/errors.js';

/** The error for an archive that makes no sense at some byte (of its decompressed content). */
export function corrupt(archive: string, offset: number, what: string, cause?: unknown): ImageError {
  return new ImageError('corrupt', `${archive} is damaged at byte ${offset}: ${what}`, { cause });
}

/** A name from an archive, fit to stand in a message of one line. */
export function shown(name: string): string {
  return JSON.stringify(name);
}
