import { ImageError } from './errors.js';

/**
 * @param size - of what is at `path`, in bytes
 * @throws {ImageError} code `too-large`
 */
export function refuseLarger(path: string, size: number, limit: number): void {
  if (size <= limit) return;
  throw new ImageError('too-large', `${path} is ${size} bytes, more than the limit of ${limit}`);
}
