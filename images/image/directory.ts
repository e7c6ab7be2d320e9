import {
  constants,
  type Stats,
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { ImageError } from '../base/errors.js';
import { refuseLarger } from '../base/limit.js';
import type { DirectoryEntry, Disks, Entry, EntryType, GuestPath, Image, Tree } from './image.js';
import { DirectoryHandles, reading } from './handles.js';
import { RememberedTree } from './remembered.js';
import { ResolvedImage } from './resolve.js';
import { decode } from '../base/text.js';

/**
 * A root file system in a directory of the host.
 * @param root - path on the host
 * @param disks - those of the server, where its root was found on one of them
 * @throws {ImageError} when `root` is missing or not a directory
 */
export function openDirectory(root: string, kind: 'directory' | 'host' = 'directory', disks?: Disks): Image {
  return new ResolvedImage(new RememberedTree(new DirectoryTree(root, kind, disks)));
}

/**
 * Reads through {@link DirectoryHandles}, so that no link of the guest is ever followed.
 *
 * The calls are the synchronous ones on purpose: a rule reads many small files, each a few microseconds from the
 * page cache, and a trip through the thread pool for each would cost ten times that.
 */
class DirectoryTree implements Tree {
  readonly #handles: DirectoryHandles;

  constructor(
    readonly source: string,
    readonly kind: 'directory' | 'host',
    readonly disks?: Disks,
  ) {
    this.#handles = new DirectoryHandles(source);
  }

  async entry(path: GuestPath): Promise<Entry | undefined> {
    // Of the root itself the user knows only the host's name.
    return reading(path === '/' ? this.source : path, () => {
      const at = this.#handles.at(path);
      const stats = at === undefined ? undefined : lstatSync(at, { throwIfNoEntry: false });
      if (at === undefined || !stats) return undefined;
      const entry = entryOf(stats);
      return entry.type === 'link'
        ? { ...entry, target: decode(readlinkSync(at, { encoding: 'buffer' })) }
        : entry;
    });
  }

  async list(path: GuestPath): Promise<readonly DirectoryEntry[]> {
    return reading(path, () => {
      const handle = this.#handles.handle(path);
      if (handle === undefined) return [];
      const folder = `/proc/self/fd/${handle}`;
      const names = readdirSync(folder, { withFileTypes: true });
      if (!names.some(({ name }) => name.includes('\ufffd')))
        return names.map((entry) => ({ name: entry.name, type: typeOf(entry) }));
      // A name that is not UTF-8, or has that very character: its bytes tell.
      const raw = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
      return raw.map((entry) => ({ name: decode(entry.name), type: typeOf(entry) }));
    });
  }

  async read(path: GuestPath, limit: number): Promise<Buffer> {
    return reading(path, () => {
      const at = this.#handles.at(path);
      if (at === undefined) throw new ImageError('unreadable', `${path} has disappeared`);
      // Without O_NONBLOCK the open of a file that was just swapped for a FIFO would wait for ever.
      const file = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const stats = fstatSync(file);
        if (!stats.isFile()) throw new ImageError('not-a-file', `${path} is no longer a file`);
        refuseLarger(path, stats.size, limit);
        return readAll(file, path, stats.size, limit);
      } finally {
        closeSync(file);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#handles.close();
  }
}

function readAll(file: number, path: GuestPath, expected: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  // One byte more than the size says: a file of /proc says 0, and one that grows must be noticed.
  let room = Math.min(expected, limit) + 1;
  for (;;) {
    const chunk = Buffer.allocUnsafe(room);
    const count = readSync(file, chunk, 0, room, null);
    if (count === 0) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    total += count;
    // All that was announced, and room for more that nothing filled: the end. What /proc has announces nothing.
    if (total === expected && count < room)
      return chunks.length === 1 ? chunk.subarray(0, count) : Buffer.concat(chunks);
    if (total > limit) throw new ImageError('too-large', `${path} grew beyond the limit of ${limit} bytes`);
    room = Math.min(64 * 1024, limit - total + 1);
  }
}

function entryOf(stats: Stats): Entry {
  return { type: typeOf(stats), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, size: stats.size };
}

/** The type of what a stat or a directory entry tells of. */
export function typeOf(
  it: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isCharacterDevice'>,
): EntryType {
  if (it.isFile()) return 'file';
  if (it.isDirectory()) return 'directory';
  if (it.isSymbolicLink()) return 'link';
  if (it.isFIFO()) return 'fifo';
  if (it.isSocket()) return 'socket';
  return it.isCharacterDevice() ? 'character-device' : 'block-device';
}

/** Whether an image is the system that is running. */
export function isOfHost({ kind }: Image): boolean {
  return kind === 'host';
}

/** Whether a directory of the host is the root of the system that is running. */
export function isRunningRoot(path: string): boolean {
  const [one, other] = [statSync(path), statSync('/')];
  return one.dev === other.dev && one.ino === other.ino;
}
