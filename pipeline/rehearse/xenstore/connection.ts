import { XenStoreError } from './errors.js';
import { homeOf, isSpecial, resolvePath } from './paths.js';
import { type RequestClient, requests } from './requests.js';
import type { XenStore } from './store.js';
import type { Operation, Transaction } from './transaction.js';
import {
  type Packet,
  decodeStrings,
  encodeStrings,
  messageName,
  messageTypes,
  payloadLimit,
} from '../../../images/formats/xenstore-wire.js';

/** A request that was carried out or refused. What a guest says is hostile: escape it before showing it. */
export interface RequestSeen {
  /** By the protocol's name ("READ"); a number in decimal for what the protocol does not have. */
  readonly op: string;
  /** As the client wrote it; absent where the request names none. */
  readonly path?: string | undefined;
  /** Why it was refused ("ENOENT"); absent when it was carried out. */
  readonly error?: string | undefined;
}

export interface ConnectionOptions {
  /** Whose rights the client has. */
  readonly domain: number;
  /**
   * Several clients speak over it, whose ends cannot be seen: what one left behind must not stand in the way of the
   * next. A watch that is there already is set anew, and of too many transactions the oldest is given up.
   */
  readonly shared: boolean;
  readonly send: (packet: Packet) => void;
  readonly onRequest?: ((seen: RequestSeen) => void) | undefined;
}

const withoutPath = new Set([
  'CONTROL',
  'TRANSACTION_START',
  'TRANSACTION_END',
  'INTRODUCE',
  'RELEASE',
  'GET_DOMAIN_PATH',
  'IS_DOMAIN_INTRODUCED',
  'RESUME',
  'SET_TARGET',
  'RESET_WATCHES',
]);

/** The protocol ignores the transaction of these. */
const withoutTransaction = new Set(['WATCH', 'UNWATCH']);

/** One client of the store: its watches, its transactions, and the answers to its requests. */
export class Connection implements RequestClient, Disposable {
  readonly domain: number;
  readonly #store: XenStore;
  readonly #options: ConnectionOptions;
  readonly #transactions = new Map<number, Transaction>();
  /** By path and token. */
  readonly #watches = new Map<string, Disposable>();
  #lastTransaction = 0;

  constructor(store: XenStore, options: ConnectionOptions) {
    this.domain = options.domain;
    this.#store = store;
    this.#options = options;
  }

  /** Answers a request: with a reply of its type, or with an error's name. */
  handle(request: Packet): void {
    const name = messageName(request.type);
    const seen = { op: name ?? String(request.type), ...pathIn(name, request) };
    const { send, onRequest } = this.#options;
    try {
      const answer = name && requests[name];
      if (!answer) throw new XenStoreError('ENOSYS', `no such request: ${seen.op}`);
      if (!withoutTransaction.has(seen.op)) this.#checkTransaction(request.transactionId);
      const { payload, afterwards } = answer(this, request);
      send({ ...request, payload });
      onRequest?.(seen);
      afterwards?.();
    } catch (error) {
      if (!(error instanceof XenStoreError)) throw error;
      send({ ...request, type: messageTypes.ERROR, payload: encodeStrings([error.code]) });
      onRequest?.({ ...seen, error: error.code });
    }
  }

  run<T>({ transactionId, payload }: Packet, operation: Operation<T>): T {
    return transactionId === 0
      ? this.#store.apply(this.domain, operation)
      : this.#transaction(transactionId).run(operation, payload.length);
  }

  begin(within: number): number {
    if (within !== 0) throw new XenStoreError('EBUSY', 'no transaction within another');
    const [oldest] = this.#transactions.keys();
    const isFull = this.#store.openTransactions >= this.#store.limits.transactions;
    if (this.#options.shared && isFull && oldest !== undefined) this.#drop(oldest);
    const transaction = this.#store.begin(this.domain);
    do this.#lastTransaction = (this.#lastTransaction + 1) >>> 0;
    while (this.#lastTransaction === 0 || this.#transactions.has(this.#lastTransaction));
    this.#transactions.set(this.#lastTransaction, transaction);
    return this.#lastTransaction;
  }

  end(id: number, commit: boolean): void {
    const transaction = this.#transaction(id);
    this.#drop(id);
    if (commit)
      this.#store.apply(this.domain, (view) => {
        transaction.replay(view);
      });
  }

  watch(text: string, token: string): () => void {
    const path = this.#watchedPath(text);
    const key = `${path}\0${token}`;
    if (this.#options.shared) this.#forget(key);
    if (this.#watches.has(key)) throw new XenStoreError('EEXIST', `a watch of ${path}`);
    if (this.#watches.size >= this.#store.limits.watches)
      throw new XenStoreError('E2BIG', 'too many watches');
    const isRelative = !text.startsWith('/') && !isSpecial(text);
    const base = isRelative ? homeOf(this.domain).length + 1 : 0;
    const onEvent = (changed: string): void => {
      this.#sendEvent(changed.slice(base), token);
    };
    this.#watches.set(key, this.#store.watch({ domain: this.domain, path, onEvent }));
    return () => {
      this.#sendEvent(text, token);
    };
  }

  unwatch(text: string, token: string): void {
    const path = /^[/@]/.test(text) ? text : `${homeOf(this.domain)}/${text}`;
    if (!this.#forget(`${path}\0${token}`)) throw new XenStoreError('ENOENT', 'no such watch');
  }

  reset(): void {
    for (const key of this.#watches.keys()) this.#forget(key);
    for (const id of this.#transactions.keys()) this.#drop(id);
  }

  [Symbol.dispose](): void {
    this.reset();
  }

  isIntroduced(domain: number): boolean {
    return domain === 0 || domain === this.#store.domain;
  }

  #checkTransaction(id: number): void {
    if (id !== 0) this.#transaction(id);
  }

  #transaction(id: number): Transaction {
    const transaction = this.#transactions.get(id);
    if (!transaction) throw new XenStoreError('ENOENT', `no transaction ${id}`);
    return transaction;
  }

  #drop(id: number): void {
    this.#store.end(this.#transaction(id));
    this.#transactions.delete(id);
  }

  #watchedPath(text: string): string {
    return isSpecial(text) ? text : resolvePath(text, this.domain);
  }

  #forget(key: string): boolean {
    this.#watches.get(key)?.[Symbol.dispose]();
    return this.#watches.delete(key);
  }

  #sendEvent(path: string, token: string): void {
    const payload = encodeStrings([path, token]);
    // xenstored sends no event that no packet could carry.
    if (payload.length <= payloadLimit)
      this.#options.send({ type: messageTypes.WATCH_EVENT, requestId: 0, transactionId: 0, payload });
  }
}

function pathIn(name: string | undefined, { payload }: Packet): { path: string } | object {
  const path = decodeStrings(payload).strings[0];
  return name === undefined || withoutPath.has(name) || path === undefined ? {} : { path };
}
