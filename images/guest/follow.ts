import { ImageError } from '../base/errors.js';
import type { Entry, GuestPath, Image } from '../image/image.js';

/** The entry that a path leads to; a link that leads in a loop leads nowhere, as for the programs of the guest. */
export function statOf(image: Image, path: GuestPath): Promise<Entry | undefined> {
  return unlessLoop(image.stat(path));
}

/** The path with every link resolved; undefined for one that leads nowhere or in a loop. */
export function realPathOf(image: Image, path: GuestPath): Promise<GuestPath | undefined> {
  return unlessLoop(image.realPath(path));
}

/** The entry itself; undefined, too, where a folder above it is a link in a loop. */
export function lstatOf(image: Image, path: GuestPath): Promise<Entry | undefined> {
  return unlessLoop(image.lstat(path));
}

async function unlessLoop<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'link-loop') return undefined;
    throw error;
  }
}
