import { link, remove, write } from '../../image/change.js';
import { sha256 } from '../../base/sha256.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { collapse, overlay } from '../../image/overlay.js';
import { parentOf } from '../../image/resolve.js';
import { encode } from '../../base/text.js';
import { putLinesBack } from './put-lines-back.js';
import { printRecord, recordPath } from './record.js';
import type { LeftState, RecordEntry, VpnRecord } from './record-shape.js';

/** Something that is not put back, since it is no longer as it was left. */
export interface UnrestoredPath {
  readonly path: GuestPath;
  /** "it was replaced by another file since". */
  readonly reason: string;
}

/** What putting a record back takes. */
export interface Restoration {
  /** One a path, ready to be applied; the record itself goes with what it told, or keeps what is left. */
  readonly changes: readonly Change[];
  /** Every path of the record that the changes give back what it had. */
  readonly back: readonly GuestPath[];
  readonly kept: readonly UnrestoredPath[];
}

type Edited = Extract<RecordEntry['was'], { readonly type: 'lines' }>;
type Moved = RecordEntry & { readonly was: Extract<RecordEntry['was'], { readonly type: 'moved' }> };

/**
 * Describes how a record is put back: its entries from the last to the first, each only where the guest is still as
 * the entry left it. What a person has changed since is kept, and stays recorded; what is already as it was needs
 * nothing. In a file that was edited since, the recorded lines alone are put back, as long as they can be told.
 */
export async function planRestoration(image: Image, record: VpnRecord): Promise<Restoration> {
  const changes: Change[] = [];
  const back = new Set<GuestPath>();
  const kept: UnrestoredPath[] = [];
  const left = new Set<RecordEntry>();
  for (const entry of inReverse(record.entries)) {
    // The other name of a file that stays away stays with it.
    const holds = [...left].some((other) => isMoved(other) && other.was.to === entry.path);
    const done = holds ? undefined : await putBack(await overlay(image, changes), entry);
    if (Array.isArray(done)) {
      changes.push(...done);
      if (done.length > 0) back.add(entry.path);
      continue;
    }
    left.add(entry);
    if (done !== undefined) kept.push({ path: entry.path, reason: done });
  }
  changes.push(
    ...(await updateRecord(
      await overlay(image, changes),
      record,
      record.entries.filter((entry) => left.has(entry)),
    )),
  );
  return { changes: collapse(changes), back: [...back].sort(), kept };
}

/** From the last to the first; but files before the other names under which they lie. */
function inReverse(entries: readonly RecordEntry[]): RecordEntry[] {
  const names = new Set(entries.filter(isMoved).map(({ was }) => was.to));
  const isOtherName = ({ path }: RecordEntry): boolean => names.has(path);
  const reversed = [...entries].reverse();
  return [...reversed.filter((entry) => !isOtherName(entry)), ...reversed.filter(isOtherName)];
}

/** The changes for one entry: none when all is as it was; or, in words, why it is left alone. */
async function putBack(image: Image, entry: RecordEntry): Promise<Change[] | string> {
  const { path, was, now } = entry;
  if ((await image.locate(path)) !== path) return 'a directory above it is now a link';
  if (was.type === 'lines') return editBack(image, entry, was);
  const found = await image.lstat(path);
  if (was.type === 'absent') {
    if (!found) return [];
    // A directory that somebody has use for is no fault.
    if (now.type === 'directory' && ((await image.readDir(path)) ?? []).length > 0) return [];
  }
  if (was.type === 'link' && found?.type === 'link' && found.target === was.target) return [];
  // Once there is a file again and no other name, somebody has moved it back already.
  if (was.type === 'moved' && found?.type === 'file' && !(await image.lstat(was.to))) return [];
  if (!(await isAsLeft(image, path, now))) return somebodyMade(found?.type);
  switch (was.type) {
    case 'absent':
      return remove(image, path);
    case 'link':
      return link(image, path, was.target);
    case 'moved':
      return moveBack(image, path, was);
  }
}

/** Puts lines back and, where that was changed, the mode: it is what keeps a boot from running some scripts. */
async function editBack(image: Image, { path, now }: RecordEntry, was: Edited): Promise<Change[] | string> {
  const found = await image.lstat(path);
  if (found?.type !== 'file' || now.type !== 'file') return somebodyMade(found?.type);
  const text = (await image.readText(path)) ?? '';
  const digest = sha256(encode(text));
  const restored = digest === was.sha256 ? text : putLinesBack(text, was.hunks, digest === now.sha256);
  if (restored === undefined) return 'these lines were changed since';
  const isOther = found.mode !== now.mode && found.mode !== was.mode;
  if (isOther && now.mode !== was.mode) return 'its mode was changed since';
  return write(image, path, restored, { mode: isOther ? found.mode : was.mode });
}

/** Gives a file its own name again, with the content that lies under the other. */
async function moveBack(image: Image, path: GuestPath, was: Moved['was']): Promise<Change[] | string> {
  const bytes = (await image.lstat(was.to))?.type === 'file' ? await image.readFile(was.to) : undefined;
  if (!bytes) return `${was.to} no longer holds its content`;
  const { mode, uid, gid } = was;
  return [...(await write(image, path, bytes, { mode, uid, gid })), ...(await remove(image, was.to))];
}

/** The record without what was put back; gone, with its directory if nothing else is in it, when nothing is left. */
async function updateRecord(
  image: Image,
  { since }: VpnRecord,
  left: readonly RecordEntry[],
): Promise<Change[]> {
  if (left.length > 0) return write(image, recordPath, printRecord(since, left));
  const gone = await remove(image, recordPath);
  const directory = parentOf(await image.locate(recordPath));
  const others = ((await image.readDir(directory)) ?? []).filter(
    ({ name }) => !recordPath.endsWith(`/${name}`),
  );
  return others.length > 0 ? gone : [...gone, ...(await remove(await overlay(image, gone), directory))];
}

async function isAsLeft(image: Image, path: GuestPath, now: LeftState): Promise<boolean> {
  const found = await image.lstat(path);
  if (!found) return now.type === 'absent';
  if (found.type !== now.type) return false;
  if (now.type === 'link') return found.target === now.target;
  if (now.type !== 'file') return true;
  const bytes = await image.readFile(path);
  return bytes !== undefined && sha256(bytes) === now.sha256;
}

const isMoved = (entry: RecordEntry): entry is Moved => entry.was.type === 'moved';

const somebodyMade = (type: string | undefined): string =>
  type === undefined ? 'it was removed since' : `it was replaced by another ${type} since`;
