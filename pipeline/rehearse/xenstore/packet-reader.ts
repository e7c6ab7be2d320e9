import { type Packet, headerSize, messageName, payloadLimit } from '../../../images/formats/xenstore-wire.js';

/** The client's bytes are no packets, or no longer: where the next one starts cannot be known. */
export class LostSync extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LostSync';
  }
}

/** How long a stream must have been quiet before an unfinished packet is held for abandoned. */
const quietMs = 1000;
/** No version of the protocol has numbered a message above RESTRICT, 128. */
const highestType = 255;

/**
 * Packets out of the chunks of a stream, however it was cut.
 *
 * A *shared* stream is a device that several processes open, one after the other or at a time, and whose ends cannot
 * be seen: a client that is killed between a header and its payload (pyxs writes them one by one) leaves half a
 * packet, and the next client's bytes would be taken for the rest of it. Two rules find the way back:
 *
 * - A packet that is still unfinished after a second without a byte is dropped when what comes then starts with the
 *   whole header of a request. Text can never look like one, its first four bytes would be a far too high type. So
 *   a client that was only slow loses nothing, unless it stopped in the middle of a binary value whose rest looks
 *   like a header.
 * - After a header that cannot be one (over-long, or of an absurd type) bytes are dropped up to a chunk that starts
 *   with the header of a request, or that comes after a second of quiet.
 *
 * What they cannot do: when the next client speaks within that second, its first bytes are lost as the rest of the
 * unfinished packet, which may be carried out as a request with a wrong value. The packets behind are found again
 * by the second rule, once their client starts a new one. Nothing is answered for what was dropped: the one who
 * asked is gone, and another must not get an answer that it did not ask for.
 */
export class PacketReader {
  #held: Buffer = Buffer.alloc(0);
  #heardAt = 0;
  #lost = false;
  readonly #shared: boolean;
  readonly #now: () => number;

  /** @param options.now - milliseconds, of any clock that never goes back */
  constructor(options: { shared?: boolean; now?: () => number } = {}) {
    this.#shared = options.shared ?? false;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Takes bytes in. Call {@link next} until it has nothing before pushing more: that keeps what is held bounded. */
  push(chunk: Buffer): void {
    const now = this.#now();
    const quiet = now - this.#heardAt >= quietMs;
    this.#heardAt = now;
    if (this.#shared && this.#begins(chunk, quiet)) {
      this.#lost = false;
      this.#held = chunk;
    } else if (!this.#lost) {
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    }
  }

  /**
   * The next whole packet; its payload is a piece of the chunk.
   * @throws {LostSync} when the stream is not shared and a header cannot be one; such a reader is of no more use
   */
  next(): Packet | undefined {
    if (this.#held.length < headerSize) return undefined;
    const { length, ...header } = readHeader(this.#held);
    if (length > payloadLimit || (this.#shared && header.type > highestType)) {
      this.#held = Buffer.alloc(0);
      if (!this.#shared) throw new LostSync(`a packet of ${length} bytes`);
      this.#lost = true;
      return undefined;
    }
    const end = headerSize + length;
    if (this.#held.length < end) return undefined;
    const payload = this.#held.subarray(headerSize, end);
    this.#held = this.#held.subarray(end);
    return { ...header, payload };
  }

  /** Whether to forget what is held, because the chunk is the start of something new. */
  #begins(chunk: Buffer, quiet: boolean): boolean {
    if (this.#lost) return quiet || startsRequest(chunk);
    return this.#held.length > 0 && quiet && startsRequest(chunk);
  }
}

function readHeader(bytes: Buffer): Omit<Packet, 'payload'> & { length: number } {
  return {
    type: bytes.readUInt32LE(0),
    requestId: bytes.readUInt32LE(4),
    transactionId: bytes.readUInt32LE(8),
    length: bytes.readUInt32LE(12),
  };
}

/** Whether bytes start with the whole header of a request; every request has a payload, be it a single NUL. */
function startsRequest(bytes: Buffer): boolean {
  if (bytes.length < headerSize) return false;
  const { type, length } = readHeader(bytes);
  const name = messageName(type);
  const isRequest = name !== undefined && name !== 'ERROR' && name !== 'WATCH_EVENT';
  return isRequest && length > 0 && length <= payloadLimit;
}
