import {
  type MessageName,
  decodePacket,
  decodeStrings,
  encodePacket,
  encodeStrings,
  messageTypes,
} from '../formats/xenstore-wire.js';
import type { Channel } from './xenstore-channel.js';

/** XenStore did not answer: in time, or in its own protocol. */
export class XenStoreFailure extends Error {
  constructor(
    readonly state: 'silent' | 'strange',
    message: string,
  ) {
    super(message);
  }
}

/** Asks a XenStore, one request after the other. Paths without a slash at their beginning are relative to the domain. */
export class XenStoreClient implements AsyncDisposable {
  #requestId = 0x48616c6c; // tells our answers from those to others, where a device is shared
  #received = Buffer.alloc(0);

  /** @param timeout - milliseconds for each answer */
  constructor(
    private readonly channel: Channel,
    private readonly timeout: number,
  ) {}

  /**
   * The value of a node; undefined when there is none, or it may not be read.
   * @throws {XenStoreFailure}
   */
  async read(path: string): Promise<string | undefined> {
    const { error, payload } = await this.#ask('READ', encodeStrings([path]));
    return error === undefined ? Buffer.from(payload).toString() : undefined;
  }

  /** @throws {XenStoreFailure} also when it may not be written */
  async write(path: string, value: string): Promise<void> {
    const { error } = await this.#ask('WRITE', Buffer.concat([encodeStrings([path]), Buffer.from(value)]));
    if (error !== undefined) throw new XenStoreFailure('strange', `refuses to write ${path}: ${error}`);
  }

  /** Removes a node, if there is one. @throws {XenStoreFailure} */
  async remove(path: string): Promise<void> {
    await this.#ask('RM', encodeStrings([path]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.channel[Symbol.asyncDispose]();
  }

  async #ask(
    name: MessageName,
    payload: Buffer,
  ): Promise<{ error: string | undefined; payload: Uint8Array }> {
    const type = messageTypes[name];
    const requestId = this.#requestId++;
    await this.channel.send(encodePacket({ type, requestId, transactionId: 0, payload }));
    const until = performance.now() + this.timeout;
    for (;;) {
      const answer = this.#next();
      if (!answer) {
        const chunk = await this.channel.receive(until);
        if (!chunk) throw new XenStoreFailure('silent', 'does not answer');
        this.#received = Buffer.concat([this.#received, chunk]);
      } else if (answer.requestId === requestId) {
        if (answer.type === type) return { error: undefined, payload: answer.payload };
        if (answer.type !== messageTypes.ERROR) throw this.#strange();
        return { error: decodeStrings(answer.payload).strings[0] ?? 'unknown', payload: answer.payload };
      }
    }
  }

  #next(): ReturnType<typeof packetOf> {
    try {
      const found = decodePacket(this.#received);
      if (found) this.#received = this.#received.subarray(found.length);
      return packetOf(found);
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#strange();
      throw error;
    }
  }

  #strange(): XenStoreFailure {
    return new XenStoreFailure('strange', 'does not speak the XenStore protocol');
  }
}

function packetOf(found: ReturnType<typeof decodePacket>): NonNullable<typeof found>['packet'] | undefined {
  return found?.packet;
}
