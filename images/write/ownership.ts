import { type BigIntStats, lstatSync } from 'node:fs';
import { DirectoryHandles } from '../image/handles.js';
import type { GuestPath } from '../image/image.js';
import { type Manifest, identify, isSameImage, isSamePlace } from './journal.js';
import { isAlive, parse } from './lock.js';
import { directoryAt, isAsBefore, isAsPlanned, look } from './state.js';
import { beside } from './writer.js';

/**
 * Whether a journal is of the image at hand. An image keeps its root's inode and time of making wherever it is
 * mounted, but so do the clones of one template: at another path, or on another device, the image itself has to
 * show what this transaction, and no other, has made there.
 */
export function isOf(manifest: Manifest, root: string): boolean {
  const image = identify(root);
  if (!isSameImage(manifest.image, image)) return false;
  return isSamePlace(manifest.image, image) || bearsMarks(root, manifest);
}

/**
 * Whether a journal was cut short, and may be taken back by who holds the lock of this image. On this device the
 * lock says that nobody else is at work; on another one, only the process that wrote the journal can.
 */
export function isCutShort(manifest: Manifest, root: string): boolean {
  if (manifest.state === 'committed' || !isOf(manifest, root)) return false;
  const writer = parse(manifest.writer ?? '');
  return manifest.image.device === identify(root).device || writer === undefined || !isAlive(writer);
}

/**
 * Whether anything of the transaction can be found: a path as it was before or after, or a name of its own.
 * Where nothing can, another image has taken the place, and the journal is not to be spent on it.
 */
export async function isRecognizable(handles: DirectoryHandles, manifest: Manifest): Promise<boolean> {
  if (manifest.touched.length === 0 || hasTemporary(handles, manifest)) return true;
  for (const { path, before, after } of manifest.touched) {
    const found = await look(handles, path);
    if (isAsBefore(found, before) || isAsPlanned(found, after)) return true;
  }
  return false;
}

/** Tells a file or link that was made from every other: a clone may have the inode, but not made at this time. */
export function markOf(handles: DirectoryHandles, path: GuestPath): string | undefined {
  const stats = statsOf(handles, path);
  return stats && `${stats.ino}-${stats.mtimeNs}`;
}

function bearsMarks(root: string, manifest: Manifest): boolean {
  const handles = new DirectoryHandles(root);
  try {
    if (hasTemporary(handles, manifest)) return true;
    const made = manifest.touched.filter((each) => each.made !== undefined);
    const isThere = ({ path, made: mark }: (typeof made)[number]): boolean => markOf(handles, path) === mark;
    // Taking back has to find all that was committed anyway; one that was cut short has left only a part.
    if (manifest.state !== 'committed') return made.some(isThere);
    return made.length > 0 ? made.every(isThere) : hasDirectoryTime(handles, manifest);
  } finally {
    handles.close();
  }
}

/** Temporary names hold the transaction's id, which is random. */
function hasTemporary(handles: DirectoryHandles, { touched }: Manifest): boolean {
  return touched.some(({ path, temporary }) => statsOf(handles, beside(path, temporary)) !== undefined);
}

/** What only removes leaves but the times of directories. */
function hasDirectoryTime(handles: DirectoryHandles, { directories }: Manifest): boolean {
  return directories.some(({ path, modified, left }) => {
    const at = directoryAt(handles, path);
    if (at === undefined || left === undefined || left === modified) return false;
    return lstatSync(at, { bigint: true }).mtimeNs.toString() === left;
  });
}

function statsOf(handles: DirectoryHandles, path: GuestPath): BigIntStats | undefined {
  const at = handles.at(path);
  return at === undefined ? undefined : lstatSync(at, { bigint: true, throwIfNoEntry: false });
}
