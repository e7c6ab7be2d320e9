import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ImageError, RepairError, UsageError, systemCode } from '../base/errors.js';
import { errorNumber } from './attributes.js';
import type { GuestPath } from '../image/image.js';
import type { ExtendedAttributes } from '../image/posix.js';
import { isAlive, ownMark, parse, print } from './lock.js';
import { placeOf } from './place.js';

/** Called before every system call that writes, with what it is about to do. */
export type StepHook = (name: string) => void;

/** What is at a path, completely: enough to put it back as it was. Times are nanoseconds since 1970. */
export type PathState =
  | { readonly type: 'absent' }
  | (Attributes & { readonly type: 'directory' })
  | (Attributes & { readonly type: 'link'; readonly target: string })
  | (Attributes & {
      readonly type: 'file';
      readonly sha256: string;
      /** Its copy: `originals/N`. */
      readonly original: number;
      /** Device and inode, when the file has more names than one. */
      readonly inode?: string | undefined;
      /** Its other names, as far as they were found. */
      readonly links?: readonly GuestPath[] | undefined;
    });

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: string;
  readonly extended: ExtendedAttributes;
}

/**
 * What a change leaves at a path. `extended` only where the change says, or a file was replaced: a new one has what
 * the kernel gives. Mode and owner of a directory only where it was there before.
 */
export type PlannedState =
  | { readonly type: 'absent' }
  | { readonly type: 'directory'; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly type: 'link'; readonly target: string }
  | {
      readonly type: 'file';
      readonly sha256: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly extended?: ExtendedAttributes | undefined;
    };

export interface TouchedPath {
  readonly path: GuestPath;
  /** The name, in the same directory, under which the new file is made; the old one too when it is put back. */
  readonly temporary: string;
  readonly before: PathState;
  readonly after: PlannedState;
  /** Inode and modification time of the file or link that was made, known before it takes its place. */
  readonly made?: string | undefined;
}

/** A directory whose modification time changes with its content. */
export interface TouchedDirectory {
  readonly path: GuestPath;
  readonly modified: string;
  /** Its time after the commit: another one says that someone else has been there since. */
  readonly left?: string | undefined;
}

/** Tells one image from another that is mounted at the same place at another time. */
export interface ImageIdentity {
  /** As `placeOf` has it. */
  readonly root: string;
  readonly device: string;
  readonly inode: string;
  /** When the root's inode was made, `0` where the file system does not tell. */
  readonly born: string;
}

export interface Manifest {
  readonly format: 1;
  readonly id: string;
  /** What the user called the image. */
  readonly source: string;
  readonly image: ImageIdentity;
  /** The process that is or was at work, as `print` writes its mark. */
  readonly writer?: string | undefined;
  /** `applying` and `undoing` are on the way; found with their process gone, they are taken back. */
  readonly state: 'applying' | 'committed' | 'undoing';
  readonly created: string;
  readonly touched: readonly TouchedPath[];
  readonly directories: readonly TouchedDirectory[];
}

/**
 * A journal inside the image would be part of what it is to restore; of the running system it has to be.
 * @throws {UsageError} code `state-inside-image`
 */
export function assertOutside(stateDirectory: string, root: string): void {
  const image = statSync(root);
  const host = statSync('/');
  const isHost = image.dev === host.dev && image.ino === host.ino;
  for (let up = existing(path.resolve(stateDirectory)); !isHost; up = path.dirname(up)) {
    const { dev, ino } = statSync(up);
    if (dev === image.dev && ino === image.ino) {
      throw new UsageError(
        'state-inside-image',
        `the journal would lie inside the image: ${stateDirectory}`,
        {
          hint: 'Set XDG_STATE_HOME to a directory outside the image.',
        },
      );
    }
    if (up === '/') break;
  }
}

/**
 * Makes the state directory, for its owner only: what is kept there may be secret.
 * @throws {UsageError} code `state-inside-image`: an image cannot keep its own journal, save the live host
 * @throws {RepairError} code `unsafe-state` when it belongs to someone else
 */
export function prepareStateDirectory(stateDirectory: string, root: string): void {
  assertOutside(stateDirectory, root);
  const transactions = path.resolve(stateDirectory, 'transactions');
  try {
    const first = mkdirSync(transactions, { recursive: true, mode: 0o700 });
    // A journal is safe only in folders that are on the disk themselves.
    for (
      let made = transactions;
      first !== undefined && made.length >= first.length;
      made = path.dirname(made)
    ) {
      syncFolder(path.dirname(made));
    }
  } catch (cause) {
    throw journalFailure(stateDirectory, cause);
  }
  for (const folder of [stateDirectory, transactions]) {
    const stats = statSync(folder);
    if (stats.uid !== process.geteuid?.() || (stats.mode & 0o022) !== 0) {
      throw new RepairError('unsafe-state', `${folder} can be written by others; nothing was changed`, {
        hint: 'Make it yours alone: chown it to yourself and chmod it to 0700.',
      });
    }
  }
}

/** What to throw when the journal could not be written, which is always before the image is. */
export function journalFailure(stateDirectory: string, cause: unknown): RepairError {
  const code = errorNumber(cause) === 28 ? 'no-space' : 'journal-failed'; // ENOSPC
  return new RepairError(
    code,
    `cannot keep a journal in ${stateDirectory}: ${String(cause)}; nothing was changed`,
    {
      cause,
      hint: 'Set XDG_STATE_HOME to a writable directory with enough room.',
    },
  );
}

export function identify(root: string): ImageIdentity {
  const { dev, ino, birthtimeNs } = statSync(root, { bigint: true });
  return {
    root: placeOf(root),
    device: dev.toString(),
    inode: ino.toString(),
    born: birthtimeNs.toString(),
  };
}

/**
 * Whether it can be the same image. Device numbers change from boot to boot and mount points from day to day; the
 * root's inode with the time of its making stays. Where that time is not known, path and device must agree
 * instead. Clones of one disk agree in all that stays: `isOf` tells them apart.
 */
export function isSameImage(one: ImageIdentity, other: ImageIdentity): boolean {
  if (one.inode !== other.inode || one.born !== other.born) return false;
  return one.born !== '0' || isSamePlace(one, other);
}

/** Whether an image is where the other is, or was. */
export function isSamePlace(one: ImageIdentity, other: ImageIdentity): boolean {
  return one.root === other.root && one.device === other.device;
}

/**
 * The journal of one transaction: `transactions/ID/manifest.json` and `originals/N` beside it. It is built under
 * another name and renamed when it is complete and on the disk, and it goes the same way, so that a journal that
 * can be seen is always whole.
 */
export class Journal {
  #folder: string;

  private constructor(
    folder: string,
    readonly step: StepHook,
  ) {
    this.#folder = folder;
  }

  get folder(): string {
    return this.#folder;
  }

  static create(stateDirectory: string, step: StepHook): Journal {
    // Sorts by time: 20260102-030405678
    const now = new Date()
      .toISOString()
      .replace(/[-:.Z]/g, '')
      .replace('T', '-');
    const id = `${now}-${randomBytes(4).toString('hex')}`;
    const journal = new Journal(path.join(stateDirectory, 'transactions', unfinishedName(id)), step);
    step('journal: make folder');
    mkdirSync(path.join(journal.folder, 'originals'), { recursive: true, mode: 0o700 });
    return journal;
  }

  static open(stateDirectory: string, id: string, step: StepHook): Journal {
    return new Journal(path.join(stateDirectory, 'transactions', id), step);
  }

  get id(): string {
    return path.basename(this.folder).replace(/^unfinished\..*\./, '');
  }

  original(number: number): string {
    return path.join(this.folder, 'originals', String(number));
  }

  /** The manifest is on the disk, and the originals before it: from here on the image may be written. */
  publish(manifest: Manifest): void {
    this.#write(manifest);
    this.step('journal: sync originals folder');
    syncFolder(path.join(this.folder, 'originals'));
    const published = path.join(path.dirname(this.folder), manifest.id);
    this.step('journal: publish');
    renameSync(this.folder, published);
    this.#folder = published;
    this.step('journal: sync transactions folder');
    syncFolder(path.dirname(this.folder));
  }

  /** Replaces the manifest in one step: the mark of a commit, and of an undo that has begun. */
  update(manifest: Manifest): void {
    this.#write(manifest);
  }

  /** Nothing of a transaction that was taken back is needed any more, and its originals may be secret. */
  discard(): void {
    const doomed = path.join(path.dirname(this.folder), unfinishedName(this.id));
    if (doomed !== this.folder) {
      this.step('journal: retire');
      renameSync(this.folder, doomed);
      this.step('journal: sync transactions folder');
      syncFolder(path.dirname(this.folder));
    }
    this.step('journal: remove');
    rmSync(doomed, { recursive: true, force: true });
  }

  #write(manifest: Manifest): void {
    const temporary = path.join(this.folder, 'manifest.json.new');
    this.step('journal: write manifest');
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify(manifest, null, 1)}\n`);
      this.step('journal: sync manifest');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.step(`journal: mark ${manifest.state}`);
    renameSync(temporary, path.join(this.folder, 'manifest.json'));
    this.step('journal: sync folder');
    syncFolder(this.folder);
  }
}

/**
 * Every transaction that is kept, oldest first.
 * @throws {RepairError} code `journal-damaged`
 */
export function readManifests(stateDirectory: string): Manifest[] {
  const folder = path.join(stateDirectory, 'transactions');
  return namesIn(folder)
    .filter((name) => !name.startsWith('unfinished.'))
    .sort()
    .map((name) => readManifest(path.join(folder, name)));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readManifest(folder: string): Manifest {
  const file = path.join(folder, 'manifest.json');
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest> | null;
  } catch (cause) {
    throw new RepairError('journal-damaged', `${file} cannot be read: ${String(cause)}`, { cause });
  }
  if (manifest?.format !== 1 || manifest.id !== path.basename(folder)) {
    throw new RepairError(
      'journal-damaged',
      `${file} is not a journal that this version of hallmark can read`,
    );
  }
  return manifest as Manifest;
}

/** Removes what a killed run left before its journal was complete, or after it was done with. */
export function clearUnfinished(stateDirectory: string): void {
  const folder = path.join(stateDirectory, 'transactions');
  for (const name of namesIn(folder)) {
    const [, text = ''] = /^unfinished\.(.*)\.[^.]*$/.exec(name) ?? [];
    const mark = parse(text);
    if (mark && !isAlive(mark)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function unfinishedName(id: string): string {
  return `unfinished.${print(ownMark())}.${id}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw new ImageError('unreadable', `cannot list ${folder}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
    });
  }
}

function existing(folder: string): string {
  let up = folder;
  while (!existsSync(up)) up = path.dirname(up); // also under a file, which mkdir will refuse
  return realpathSync(up);
}
