import { digestOf, preconditionOf } from './change.js';
import { ImageError } from './errors.js';
import { readHostFile } from './host-file.js';
import type {
  Change,
  DirectoryEntry,
  Entry,
  GuestPath,
  Image,
  ImageKind,
  Precondition,
  Tree,
} from './image.js';
import { ResolvedImage, baseName, parentOf } from './resolve.js';
import { encode } from './text.js';

/**
 * An image as it would be with changes applied: what plan and verify look at. The base is never written, and is
 * not disposed with the overlay.
 * @param changes - in order; a later change to a path takes the place of an earlier one
 * @throws {ImageError} code `bad-change` when a change cannot be applied there (a file where its directory should be …)
 */
export async function overlay(base: Image, changes: readonly Change[]): Promise<Image> {
  const pending = new Map<GuestPath, Change>();
  const tree = new OverlayTree(base.tree, pending);
  for (const change of changes) {
    await tree.admit(change);
    pending.set(change.path, change);
  }
  return new ResolvedImage(tree);
}

/**
 * The changes that lead from `base` straight to the end of `changes`: one a path, with the base's state as
 * precondition, without those that come to nothing. Directories come before what is in them, removals last and
 * deepest first.
 */
export async function collapse(base: Image, changes: readonly Change[]): Promise<Change[]> {
  const last = new Map<GuestPath, Change>();
  for (const change of changes) last.set(change.path, change);
  const collapsed: Change[] = [];
  for (const change of last.values()) {
    const expect = await preconditionOf(base, change.path);
    if (!isDone(change, expect)) collapsed.push({ ...change, expect });
  }
  return collapsed.sort(inOrder);
}

function isDone(change: Change, now: Precondition): boolean {
  switch (change.kind) {
    case 'remove':
      return now.type === 'absent';
    case 'link':
      return now.type === 'link' && now.target === change.target;
    case 'directory':
      return now.type === 'directory';
    case 'write':
      return (
        now.type === 'file' &&
        now.sha256 === digestOf(change.content) &&
        now.mode === change.mode &&
        now.uid === change.uid &&
        now.gid === change.gid
      );
  }
}

function inOrder(a: Change, b: Change): number {
  const [removesA, removesB] = [a.kind === 'remove' ? 1 : 0, b.kind === 'remove' ? 1 : 0];
  if (removesA !== removesB) return removesA - removesB;
  const order = a.path < b.path ? -1 : 1;
  return removesA ? -order : order;
}

class OverlayTree implements Tree {
  constructor(
    readonly base: Tree,
    readonly pending: ReadonlyMap<GuestPath, Change>,
  ) {}

  get kind(): ImageKind {
    return this.base.kind;
  }

  get source(): string {
    return this.base.source;
  }

  /** Refuses a change whose directory is not there, or that would remove a directory with something in it. */
  async admit(change: Change): Promise<void> {
    const directory = await this.entry(parentOf(change.path));
    if (directory?.type !== 'directory') {
      throw new ImageError(
        'bad-change',
        `${change.path} cannot be changed: ${parentOf(change.path)} is no directory`,
      );
    }
    if (change.kind === 'directory') return;
    const now = await this.entry(change.path);
    if (
      now?.type === 'directory' &&
      (change.kind !== 'remove' || (await this.list(change.path)).length > 0)
    ) {
      throw new ImageError('bad-change', `${change.path} is a directory with something in it`);
    }
  }

  async entry(path: GuestPath): Promise<Entry | undefined> {
    const change = this.pending.get(path);
    if (!change) return this.base.entry(path);
    switch (change.kind) {
      case 'remove':
        return undefined;
      case 'directory':
        return { type: 'directory', mode: change.mode, uid: 0, gid: 0, size: 0 };
      case 'link':
        return {
          type: 'link',
          mode: 0o777,
          uid: 0,
          gid: 0,
          size: encode(change.target).length,
          target: change.target,
        };
      case 'write': {
        const { mode, uid, gid } = change;
        const { content } = change;
        return {
          type: 'file',
          mode,
          uid,
          gid,
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
    for (const change of this.pending.values()) {
      if (change.path === '/' || parentOf(change.path) !== path) continue;
      const name = baseName(change.path);
      const entry = await this.entry(change.path);
      if (entry) names.set(name, { name, type: entry.type });
      else names.delete(name);
    }
    return [...names.values()];
  }

  async read(path: GuestPath, limit: number): Promise<Buffer> {
    const change = this.pending.get(path);
    if (change?.kind !== 'write') return this.base.read(path, limit);
    return 'bytes' in change.content ? change.content.bytes : readHostFile(change.content.hostFile, limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // the base belongs to whoever opened it
  }
}
