/**
 * The wire protocol of XenStore (xen/docs/misc/xenstore.txt, xen/include/public/io/xs_wire.h): packets of a header,
 * four little-endian 32-bit numbers, and a payload.
 */

export const headerSize = 16;
/** XENSTORE_PAYLOAD_MAX, in bytes and both directions. */
export const payloadLimit = 4096;

/** `enum xsd_sockmsg_type`. */
export const messageTypes = {
  CONTROL: 0,
  DIRECTORY: 1,
  READ: 2,
  GET_PERMS: 3,
  WATCH: 4,
  UNWATCH: 5,
  TRANSACTION_START: 6,
  TRANSACTION_END: 7,
  INTRODUCE: 8,
  RELEASE: 9,
  GET_DOMAIN_PATH: 10,
  WRITE: 11,
  MKDIR: 12,
  RM: 13,
  SET_PERMS: 14,
  WATCH_EVENT: 15,
  ERROR: 16,
  IS_DOMAIN_INTRODUCED: 17,
  RESUME: 18,
  SET_TARGET: 19,
  RESET_WATCHES: 21,
  DIRECTORY_PART: 22,
} as const;

export type MessageName = keyof typeof messageTypes;

const names = new Map(Object.entries(messageTypes).map(([name, type]) => [type, name as MessageName]));

/** Undefined for a type that the protocol does not have. */
export function messageName(type: number): MessageName | undefined {
  return names.get(type as never);
}

export interface Packet {
  readonly type: number;
  /** Chosen by the client, and copied to the reply. */
  readonly requestId: number;
  /** 0 outside transactions. */
  readonly transactionId: number;
  readonly payload: Uint8Array;
}

/** The bytes of a packet. Its payload must be within {@link payloadLimit}. */
export function encodePacket({ type, requestId, transactionId, payload }: Packet): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize + payload.length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(requestId, 4);
  bytes.writeUInt32LE(transactionId, 8);
  bytes.writeUInt32LE(payload.length, 12);
  bytes.set(payload, headerSize);
  return bytes;
}

/** Strings, each with a NUL at its end. One character is one byte. */
export function encodeStrings(strings: readonly string[]): Buffer {
  return Buffer.from(strings.map((text) => `${text}\0`).join(''), 'latin1');
}

/**
 * The strings of a payload that end with a NUL, and what stands behind the last NUL. Each byte is one character, so
 * that nothing is lost of what no encoding allows.
 */
export function decodeStrings(payload: Uint8Array): { strings: string[]; rest: string } {
  const strings = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    .toString('latin1')
    .split('\0');
  return { rest: strings.pop() ?? '', strings };
}

/**
 * The packet at the beginning of what was received, and its length; undefined while it is not whole.
 * @throws {SyntaxError} when no packet begins like this
 */
export function decodePacket(received: Buffer): { packet: Packet; length: number } | undefined {
  if (received.length < headerSize) return undefined;
  const [type, requestId, transactionId, size] = [0, 4, 8, 12].map((at) => received.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  if (messageName(type) === undefined || size > payloadLimit)
    throw new SyntaxError('it does not speak the XenStore protocol');
  const length = headerSize + size;
  if (received.length < length) return undefined;
  const payload = received.subarray(headerSize, length);
  return { packet: { type, requestId, transactionId, payload }, length };
}
