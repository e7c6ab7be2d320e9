import { lstatSync, readdirSync } from 'node:fs';
import type { ErrorCode } from '../base/error-codes.js';
import { HallmarkError, RepairError } from '../base/errors.js';
import { DirectoryHandles } from '../image/handles.js';
import type { GuestPath } from '../image/image.js';
import {
  Journal,
  type Manifest,
  type StepHook,
  clearUnfinished,
  identify,
  isSameImage,
  prepareStateDirectory,
  readManifests,
} from './journal.js';
import { lock, ownMark, print } from './lock.js';
import { isCutShort, isOf, isRecognizable } from './ownership.js';
import { join, parentOf } from '../image/resolve.js';
import { imageName } from './place.js';
import { restore } from './restore.js';
import { directoryAt, isAsPlanned, look } from './state.js';
import { decode } from '../base/text.js';

/** A transaction that was taken back. */
export interface TakenBack {
  readonly id: string;
  /** `undone` on request; `recovered` because its run was cut short. */
  readonly how: 'undone' | 'recovered';
  /** Every path that was put back. */
  readonly paths: readonly GuestPath[];
  /** What could not be put back and why, one line each. */
  readonly warnings: readonly string[];
}

export interface UndoOptions {
  readonly stateDirectory: string;
  /** The transaction; the image's last one unless given. */
  readonly id?: string | undefined;
  readonly onStep?: StepHook | undefined;
}

/**
 * Takes back a committed transaction: bytes, owner, mode, times and extended attributes are again what they were.
 * Its journal is removed then. A run that was cut short is taken back instead, when there is one and no `id` is given.
 * @throws {RepairError} code `changed` when something is no longer as the transaction left it, naming every path:
 *   nothing was written; `nothing-to-undo`; `other-image`; `locked`; or what prevented a write, in which case the
 *   next command continues
 */
export async function undo(root: string, { stateDirectory, id, onStep }: UndoOptions): Promise<TakenBack> {
  const step = onStep ?? (() => undefined);
  prepareStateDirectory(stateDirectory, root);
  using _held = await lock(stateDirectory, root);
  const recovered = await recoverLocked(stateDirectory, root, step);
  const done = id === undefined ? recovered.at(-1) : recovered.find((one) => one.id === id);
  if (done) return done;
  const manifest = choose(stateDirectory, root, id);
  const handles = new DirectoryHandles(root);
  try {
    await refuseChanged(handles, manifest);
    const journal = Journal.open(stateDirectory, manifest.id, step);
    const undoing: Manifest = {
      ...manifest,
      state: 'undoing',
      writer: print(ownMark()),
      directories: untouchedDirectories(handles, manifest),
    };
    journal.update(undoing);
    return takenBack(undoing, 'undone', await finish(handles, journal, undoing));
  } finally {
    handles.close();
  }
}

/**
 * Takes back every transaction that was cut short: its process is gone, and neither its commit nor its undo is
 * complete.
 * @param root - the image; all whose root is where it was unless given
 * @throws {RepairError} code `locked` when another run is at work on the image
 */
export async function recover(
  stateDirectory: string,
  root?: string,
  onStep: StepHook = () => undefined,
): Promise<TakenBack[]> {
  const roots = root === undefined ? unfinishedRoots(stateDirectory) : [root];
  const recovered: TakenBack[] = [];
  for (const each of roots) {
    prepareStateDirectory(stateDirectory, each);
    using _held = await lock(stateDirectory, each);
    recovered.push(...(await recoverLocked(stateDirectory, each, onStep)));
  }
  return recovered;
}

/**
 * As {@link recover}, for who holds the lock already. The lock is that of a device: it says nothing about whoever
 * began the journal of another one, which may be a clone of this image (see `isCutShort`).
 */
export async function recoverLocked(
  stateDirectory: string,
  root: string,
  step: StepHook,
): Promise<TakenBack[]> {
  clearUnfinished(stateDirectory);
  const recovered: TakenBack[] = [];
  // Newest first, though there is only ever one.
  for (const manifest of listCutShort(stateDirectory, root).reverse()) {
    const handles = new DirectoryHandles(root);
    try {
      if (!(await isRecognizable(handles, manifest))) continue;
      const journal = Journal.open(stateDirectory, manifest.id, step);
      recovered.push(takenBack(manifest, 'recovered', await finish(handles, journal, manifest)));
    } finally {
      handles.close();
    }
  }
  return recovered;
}

/**
 * The transactions that are kept, oldest first: committed ones, and any that was cut short.
 * @param root - only those of this image
 */
export function listTransactions(stateDirectory: string, root?: string): Manifest[] {
  const manifests = readManifests(stateDirectory);
  return root === undefined ? manifests : manifests.filter((manifest) => isOf(manifest, root));
}

/** The transactions of an image that have to be taken back before anything else, oldest first. */
export function listCutShort(stateDirectory: string, root: string): Manifest[] {
  return readManifests(stateDirectory).filter((manifest) => isCutShort(manifest, root));
}

async function finish(handles: DirectoryHandles, journal: Journal, manifest: Manifest): Promise<string[]> {
  try {
    const warnings = await restore(handles, journal, manifest);
    journal.discard();
    return warnings;
  } catch (cause) {
    const [code, message]: [ErrorCode, string] =
      cause instanceof HallmarkError ? [cause.code, cause.message] : ['write-failed', String(cause)];
    throw new RepairError(code, `${message}; transaction ${manifest.id} is only partly undone`, {
      cause,
      hint: `The originals are kept in ${journal.folder}. Remove the obstacle, then run "hallmark undo".`,
    });
  }
}

function choose(stateDirectory: string, root: string, id: string | undefined): Manifest {
  const own = listTransactions(stateDirectory, root).filter(({ state }) => state === 'committed');
  const chosen = id === undefined ? own.at(-1) : own.find((manifest) => manifest.id === id);
  if (chosen) return chosen;
  const image = identify(root);
  const other = readManifests(stateDirectory).find((manifest) =>
    id === undefined ? isSameImage(manifest.image, image) : manifest.id === id,
  );
  if (other) {
    throw new RepairError(
      'other-image',
      `transaction ${other.id} belongs to another image (${other.source}), or ${imageName(root)} shows no trace of it; nothing was written`,
    );
  }
  throw new RepairError(
    'nothing-to-undo',
    `${stateDirectory} has no transaction${id === undefined ? '' : ` ${id}`} of ${imageName(root)}`,
  );
}

/** Undo promises exactness, so it writes only where all is still as the transaction left it. */
async function refuseChanged(handles: DirectoryHandles, { touched }: Manifest): Promise<void> {
  const changed: GuestPath[] = [];
  const known = new Set(touched.map(({ path }) => path));
  for (const { path, before, after } of touched) {
    const found = await look(handles, path);
    const hasHome = handles.handle(parentOf(path)) !== undefined || known.has(parentOf(path));
    if (!hasHome || !isAsPlanned(found, after)) changed.push(path);
    else if (after.type === 'directory' && before.type === 'absent')
      changed.push(...namesIn(handles, path).filter((name) => !known.has(name)));
  }
  if (changed.length === 0) return;
  throw new RepairError(
    'changed',
    `changed since hallmark wrote it: ${changed.join(', ')}; nothing was written`,
    {
      hint: 'Put these paths back as they were, or restore them by hand from the journal.',
    },
  );
}

function namesIn(handles: DirectoryHandles, path: GuestPath): GuestPath[] {
  const handle = handles.handle(path);
  if (handle === undefined) return [];
  return readdirSync(`/proc/self/fd/${handle}`, { encoding: 'buffer' }).map((name) =>
    join(path, decode(name)),
  );
}

/** A directory that someone else has written to since keeps its newer time. One that was removed gets its own again. */
function untouchedDirectories(handles: DirectoryHandles, { directories }: Manifest): Manifest['directories'] {
  return directories.filter(({ path, left }) => {
    const at = directoryAt(handles, path);
    return at === undefined || lstatSync(at, { bigint: true }).mtimeNs.toString() === left;
  });
}

function takenBack(manifest: Manifest, how: TakenBack['how'], warnings: readonly string[]): TakenBack {
  return { id: manifest.id, how, paths: manifest.touched.map(({ path }) => path), warnings };
}

/** Roots of unfinished transactions that are still where they were. */
function unfinishedRoots(stateDirectory: string): string[] {
  const manifests = readManifests(stateDirectory).filter(
    (manifest) =>
      lstatSync(manifest.image.root, { throwIfNoEntry: false }) && isCutShort(manifest, manifest.image.root),
  );
  return [...new Set(manifests.map(({ image }) => image.root))];
}
