import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { readExtended, sameExtended } from './attributes.js';
import { typeOf } from '../image/directory.js';
import { ImageError } from '../base/errors.js';
import { type DirectoryHandles, reading } from '../image/handles.js';
import type { GuestPath } from '../image/image.js';
import type { Attributes, PlannedState, PathState } from './journal.js';
import { decode } from '../base/text.js';

/** What is at a path now. A file carries its digest; `stats` serve to notice that it changed meanwhile. */
export type FoundState =
  | { readonly type: 'absent' }
  | { readonly type: 'other'; readonly stats: BigIntStats }
  | (Attributes & { readonly type: 'directory'; readonly stats: BigIntStats })
  | (Attributes & { readonly type: 'link'; readonly target: string; readonly stats: BigIntStats })
  | (Attributes & { readonly type: 'file'; readonly sha256: string; readonly stats: BigIntStats });

/**
 * Looks at a path without following any link; a path whose directory is missing is absent.
 * @param onChunk - receives a file's content as it is read, to copy it in the same pass
 * @throws {ImageError} code `unreadable`
 */
export async function look(
  handles: DirectoryHandles,
  path: GuestPath,
  onChunk?: (chunk: Buffer) => void,
): Promise<FoundState> {
  const [at, stats] = reading(path, () => lookup(handles, path));
  if (at === undefined || !stats) return { type: 'absent' };
  switch (typeOf(stats)) {
    case 'file': {
      // Attributes first: reading moves nothing but the access time.
      const attributes = await attributesOf(at, stats);
      return { ...attributes, type: 'file', sha256: digest(at, path, stats, onChunk), stats };
    }
    case 'link':
      return {
        ...(await attributesOf(at, stats)),
        type: 'link',
        target: decode(readlinkSync(at, { encoding: 'buffer' })),
        stats,
      };
    case 'directory':
      return { ...(await attributesOf(directoryAt(handles, path) ?? at, stats)), type: 'directory', stats };
    case 'fifo':
    case 'socket':
    case 'character-device':
    case 'block-device':
      return { type: 'other', stats };
  }
}

/** Whether what was found is what the state describes, to the last attribute. A directory's time is left out. */
export function isAsBefore(found: FoundState, state: PathState): boolean {
  if (state.type === 'absent' || found.type === 'absent') return state.type === found.type;
  if (found.type === 'other' || found.type !== state.type) return false;
  if (found.uid !== state.uid || found.gid !== state.gid || !sameExtended(found.extended, state.extended))
    return false;
  switch (state.type) {
    case 'directory':
      return found.mode === state.mode;
    case 'link':
      return found.type === 'link' && found.target === state.target && found.modified === state.modified;
    case 'file':
      return (
        found.type === 'file' &&
        found.sha256 === state.sha256 &&
        found.mode === state.mode &&
        found.modified === state.modified
      );
  }
}

/** Whether what was found is what the change left there. */
export function isAsPlanned(found: FoundState, outcome: PlannedState): boolean {
  switch (outcome.type) {
    case 'absent':
      return found.type === 'absent';
    case 'directory':
      return found.type === 'directory' && hasAttributes(found, outcome);
    case 'link':
      return found.type === 'link' && found.target === outcome.target;
    case 'file':
      return (
        found.type === 'file' &&
        found.sha256 === outcome.sha256 &&
        found.mode === outcome.mode &&
        found.uid === outcome.uid &&
        found.gid === outcome.gid &&
        (outcome.extended === undefined || sameExtended(found.extended, outcome.extended))
      );
  }
}

/** Whether mode and owner are these, as far as they are given. */
export function hasAttributes(
  { mode, uid, gid }: Attributes,
  wanted: { readonly mode?: number; readonly uid?: number; readonly gid?: number },
): boolean {
  return (wanted.mode ?? mode) === mode && (wanted.uid ?? uid) === uid && (wanted.gid ?? gid) === gid;
}

/** Whether a path still holds the very thing that was looked at, untouched. */
export function isUntouched(handles: DirectoryHandles, path: GuestPath, found: FoundState): boolean {
  const [, now] = reading(path, () => lookup(handles, path));
  if (!now || found.type === 'absent') return !now && found.type === 'absent';
  if (now.ino !== found.stats.ino || now.dev !== found.stats.dev) return false;
  // A directory's own times move when its content is removed before it.
  if (found.type === 'directory') return true;
  // The change time of a file moves with its other names.
  return found.stats.nlink > 1n ? now.mtimeNs === found.stats.mtimeNs : now.ctimeNs === found.stats.ctimeNs;
}

/** The path of a directory itself, by its handle, whatever bytes its name is made of. */
export function directoryAt(handles: DirectoryHandles, path: GuestPath): string | undefined {
  const handle = handles.handle(path);
  return handle === undefined ? undefined : `/proc/self/fd/${handle}/.`;
}

function lookup(handles: DirectoryHandles, path: GuestPath): [at?: string | Buffer, stats?: BigIntStats] {
  const at = handles.at(path);
  const stats = at === undefined ? undefined : lstatSync(at, { bigint: true, throwIfNoEntry: false });
  return at === undefined || !stats ? [] : [at, stats];
}

async function attributesOf(at: string | Buffer, stats: BigIntStats): Promise<Attributes> {
  return {
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    modified: stats.mtimeNs.toString(),
    extended: await readExtended(at),
  };
}

function digest(
  at: string | Buffer,
  path: GuestPath,
  seen: BigIntStats,
  onChunk?: (chunk: Buffer) => void,
): string {
  // Without O_NONBLOCK the open of a file that was just swapped for a FIFO would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = reading(path, () => openSync(at, flags));
  try {
    const stats = fstatSync(file, { bigint: true });
    if (stats.ino !== seen.ino || !stats.isFile())
      throw new ImageError('unreadable', `${path} changed while it was read`);
    return pump(file, onChunk);
  } finally {
    closeSync(file);
  }
}

const chunkSize = 256 * 1024;

/** Reads an open file to its end. Gives the SHA-256 (hex) of what was read. */
export function pump(file: number, onChunk: (chunk: Buffer) => void = () => undefined): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkSize);
  for (;;) {
    const count = readSync(file, buffer, 0, chunkSize, null);
    if (count === 0) return hash.digest('hex');
    const chunk = buffer.subarray(0, count);
    hash.update(chunk);
    onChunk(chunk);
  }
}
