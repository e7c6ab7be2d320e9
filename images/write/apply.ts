import { lstatSync } from 'node:fs';
import { dated, sourceDate } from '../base/clock.js';
import { type CapturedChange, capture, directoriesOf } from './capture.js';
import { HallmarkError, RepairError } from '../base/errors.js';
import { DirectoryHandles } from '../image/handles.js';
import type { Change } from '../image/image.js';
import {
  Journal,
  type Manifest,
  type StepHook,
  type TouchedDirectory,
  identify,
  journalFailure,
  prepareStateDirectory,
} from './journal.js';
import { lock, ownMark, print } from './lock.js';
import { markOf } from './ownership.js';
import { fileAttributes } from '../image/posix.js';
import { parentOf } from '../image/resolve.js';
import { restore } from './restore.js';
import { directoryAt, isUntouched } from './state.js';
import { type TakenBack, recoverLocked } from './undo.js';
import { Writer, beside, directoryOwnership } from './writer.js';

export interface ApplyOptions {
  /** Where locks and journals are kept: see `defaultStateDirectory`. */
  readonly stateDirectory: string;
  /** What the user called the image, for the list of transactions. */
  readonly source: string;
  /** When it aborts, what was done is taken back and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The time of whatever is written and of the directories it is in, in seconds since 1970; now unless given. */
  readonly modified?: number | undefined;
  /** Called before every system call that writes. What it throws is treated as that call's failure. */
  readonly onStep?: StepHook | undefined;
}

export interface Applied {
  /** Names the transaction for `undo`. */
  readonly id: string;
  /** What the user should know, one line each. */
  readonly warnings: readonly string[];
  /** Earlier transactions that had been cut short, and were taken back before this one. */
  readonly recovered: readonly TakenBack[];
}

/**
 * Makes changes to a root file system on the host, all or none. Interrupted at any point, by a signal or a power
 * cut, the next `apply`, `undo` or `recover` takes back what was done.
 *
 * A transaction of an earlier run that was cut short is taken back first.
 * @param changes - one a path (see `collapse`); directories are made first, and removals come last
 * @throws {RepairError} code `changed` when a path is not as its change expects it: nothing was written; `locked`;
 *   `read-only`, `no-space`, `not-permitted` or `write-failed`: the image is as it was; `rollback-failed`
 * @throws {UsageError} code `state-inside-image`
 */
export async function apply(
  root: string,
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<Applied> {
  const { stateDirectory, source, signal, onStep: step = () => undefined } = options;
  const { modified = sourceDate() } = options;
  prepareStateDirectory(stateDirectory, root);
  using _held = await lock(stateDirectory, root);
  const recovered = await recoverLocked(stateDirectory, root, step);
  const handles = new DirectoryHandles(root);
  try {
    const { journal, manifest, captured } = await prepare(handles, root, changes, {
      stateDirectory,
      source,
      step,
    });
    const transaction = new FileTransaction(handles, journal, manifest, modified, signal);
    const warnings = brokenHardLinks(captured);
    await transaction.run(captured);
    return { id: manifest.id, warnings, recovered };
  } finally {
    handles.close();
  }
}

interface PreparedTransaction {
  readonly journal: Journal;
  readonly manifest: Manifest;
  readonly captured: readonly CapturedChange[];
}

/** Everything before the first write to the image: preconditions, and the journal, complete and on the disk. */
async function prepare(
  handles: DirectoryHandles,
  root: string,
  changes: readonly Change[],
  { stateDirectory, source, step }: { stateDirectory: string; source: string; step: StepHook },
): Promise<PreparedTransaction> {
  let journal: Journal | undefined;
  try {
    journal = Journal.create(stateDirectory, step);
    const captured = await capture(handles, journal, changes);
    const manifest: Manifest = {
      format: 1,
      id: journal.id,
      source,
      image: identify(root),
      writer: print(ownMark()),
      state: 'applying',
      created: new Date().toISOString(),
      touched: captured.map(({ touched }) => touched),
      directories: await directoriesOf(handles, captured),
    };
    journal.publish(manifest);
    return { journal, manifest, captured };
  } catch (cause) {
    journal?.discard();
    throw cause instanceof HallmarkError ? cause : journalFailure(stateDirectory, cause);
  }
}

/** The writing part, between the journal's publication and its commit. */
class FileTransaction {
  readonly #writer: Writer;

  constructor(
    readonly handles: DirectoryHandles,
    readonly journal: Journal,
    public manifest: Manifest,
    readonly modified: number | undefined,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#writer = new Writer(handles, journal.step);
  }

  async run(captured: readonly CapturedChange[]): Promise<void> {
    let committing = false;
    try {
      await this.#perform(captured);
      committing = true;
      this.journal.update({
        ...this.manifest,
        state: 'committed',
        directories: this.manifest.directories.map((it) => this.#left(it)),
      });
    } catch (error) {
      await this.#takeBack(error, committing);
    }
  }

  /** What can fail for want of space or permission comes first, under temporary names; then only renames are left. */
  async #perform(captured: readonly CapturedChange[]): Promise<void> {
    for (const { change, found, label } of [...captured].sort(byPath)) {
      if (change.kind !== 'directory' || found.type !== 'absent') continue;
      await this.#checkAbort();
      await this.#writer.createDirectory(change.path, { ...directoryOwnership(change), label });
    }
    for (const one of captured) {
      await this.#checkAbort();
      await this.#make(one);
    }
    this.#recordMade();
    for (const one of captured) {
      if (one.change.kind !== 'write' && one.change.kind !== 'link') continue;
      this.#checkUntouched(one);
      this.#writer.replace(one.change.path, beside(one.change.path, one.touched.temporary));
    }
    await this.#checkAbort();
    for (const one of captured
      .filter(({ change }) => change.kind === 'remove')
      .sort(byPath)
      .reverse()) {
      this.#checkUntouched(one);
      if (one.found.type === 'directory') this.#writer.removeDirectory(one.change.path);
      else this.#writer.unlink(one.change.path);
    }
    // Not before: a mode may forbid what comes earlier.
    for (const one of captured) {
      if (one.change.kind !== 'directory' || one.found.type !== 'directory') continue;
      this.#checkUntouched(one);
      await this.#writer.setDirectory(one.change.path, directoryOwnership(one.change));
    }
    if (this.modified !== undefined) this.#dateDirectories(captured, this.modified);
    for (const directory of new Set(captured.map(({ change }) => parentOf(change.path)))) {
      if (this.handles.handle(directory) !== undefined) await this.#writer.syncDirectory(directory);
    }
  }

  /** Those that were made, and those in which something was made, replaced or removed. */
  #dateDirectories(captured: readonly CapturedChange[], modified: number): void {
    const made = captured.filter(
      ({ change, found }) => change.kind === 'directory' && found.type === 'absent',
    );
    const holding = captured.filter(
      ({ change, found }) => change.kind !== 'directory' || found.type === 'absent',
    );
    const directories = [
      ...made.map(({ change }) => change.path),
      ...holding.map(({ change }) => parentOf(change.path)),
    ];
    for (const directory of new Set(directories))
      if (this.handles.handle(directory) !== undefined) this.#writer.setTime(directory, modified);
  }

  async #make({ change, label, touched: { before, temporary } }: CapturedChange): Promise<void> {
    const path = beside(change.path, temporary);
    if (change.kind === 'write') {
      const { modified = this.modified } = dated(change, this.modified);
      const replaced = before.type === 'file' ? before : undefined;
      const extended = change.posix?.extended ?? replaced?.extended;
      const ownership = { ...fileAttributes(change, replaced), extended, label };
      await this.#writer.createFile(path, change.content, ownership, modified);
    } else if (change.kind === 'link') {
      const kept =
        before.type === 'link' ? { uid: before.uid, gid: before.gid, extended: before.extended } : {};
      await this.#writer.createLink(path, change.target, { ...kept, ...change.posix, label });
      if (this.modified !== undefined) this.#writer.setTime(path, this.modified);
    }
  }

  /** While every new file still has a name that tells whose it is: from here on the journal can tell, too. */
  #recordMade(): void {
    const touched = this.manifest.touched.map((each) => {
      const made = markOf(this.handles, beside(each.path, each.temporary));
      return made === undefined ? each : { ...each, made };
    });
    this.manifest = { ...this.manifest, touched };
    this.journal.update(this.manifest);
  }

  #checkUntouched({ change, found }: CapturedChange): void {
    if (!isUntouched(this.handles, change.path, found)) {
      throw new RepairError('changed', `${change.path} was changed by someone else just now`);
    }
  }

  /** Lets a signal's handler run, which synchronous calls alone never would. */
  async #checkAbort(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.signal?.throwIfAborted();
  }

  #left(directory: TouchedDirectory): TouchedDirectory {
    const at = directoryAt(this.handles, directory.path);
    return at === undefined
      ? directory
      : { ...directory, left: lstatSync(at, { bigint: true }).mtimeNs.toString() };
  }

  /** Restores the image, and throws what went wrong. */
  async #takeBack(error: unknown, committing: boolean): Promise<never> {
    let warnings: string[];
    try {
      // The mark of the commit may be on the disk already: it must not outlive the first step back.
      if (committing) this.journal.update({ ...this.manifest, state: 'undoing' });
      warnings = await restore(this.handles, this.journal, this.manifest);
      this.journal.discard();
    } catch (cause) {
      throw new RepairError(
        'rollback-failed',
        `${messageOf(error)}; then undoing the changes failed: ${messageOf(cause)}`,
        {
          cause: error,
          hint: `The originals are kept in ${this.journal.folder}. Remove the obstacle, then run "hallmark undo".`,
        },
      );
    }
    if (error instanceof Error && this.signal?.aborted && error === this.signal.reason) throw error;
    const state = ['the image is as it was', ...warnings].join('; ');
    if (error instanceof HallmarkError) {
      throw new RepairError(error.code, `${error.message}; ${state}`, {
        cause: error,
        hint: error.hint,
      });
    }
    throw new RepairError('write-failed', `${messageOf(error)}; ${state}`, { cause: error });
  }
}

function byPath(a: CapturedChange, b: CapturedChange): number {
  return a.change.path < b.change.path ? -1 : 1;
}

/** Replacing a file breaks its hard links: the other names keep the old content. */
function brokenHardLinks(captured: readonly CapturedChange[]): string[] {
  return captured.flatMap(({ change, found }) => {
    if (change.kind !== 'write' || found.type !== 'file' || found.stats.nlink === 1n) return [];
    return [`${change.path} had ${found.stats.nlink - 1n} hard link(s), which keep the old content`];
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
