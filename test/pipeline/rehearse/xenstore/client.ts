import { Connection, type ConnectionOptions } from '../../../../pipeline/rehearse/xenstore/connection.js';
import type { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { type MessageName, messageTypes } from '../../../../images/formats/xenstore-wire.js';

/**
 * A client of a store without a stream. Payloads are written as in xenstore.txt: a bar is a NUL.
 */
export class Client {
  /** What it was told without asking, in order. */
  readonly events: string[] = [];
  readonly connection: Connection;
  #reply = '';
  #requestId = 0;
  #type = 0;

  constructor(store: XenStore, options: Partial<ConnectionOptions> = {}) {
    this.connection = new Connection(store, {
      domain: store.domain,
      shared: false,
      send: ({ type, requestId, payload }) => {
        const text = bars(payload);
        if (type === messageTypes.WATCH_EVENT) this.events.push(text);
        else if (requestId !== this.#requestId) throw new Error(`a reply to request ${requestId}`);
        else if (type === messageTypes.ERROR) this.#reply = `ERROR ${text}`;
        else if (type === this.#type) this.#reply = text;
        else throw new Error(`a reply of type ${type} to a request of type ${this.#type}`);
      },
      ...options,
    });
  }

  /** The reply's payload; of an error with ERROR in front. */
  ask(name: MessageName | number, payload: string, transactionId = 0): string {
    this.#type = typeof name === 'number' ? name : messageTypes[name];
    this.#reply = 'no reply';
    const requestId = ++this.#requestId;
    this.connection.handle({ type: this.#type, requestId, transactionId, payload: nuls(payload) });
    return this.#reply;
  }

  begin(): number {
    return Number(this.ask('TRANSACTION_START', '|').slice(0, -1));
  }
}

export function nuls(text: string): Buffer {
  return Buffer.from(text.replaceAll('|', '\0'), 'latin1');
}

export function bars(payload: Uint8Array): string {
  return Buffer.from(payload).toString('latin1').replaceAll('\0', '|');
}
