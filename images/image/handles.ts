import { constants, closeSync, openSync } from 'node:fs';
import { HallmarkError, ImageError, systemCode } from '../base/errors.js';
import type { GuestPath } from './image.js';
import { baseName, parentOf } from './resolve.js';
import { encode, isEscaped } from '../base/text.js';

/** open(2): a handle on a directory that needs no read permission and has no side effects. Not in node:fs. */
const O_PATH = 0o10000000;
const directoryFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Directory handles kept open; the least recently used is closed first. */
const maxHandles = 256;

/**
 * Handles on the directories of a root file system. Every path is reached through the handle of its directory
 * (openat(2), by way of /proc/self/fd) and no link is ever followed: even when another process swaps a directory for a link
 * while we read or write, nothing outside the root is reached.
 */
export class DirectoryHandles {
  readonly #handles = new Map<GuestPath, number>();

  /** @throws {ImageError} code `unreadable` when `root` is missing or not a directory */
  constructor(root: string) {
    // The root is the one path that the user vouches for, so here a link may be followed.
    this.#handles.set('/', openRoot(root));
  }

  /** A host path that means this entry and nothing else, to be used at once; undefined without its directory. */
  at(path: GuestPath): string | Buffer | undefined {
    const handle = this.handle(path === '/' ? '/' : parentOf(path));
    return handle === undefined ? undefined : childOf(handle, path === '/' ? '.' : baseName(path));
  }

  /** The handle of a directory, to be used at once; undefined when there is none, or a link on the way. */
  handle(path: GuestPath): number | undefined {
    const known = this.#handles.get(path);
    if (known !== undefined) {
      if (path !== '/') {
        this.#handles.delete(path); // to the young end of the map
        this.#handles.set(path, known);
      }
      return known;
    }
    if (path === '/') throw new Error('the handles of this image were closed');
    const parent = this.handle(parentOf(path));
    if (parent === undefined) return undefined;
    const handle = openIfThere(childOf(parent, baseName(path)));
    if (handle !== undefined) this.#keep(path, handle);
    return handle;
  }

  /** Closes the handle of a directory that was removed, so that the name can stand for another. */
  forget(path: GuestPath): void {
    const handle = this.#handles.get(path);
    if (handle === undefined) return;
    this.#handles.delete(path);
    closeSync(handle);
  }

  close(): void {
    for (const handle of this.#handles.values()) closeSync(handle);
    this.#handles.clear();
  }

  #keep(path: GuestPath, handle: number): void {
    this.#handles.set(path, handle);
    if (this.#handles.size <= maxHandles) return;
    for (const oldest of this.#handles.keys()) {
      if (oldest === '/') continue;
      this.forget(oldest);
      return;
    }
  }
}

/** The path of a name in an open directory. A name that is not UTF-8 needs a path of bytes. */
export function childOf(handle: number, name: string): string | Buffer {
  const prefix = `/proc/self/fd/${handle}/`;
  return isEscaped(name) ? Buffer.concat([Buffer.from(prefix), encode(name)]) : prefix + name;
}

/**
 * Makes a system call that reads.
 * @throws {ImageError} code `unreadable` when it fails
 */
export function reading<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof HallmarkError) throw cause;
    throw new ImageError('unreadable', `cannot read ${path}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
    });
  }
}

function openIfThere(path: string | Buffer): number | undefined {
  try {
    return openSync(path, directoryFlags);
  } catch (error) {
    // ENOTDIR: replaced by something else since it was resolved; O_NOFOLLOW on a link gives that, too.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function openRoot(root: string): number {
  try {
    return openSync(root, O_PATH | constants.O_DIRECTORY);
  } catch (cause) {
    throw new ImageError('unreadable', `cannot open ${root}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
    });
  }
}
