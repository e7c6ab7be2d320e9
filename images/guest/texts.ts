import type { GuestPath, Image } from '../image/image.js';
import { join } from '../image/resolve.js';

/** A text file of the guest. */
export interface GuestText {
  /** As it was asked for; it may be a link. */
  readonly path: GuestPath;
  readonly text: string;
}

/**
 * The files in a directory whose names are wanted, sorted by name. Directories and links that lead nowhere are
 * passed over, as every program that reads a configuration directory does; a FIFO or device throws.
 */
export async function textsIn(
  image: Image,
  directory: GuestPath,
  wanted: (name: string) => boolean,
): Promise<GuestText[]> {
  const found: GuestText[] = [];
  for (const { name } of (await image.readDir(directory)) ?? []) {
    if (wanted(name)) found.push(...(await textAt(image, join(directory, name))));
  }
  return found;
}

/** As {@link textsIn}, for a program that passes over what is not a regular file, as cron does, instead of opening it. */
export async function regularTextsIn(
  image: Image,
  directory: GuestPath,
  wanted: (name: string) => boolean,
): Promise<GuestText[]> {
  const found: GuestText[] = [];
  for (const { name } of (await image.readDir(directory)) ?? []) {
    const path = join(directory, name);
    if (wanted(name) && (await image.stat(path))?.type === 'file') found.push(...(await textAt(image, path)));
  }
  return found;
}

/** The file at a path; none when there is nothing, or a directory. */
export async function textAt(image: Image, path: GuestPath): Promise<GuestText[]> {
  if ((await image.stat(path))?.type === 'directory') return [];
  const text = await image.readText(path);
  return text === undefined ? [] : [{ path, text }];
}
