import { XenStoreError } from './errors.js';
import { type Limits, defaultLimits } from './limits.js';
import { type Node, newNode } from './node.js';
import { type StorePath, homeOf, resolvePath } from './paths.js';
import { hostDomain, parsePermissions } from './permissions.js';
import { type Operation, Transaction } from './transaction.js';
import { type Scope, View } from './view.js';
import { type Watch, Watches } from './watches.js';

/**
 * What the guest owns in its home, as XenServer's toolstack (xenopsd) makes it. The home itself, and what else the
 * host puts there, it can only read.
 */
const ownDirectories = [
  ...['attr', 'control', 'data', 'device', 'drivers', 'error', 'feature', 'messages', 'vm-data'],
  ...['device/vbd', 'device/vif'],
];

export interface StoreOptions {
  /** The number of the guest's domain; 1 if absent. */
  readonly domain?: number;
  readonly limits?: Partial<Limits>;
}

/**
 * The XenStore of a host with one guest, which owns its home `/local/domain/<domain>`. Paths that do not start with
 * a slash are relative to that home, for the host too: `store.write('vm-data/hostname', 'web1')`.
 */
export class XenStore {
  readonly domain: number;
  readonly home: StorePath;
  readonly limits: Limits;
  readonly #watches = new Watches();
  readonly #transactions = new Set<Transaction>();
  #generation = 0;
  #root: Node;

  constructor({ domain = 1, limits = {} }: StoreOptions = {}) {
    this.domain = domain;
    this.home = homeOf(domain);
    this.limits = { ...defaultLimits, ...limits };
    this.#root = newNode(parsePermissions(['n0']), this.#generation);
    this.apply(hostDomain, (view) => {
      view.write(this.home, new Uint8Array());
      view.setPermissions(this.home, parsePermissions(['n0', `r${domain}`]));
      for (const name of ownDirectories) {
        view.makeDirectory(`${this.home}/${name}`);
        view.setPermissions(`${this.home}/${name}`, parsePermissions([`n${domain}`]));
      }
    });
  }

  /**
   * A node's value as UTF-8, where the guest may have written any bytes; undefined when there is no such node.
   * @throws {XenStoreError} EINVAL for what is no path
   */
  read(path: string): string | undefined {
    const value = this.#ifThere(path, (view, at) => view.node(at).value);
    return value && Buffer.from(value).toString();
  }

  /** The names of a node's children, the oldest first; none when there is no such node. */
  list(path: string): string[] {
    return [...(this.#ifThere(path, (view, at) => view.node(at).children.keys()) ?? [])];
  }

  /**
   * Makes missing parents, with the permissions of the nearest node that is there.
   * @throws {XenStoreError} E2BIG for more than 4096 bytes
   */
  write(path: string, value: string | Uint8Array): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.apply(hostDomain, (view) => {
      view.write(resolvePath(path, this.domain), bytes);
    });
  }

  /** Removes a node and all below it; false when there was none. */
  remove(path: string): boolean {
    const remove = (view: View, at: StorePath): true => {
      view.node(at);
      view.remove(at);
      return true;
    };
    return this.#ifThere(path, remove) ?? false;
  }

  /**
   * Calls back for each change at a path or below it, with the absolute path that was changed, after it was: a value
   * was written (the same one too), a node was made or removed, permissions were changed. A node that is removed with
   * one above it is told of when it is the watched one. The callback may change the store itself.
   * @returns ends the calls
   */
  onChange(path: string, callback: (path: StorePath) => void): Disposable {
    return this.watch({ domain: hostDomain, path: resolvePath(path, this.domain), onEvent: callback });
  }

  watch(watch: Watch): Disposable {
    return this.#watches.add(watch);
  }

  /**
   * Does something to the store as a domain; when it throws, nothing was done.
   * @throws {XenStoreError} of the operation
   */
  apply<T>(domain: number, operation: Operation<T>): T {
    const view = new View(domain, this.#scope());
    const result = operation(view);
    this.#root = view.root;
    this.#watches.tell(view.takeChanges());
    return result;
  }

  get openTransactions(): number {
    return this.#transactions.size;
  }

  /** @throws {XenStoreError} ENOSPC when too many are open */
  begin(domain: number): Transaction {
    if (this.#transactions.size >= this.limits.transactions)
      throw new XenStoreError('ENOSPC', 'too many transactions');
    const transaction = new Transaction(domain, this.#scope());
    this.#transactions.add(transaction);
    return transaction;
  }

  /** To be called for every transaction, committed or not: it keeps a whole store alive. */
  end(transaction: Transaction): void {
    this.#transactions.delete(transaction);
  }

  #scope(): Scope {
    return { root: this.#root, limits: this.limits, nextGeneration: () => ++this.#generation };
  }

  #ifThere<T>(path: string, ask: (view: View, path: StorePath) => T): T | undefined {
    const at = resolvePath(path, this.domain);
    try {
      return this.apply(hostDomain, (view) => ask(view, at));
    } catch (error) {
      if (error instanceof XenStoreError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
