import { createDecipheriv, createHash } from 'node:crypto';
import { KeyExchange } from '../../../../pipeline/rehearse/nova/key-exchange.js';
import type { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';

/** What an agent answers: the text it writes, nothing at all, or whatever an honest one would. */
export type Reply = string | undefined | typeof honest;
export const honest = Symbol('honest');

/** Text of a response. */
export function response(returncode: unknown, message: unknown): string {
  return JSON.stringify({ returncode, message });
}

/** An agent that lives in this process: it does nothing to any guest, but answers as one, when it is told to look. */
export class PretendAgent {
  /** What it was asked, in the order in which it looked. */
  readonly polls: string[][] = [];
  /** The passwords that it was sent, decrypted. */
  readonly passwords: string[] = [];
  #shared = '';

  /** @param reply - asked for each request */
  constructor(
    readonly store: XenStore,
    readonly reply: (command: string, value: string) => Reply = () => honest,
    readonly removes = true,
  ) {}

  /** Looks once, and answers all that it finds. */
  poll(): void {
    const found: string[] = [];
    for (const id of this.store.list('data/host')) {
      const request = JSON.parse(this.store.read(`data/host/${id}`) ?? '') as { name: string; value: string };
      found.push(request.name);
      const reply = this.reply(request.name, request.value);
      if (reply === undefined) continue;
      if (this.removes) this.store.remove(`data/host/${id}`);
      this.store.write(`data/guest/${id}`, reply === honest ? this.#answer(request) : reply);
    }
    if (found.length > 0) this.polls.push(found);
  }

  /** Looks again and again, as agents do, until it is disposed of. */
  start(everyMs = 5): Disposable {
    const timer = setInterval(() => {
      this.poll();
    }, everyMs);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
      },
    };
  }

  #answer({ name, value }: { name: string; value: string }): string {
    switch (name) {
      case 'version':
        return response('0', '2.1.25');
      case 'features':
        return response('0', 'kmsactivate,resetnetwork,version,keyinit,features,password,injectfile');
      case 'keyinit': {
        const exchange = new KeyExchange();
        this.#shared = exchange.sharedWith(value);
        return response('D0', exchange.publicKey);
      }
      case 'password':
        this.passwords.push(decrypt(value, this.#shared));
        return response('0', '');
      default:
        return response('0', '');
    }
  }
}

/** What the agents do, written by the rules of EVP_BytesToKey(3) with MD5 and one round. */
function decrypt(value: string, shared: string): string {
  const md5 = (...parts: (string | Buffer)[]): Buffer => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const key = md5(shared);
  const decipher = createDecipheriv('aes-128-cbc', key, md5(key, shared));
  return Buffer.concat([decipher.update(value, 'base64'), decipher.final()]).toString();
}
