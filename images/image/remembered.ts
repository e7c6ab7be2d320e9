import type { DirectoryEntry, Disks, Entry, GuestPath, ImageKind, Tree } from './image.js';

/**
 * A tree that asks another only once for each entry and each list of names. Facts ask for the same few hundred paths
 * again and again (every link of every runlevel leads to /etc/init.d), and must all see the same moment, even when
 * the guest is running: an init script that is there for one fact must not be missing for the next.
 *
 * Contents are not remembered: each file is read by one fact, and what is read is what is there.
 */
export class RememberedTree implements Tree {
  readonly #entries = new Map<GuestPath, Promise<Entry | undefined>>();
  readonly #lists = new Map<GuestPath, Promise<readonly DirectoryEntry[]>>();
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  get kind(): ImageKind {
    return this.#tree.kind;
  }

  get source(): string {
    return this.#tree.source;
  }

  get disks(): Disks | undefined {
    return this.#tree.disks;
  }

  entry(path: GuestPath): Promise<Entry | undefined> {
    return once(this.#entries, path, () => this.#tree.entry(path));
  }

  list(path: GuestPath): Promise<readonly DirectoryEntry[]> {
    return once(this.#lists, path, () => this.#tree.list(path));
  }

  read(path: GuestPath, limit: number): Promise<Buffer> {
    return this.#tree.read(path, limit);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#tree[Symbol.asyncDispose]());
  }
}

function once<T>(known: Map<GuestPath, Promise<T>>, path: GuestPath, ask: () => Promise<T>): Promise<T> {
  let answer = known.get(path);
  if (!answer) {
    answer = ask();
    known.set(path, answer);
  }
  return answer;
}
