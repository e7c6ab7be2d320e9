import { lstatSync } from 'node:fs';
import { dated, sourceDate } from '../base/clock.js';
import { type Admitted, capture, directoriesOf } from './capture.js';
import { HallmarkError, RepairError } from '../base/errors.js';
import { DirectoryHandles } from '../image/handles.js';
import type { Change } from '../image/image.js';
import {
  Journal,
  type Manifest,
  type Step,
  type TouchedDirectory,
  identify,
  journalFailure,
  prepareStateDirectory,
} from './journal.js';
import { lock, ownMark, print } from './lock.js';
import { markOf } from './ownership.js';
import { parentOf } from '../image/resolve.js';
import { restore } from './restore.js';
import { directoryAt, isUntouched } from './state.js';
import { type TakenBack, recoverLocked } from './undo.js';
import { type Ownership, Writer, beside } from './writer.js';

export interface ApplyOptions {
  /** Where locks and journals are kept: see `defaultStateDirectory`. */
  readonly stateDirectory: string;
  /** What the user called the image, for the list of transactions. */
  readonly source: string;
  /** When it aborts, what was done is taken back and its reason is thrown. */
  readonly signal?: AbortSignal;
  /** The time of whatever is written and of the directories it is in, in seconds since 1970; now unless given. */
  readonly modified?: number | undefined;
  /** Called before every system call that writes. What it throws is treated as that call's failure. */
  readonly onStep?: Step;
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
    const { journal, manifest, admitted } = await prepare(handles, root, changes, {
      stateDirectory,
      source,
      step,
    });
    const transaction = new Transaction(handles, journal, manifest, modified, signal);
    const warnings = lonelyNames(admitted);
    await transaction.run(admitted);
    return { id: manifest.id, warnings, recovered };
  } finally {
    handles.close();
  }
}

interface Prepared {
  readonly journal: Journal;
  readonly manifest: Manifest;
  readonly admitted: readonly Admitted[];
}

/** Everything before the first write to the image: preconditions, and the journal, complete and on the disk. */
async function prepare(
  handles: DirectoryHandles,
  root: string,
  changes: readonly Change[],
  { stateDirectory, source, step }: { stateDirectory: string; source: string; step: Step },
): Promise<Prepared> {
  let journal: Journal | undefined;
  try {
    journal = Journal.create(stateDirectory, step);
    const admitted = await capture(handles, journal, changes);
    const manifest: Manifest = {
      format: 1,
      id: journal.id,
      source,
      image: identify(root),
      writer: print(ownMark()),
      state: 'applying',
      created: new Date().toISOString(),
      touched: admitted.map(({ touched }) => touched),
      directories: await directoriesOf(handles, admitted),
    };
    journal.publish(manifest);
    return { journal, manifest, admitted };
  } catch (cause) {
    journal?.discard();
    throw cause instanceof HallmarkError ? cause : journalFailure(stateDirectory, cause);
  }
}

/** The writing part, between the journal's publication and its commit. */
class Transaction {
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

  async run(admitted: readonly Admitted[]): Promise<void> {
    let committing = false;
    try {
      await this.#perform(admitted);
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
  async #perform(admitted: readonly Admitted[]): Promise<void> {
    for (const { change, found, label } of [...admitted].sort(byPath)) {
      if (change.kind !== 'directory' || found.type !== 'absent') continue;
      await this.#checkAbort();
      await this.#writer.createDirectory(change.path, { ...ownershipOf(change), ...labelled(label) });
    }
    for (const one of admitted) {
      await this.#checkAbort();
      await this.#make(one);
    }
    this.#recordMade();
    for (const one of admitted) {
      if (one.change.kind !== 'write' && one.change.kind !== 'link') continue;
      this.#checkUntouched(one);
      this.#writer.replace(one.change.path, beside(one.change.path, one.touched.temporary));
    }
    await this.#checkAbort();
    for (const one of admitted
      .filter(({ change }) => change.kind === 'remove')
      .sort(byPath)
      .reverse()) {
      this.#checkUntouched(one);
      if (one.found.type === 'directory') this.#writer.removeDirectory(one.change.path);
      else this.#writer.unlink(one.change.path);
    }
    // Not before: a mode may forbid what comes earlier.
    for (const one of admitted) {
      if (one.change.kind !== 'directory' || one.found.type !== 'directory') continue;
      this.#checkUntouched(one);
      await this.#writer.setDirectory(one.change.path, ownershipOf(one.change));
    }
    if (this.modified !== undefined) this.#dateDirectories(admitted, this.modified);
    for (const directory of new Set(admitted.map(({ change }) => parentOf(change.path)))) {
      if (this.handles.handle(directory) !== undefined) await this.#writer.syncDirectory(directory);
    }
  }

  /** Those that were made, and those in which something was made, replaced or removed. */
  #dateDirectories(admitted: readonly Admitted[], modified: number): void {
    const made = admitted.filter(
      ({ change, found }) => change.kind === 'directory' && found.type === 'absent',
    );
    const holding = admitted.filter(
      ({ change, found }) => change.kind !== 'directory' || found.type === 'absent',
    );
    const directories = [
      ...made.map(({ change }) => change.path),
      ...holding.map(({ change }) => parentOf(change.path)),
    ];
    for (const directory of new Set(directories))
      if (this.handles.handle(directory) !== undefined) this.#writer.setTime(directory, modified);
  }

  async #make({ change, label, touched: { before, temporary } }: Admitted): Promise<void> {
    const path = beside(change.path, temporary);
    if (change.kind === 'write') {
      const { mode, uid, gid, modified = this.modified } = dated(change, this.modified);
      const extended = change.extended ?? (before.type === 'file' ? before.extended : undefined);
      const ownership = { mode, uid, gid, ...(extended ? { extended } : {}), ...labelled(label) };
      await this.#writer.createFile(path, change.content, ownership, modified);
    } else if (change.kind === 'link') {
      const kept =
        before.type === 'link' ? { uid: before.uid, gid: before.gid, extended: before.extended } : {};
      await this.#writer.createLink(path, change.target, { ...kept, ...change.owner, ...labelled(label) });
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

  #checkUntouched({ change, found }: Admitted): void {
    if (!isUntouched(this.handles, change.path, found)) {
      throw new RepairError('changed', `${change.path} was changed by someone else in this moment`);
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
        `${messageOf(error)}; then taking the changes back failed: ${messageOf(cause)}`,
        {
          cause: error,
          hint: `What was there is kept in ${this.journal.folder}: remove the obstacle and run hallmark undo.`,
        },
      );
    }
    if (error instanceof Error && this.signal?.aborted && error === this.signal.reason) throw error;
    const state = ['the image is as it was', ...warnings].join('; ');
    if (error instanceof HallmarkError) {
      throw new RepairError(error.code, `${error.message}; ${state}`, {
        cause: error,
        ...(error.hint ? { hint: error.hint } : {}),
      });
    }
    throw new RepairError('write-failed', `${messageOf(error)}; ${state}`, { cause: error });
  }
}

function ownershipOf({ mode, owner, extended }: Extract<Change, { kind: 'directory' }>): Ownership {
  return { mode, ...owner, ...(extended ? { extended } : {}) };
}

const labelled = (label: string | undefined): Pick<Ownership, 'label'> =>
  label === undefined ? {} : { label };

function byPath(a: Admitted, b: Admitted): number {
  return a.change.path < b.change.path ? -1 : 1;
}

/** A file that is replaced parts from its hard links, which keep the old content. */
function lonelyNames(admitted: readonly Admitted[]): string[] {
  return admitted.flatMap(({ change, found }) => {
    if (change.kind !== 'write' || found.type !== 'file' || found.stats.nlink === 1n) return [];
    return [
      `${change.path} had ${found.stats.nlink - 1n} other name(s) (hard links), which keep the old content`,
    ];
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
