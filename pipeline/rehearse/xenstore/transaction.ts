import { XenStoreError } from './errors.js';
import { type Node, findNode } from './node.js';
import { type StorePath, namesOf } from './paths.js';
import { type Scope, View } from './view.js';

/** Something done to the store through a view. */
export type Operation<T> = (view: View) => T;

/**
 * A series of operations that happens at once or not at all. It runs on a view of its own, of the store as it was at
 * the start (as xenstore.txt says; xenstored takes each node as it is when the transaction first touches it). To
 * commit is to do the same again on the store of then, which comes out the same when no node that it looked at has
 * been changed meanwhile. Watches are told of each step, even of one that a later step has undone.
 */
export class Transaction {
  readonly #start: Node;
  readonly #view: View;
  readonly #looked = new Set<StorePath>();
  readonly #operations: Operation<unknown>[] = [];
  readonly #limit: number;
  #kept = 0;

  constructor(domain: number, scope: Scope) {
    this.#start = scope.root;
    this.#limit = scope.limits.transactionBytes;
    const onLook = (path: StorePath): void => {
      if (this.#looked.has(path)) return;
      this.#claim(path.length);
      this.#kept += path.length;
      this.#looked.add(path);
    };
    this.#view = new View(domain, { ...scope, onLook });
  }

  /**
   * @param bytes - how much the operation holds until the end
   * @throws {XenStoreError} of the operation; ENOSPC when the transaction has become too big
   */
  run<T>(operation: Operation<T>, bytes: number): T {
    this.#claim(bytes); // before it is done: what was done must be kept
    const before = this.#view.root;
    const result = operation(this.#view);
    this.#view.takeChanges(); // nobody is told before the end
    if (this.#view.root === before) return result;
    this.#kept += bytes;
    this.#operations.push(operation);
    return result;
  }

  /**
   * The whole transaction as one operation on the store of now.
   * @throws {XenStoreError} EAGAIN when a node that it looked at is no longer as it was
   */
  replay(view: View): void {
    for (const path of this.#looked) {
      const names = namesOf(path);
      if (findNode(this.#start, names)?.generation !== findNode(view.root, names)?.generation)
        throw new XenStoreError('EAGAIN', `${path} was changed`);
    }
    for (const operation of this.#operations) operation(view);
  }

  /** @throws {XenStoreError} ENOSPC without room for so much more */
  #claim(bytes: number): void {
    if (this.#kept + bytes > this.#limit) throw new XenStoreError('ENOSPC', 'the transaction is too big');
  }
}
