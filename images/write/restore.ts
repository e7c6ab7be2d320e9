import { lstatSync } from 'node:fs';
import { type Stamp, setModified } from './attributes.js';
import { RepairError } from '../base/errors.js';
import type { DirectoryHandles } from '../image/handles.js';
import type { GuestPath } from '../image/image.js';
import { hashFile } from '../base/host-file.js';
import type { Journal, Manifest, PathState, TouchedPath } from './journal.js';
import { parentOf } from '../image/resolve.js';
import { type FoundState, directoryAt, isAsBefore, isAsPlanned, look } from './state.js';
import { Writer, beside } from './writer.js';

/**
 * Puts back everything that a transaction touched, by its manifest alone: whatever state it was left in, after a
 * crash of the transaction or of an earlier restoration, and any number of times.
 *
 * What is neither as it was before nor as the transaction left it was changed by someone else, and is kept.
 * @returns what was kept, and why: one line each
 * @throws {RepairError} code `journal-damaged`, or what prevented a write
 */
export async function restore(
  handles: DirectoryHandles,
  journal: Journal,
  manifest: Manifest,
): Promise<string[]> {
  return new JournalRestoration(handles, journal, manifest).run();
}

class JournalRestoration {
  readonly #writer: Writer;
  readonly #warnings: string[] = [];
  /** Files under their temporary names, by the inode that they were. */
  readonly #remade = new Map<string, GuestPath>();

  constructor(
    readonly handles: DirectoryHandles,
    readonly journal: Journal,
    readonly manifest: Manifest,
  ) {
    this.#writer = new Writer(handles, journal.step);
  }

  async run(): Promise<string[]> {
    this.#clearTemporaries();
    await this.#remakeDirectories();
    const pending = await this.#pending();
    const stamps: Stamp[] = [];
    const returning = new Set(pending.map(({ path }) => path));
    for (const touched of pending) await this.#remake(touched, stamps, returning);
    await this.#stamp('files', stamps);
    for (const { path, temporary, before } of pending) {
      if (before.type === 'absent') this.#writer.unlink(path);
      else this.#writer.replace(path, beside(path, temporary));
    }
    await this.#removeMadeDirectories();
    await this.#finishDirectories();
    return this.#warnings;
  }

  #clearTemporaries(): void {
    for (const { path, temporary } of this.manifest.touched) {
      const at = this.handles.at(beside(path, temporary));
      const stats = at === undefined ? undefined : lstatSync(at, { throwIfNoEntry: false });
      if (!stats) continue;
      if (stats.isFile() || stats.isSymbolicLink()) this.#writer.unlink(beside(path, temporary));
      else this.#warnings.push(`${beside(path, temporary)} was put there by someone else and was kept`);
    }
  }

  /** Directories that were removed, those above first. */
  async #remakeDirectories(): Promise<void> {
    const removed = this.manifest.touched.filter(({ before }) => before.type === 'directory').sort(byPath);
    for (const { path } of removed) {
      const found = await look(this.handles, path);
      if (found.type === 'directory') continue;
      if (found.type !== 'absent') this.#keep(path, found);
      // For us alone until its content is back: its own mode may forbid to write to it.
      else if (this.#hasHome(path)) await this.#writer.createDirectory(path, { mode: 0o700 });
    }
  }

  /** Files and links that have to be put back or removed. */
  async #pending(): Promise<TouchedPath[]> {
    const pending: TouchedPath[] = [];
    for (const touched of this.manifest.touched) {
      const { path, before, after } = touched;
      if (before.type === 'directory' || after.type === 'directory') continue;
      const found = await look(this.handles, path);
      if (isAsBefore(found, before)) continue;
      if (found.type !== 'absent' && !isAsPlanned(found, after)) this.#keep(path, found);
      else if (this.#hasHome(path)) pending.push(touched);
    }
    return pending;
  }

  /** Makes what was there under its temporary name, complete but for its time. */
  async #remake(
    { path, temporary, before }: TouchedPath,
    stamps: Stamp[],
    returning: ReadonlySet<GuestPath>,
  ): Promise<void> {
    const name = beside(path, temporary);
    if (before.type === 'link') {
      await this.#writer.createLink(name, before.target, before);
    } else if (before.type === 'file') {
      const twin = await this.#twinOf(path, before);
      if (twin === undefined) await this.#copyBack(name, before);
      else this.#writer.createHardLink(name, twin);
      if (before.inode !== undefined) {
        this.#remade.set(before.inode, name);
        const others = before.links ?? [];
        const allReturn = others.length > 0 && others.every((other) => returning.has(other));
        if (twin === undefined && !allReturn)
          this.#warnings.push(`${path} was put back as a copy, because no hard link to the file was left`);
      }
    } else {
      return;
    }
    const at = this.handles.at(name);
    if (at !== undefined) stamps.push({ at, modified: BigInt(before.modified) });
  }

  async #copyBack(name: GuestPath, before: PathState & { type: 'file' }): Promise<void> {
    const hostFile = this.journal.original(before.original);
    const { sha256, size } = await hashFile(hostFile);
    if (sha256 !== before.sha256)
      throw new RepairError('journal-damaged', `${hostFile} is not what was kept there`);
    await this.#writer.createFile(name, { hostFile, size, sha256 }, before);
  }

  /** Another name of the very file, when there is still one with its content. */
  async #twinOf(path: GuestPath, before: PathState & { type: 'file' }): Promise<GuestPath | undefined> {
    if (before.inode === undefined) return undefined;
    const remade = this.#remade.get(before.inode);
    if (remade !== undefined) return remade;
    const touched = this.manifest.touched.filter(
      (it) => it.before.type === 'file' && it.before.inode === before.inode,
    );
    for (const other of [...(before.links ?? []), ...touched.map((it) => it.path)]) {
      if (other !== path && isAsBefore(await look(this.handles, other), before)) return other;
    }
    return undefined;
  }

  /** Directories that were made, the deepest first. */
  async #removeMadeDirectories(): Promise<void> {
    const made = this.manifest.touched
      .filter(({ before, after }) => before.type === 'absent' && after.type === 'directory')
      .sort(byPath)
      .reverse();
    for (const { path } of made) {
      const found = await look(this.handles, path);
      if (found.type === 'absent') continue;
      if (found.type !== 'directory') {
        this.#keep(path, found);
        continue;
      }
      try {
        this.#writer.removeDirectory(path);
      } catch (error) {
        if (!(error instanceof RepairError && error.code === 'changed')) throw error;
        this.#warnings.push(`${path} was kept: someone else put something in it`);
      }
    }
  }

  /** Their times come last, since everything before has moved them. */
  async #finishDirectories(): Promise<void> {
    for (const { path, before } of this.manifest.touched) {
      if (before.type !== 'directory') continue;
      const found = await look(this.handles, path);
      if (found.type === 'directory' && !isAsBefore(found, before))
        await this.#writer.setDirectory(path, before);
    }
    const stamps: Stamp[] = [];
    const present: GuestPath[] = [];
    for (const { path, modified } of this.manifest.directories) {
      const at = directoryAt(this.handles, path);
      if (at === undefined) continue;
      present.push(path);
      stamps.push({ at, modified: BigInt(modified) });
    }
    await this.#stamp('directories', stamps);
    const parents = this.manifest.touched.map(({ path }) => parentOf(path));
    for (const path of new Set([...present, ...parents])) {
      if (this.handles.handle(path) !== undefined) await this.#writer.syncDirectory(path);
    }
  }

  async #stamp(what: string, stamps: readonly Stamp[]): Promise<void> {
    if (stamps.length === 0) return;
    this.journal.step(`set the times of ${what}`);
    await setModified(stamps);
  }

  #hasHome(path: GuestPath): boolean {
    if (this.handles.handle(parentOf(path)) !== undefined) return true;
    this.#warnings.push(`${path} could not be put back: someone else removed its directory`);
    return false;
  }

  #keep(path: GuestPath, found: FoundState): void {
    this.#warnings.push(
      `${path} was kept: someone else replaced it by a ${found.type === 'other' ? 'special file' : found.type}`,
    );
  }
}

function byPath(a: TouchedPath, b: TouchedPath): number {
  return a.path < b.path ? -1 : 1;
}
