import { digestOf } from './change.js';
import { ImageError } from '../base/errors.js';
import { readHostFile } from '../base/host-file.js';
import { refuseLarger } from '../base/limit.js';
import type { Change, DirectoryEntry, Disks, Entry, GuestPath, Image, ImageKind, Tree } from './image.js';
import { type PosixAttributes, directoryAttributes, fileAttributes, linkOwner, samePosix } from './posix.js';
import { ResolvedImage, baseName, parentOf } from './resolve.js';
import { encode } from '../base/text.js';

/**
 * An image as it would be with changes applied: what plan and verify look at. The base is never written, and is
 * not disposed with the overlay.
 * @param changes - in order; a later change to a path takes the place of an earlier one
 * @throws {ImageError} code `bad-change` when a change cannot be applied there (a file where its directory should be …)
 */
export async function overlay(base: Image, changes: readonly Change[]): Promise<Image> {
  const tree = new OverlayTree(base.tree);
  for (const change of changes) await tree.add(change);
  return new ResolvedImage(tree);
}

/**
 * The changes that lead straight from the state that the first of them expects to the end of `changes`: one a path,
 * with that state as precondition, without those that come to nothing. Directories come before what is in them,
 * removals last and deepest first.
 * @param changes - each expects what the ones before it leave
 */
export function collapse(changes: readonly Change[]): Change[] {
  const merged = new Map<GuestPath, Change>();
  for (const change of changes) {
    const { expect } = merged.get(change.path) ?? change;
    merged.set(change.path, { ...change, expect });
  }
  return [...merged.values()].filter((change) => !isDone(change)).sort(inOrder);
}

/** Whether a change comes to nothing. What a precondition cannot tell (attributes, times) makes it count. */
function isDone(change: Change): boolean {
  const { expect: now } = change;
  switch (change.kind) {
    case 'remove':
      return now.type === 'absent';
    case 'link':
      return now.type === 'link' && now.target === change.target && change.posix === undefined;
    case 'directory':
      return (
        now.type === 'directory' &&
        isAsItIs(directoryAttributes(change, now.posix), now.posix, change.posix) &&
        change.posix?.extended === undefined
      );
    case 'write':
      return (
        now.type === 'file' &&
        change.posix?.extended === undefined &&
        change.modified === undefined &&
        now.sha256 === digestOf(change.content) &&
        isAsItIs(fileAttributes(change, now.posix), now.posix, change.posix)
      );
  }
}

/** Where a change says attributes and it is not known what is there, they count. */
function isAsItIs(wanted: PosixAttributes, now: PosixAttributes | undefined, given: unknown): boolean {
  return given === undefined || (now !== undefined && samePosix(wanted, now));
}

/** The attributes of what a change takes the place of, as far as its precondition tells. */
function knownOf({ expect }: Change): PosixAttributes | undefined {
  return expect.type === 'file' || expect.type === 'directory' ? expect.posix : undefined;
}

function inOrder(a: Change, b: Change): number {
  const [removesA, removesB] = [a.kind === 'remove' ? 1 : 0, b.kind === 'remove' ? 1 : 0];
  if (removesA !== removesB) return removesA - removesB;
  const order = a.path < b.path ? -1 : 1;
  return removesA ? -order : order;
}

class OverlayTree implements Tree {
  readonly #pending = new Map<GuestPath, Change>();
  /** The paths of {@link #pending}, by their directory. */
  readonly #below = new Map<GuestPath, Set<GuestPath>>();

  constructor(readonly base: Tree) {}

  get kind(): ImageKind {
    return this.base.kind;
  }

  get source(): string {
    return this.base.source;
  }

  get disks(): Disks | undefined {
    return this.base.disks;
  }

  async add(change: Change): Promise<void> {
    await this.#admit(change);
    this.#pending.set(change.path, change);
    const siblings = this.#below.get(parentOf(change.path));
    if (siblings) siblings.add(change.path);
    else this.#below.set(parentOf(change.path), new Set([change.path]));
  }

  /** Refuses a change whose directory is not there, or that would remove a directory with something in it. */
  async #admit(change: Change): Promise<void> {
    const directory = await this.entry(parentOf(change.path));
    if (directory?.type !== 'directory') {
      throw new ImageError(
        'bad-change',
        `${change.path} cannot be changed: ${parentOf(change.path)} is not a directory`,
      );
    }
    const now = await this.entry(change.path);
    if (change.kind === 'directory') {
      if (now === undefined || now.type === 'directory') return;
      throw new ImageError('bad-change', `${change.path} is a ${now.type}; a directory cannot replace it`);
    }
    if (
      now?.type === 'directory' &&
      (change.kind !== 'remove' || (await this.list(change.path)).length > 0)
    ) {
      throw new ImageError('bad-change', `${change.path} is a directory that is not empty`);
    }
  }

  async entry(path: GuestPath): Promise<Entry | undefined> {
    const change = this.#pending.get(path);
    if (!change) return this.base.entry(path);
    switch (change.kind) {
      case 'remove':
        return undefined;
      case 'directory':
        return { type: 'directory', ...directoryAttributes(change, knownOf(change)), size: 0 };
      case 'link':
        return {
          type: 'link',
          mode: 0o777,
          ...linkOwner(change, undefined),
          size: encode(change.target).length,
          target: change.target,
        };
      case 'write': {
        const { content } = change;
        return {
          type: 'file',
          ...fileAttributes(change, knownOf(change)),
          size: 'bytes' in content ? content.bytes.length : content.size,
        };
      }
    }
  }

  async list(path: GuestPath): Promise<readonly DirectoryEntry[]> {
    const names = new Map<string, DirectoryEntry>();
    if ((await this.base.entry(path))?.type === 'directory') {
      for (const name of await this.base.list(path)) names.set(name.name, name);
    }
    for (const child of this.#below.get(path) ?? []) {
      if (child === '/') continue;
      const name = baseName(child);
      const entry = await this.entry(child);
      if (entry) names.set(name, { name, type: entry.type });
      else names.delete(name);
    }
    return [...names.values()];
  }

  async read(path: GuestPath, limit: number): Promise<Buffer> {
    const change = this.#pending.get(path);
    if (change?.kind !== 'write') return this.base.read(path, limit);
    if ('hostFile' in change.content) return readHostFile(change.content.hostFile, limit);
    refuseLarger(path, change.content.bytes.length, limit);
    return change.content.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // the base belongs to whoever opened it
  }
}
