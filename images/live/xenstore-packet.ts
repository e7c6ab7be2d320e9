/** XenStore's packets (docs/misc/xenstore.txt): four little-endian numbers, type, request, transaction and length. */
const headerLength = 16;
const XS_READ = 2;
const XS_ERROR = 16;
/** XENSTORE_PAYLOAD_MAX */
const payloadLimit = 4096;
/** Tells our answer from those to others. */
const request = 0x48616c6c;

/** Asks for the domain's own id, a key that every guest has. */
export const question: Buffer = packet(XS_READ, 'domid\0');

function packet(type: number, payload: string): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(request, 4);
  header.writeUInt32LE(payload.length, 12);
  return Buffer.concat([header, Buffer.from(payload)]);
}

/**
 * What has been received so far: a whole answer to the {@link question} (an error that the key does not exist is an answer, too),
 * a part of one, or something that is none.
 */
export function readAnswer(received: Buffer): 'whole' | 'part' | 'strange' {
  if (received.length < headerLength) return 'part';
  const type = received.readUInt32LE(0);
  const length = received.readUInt32LE(12);
  const isOurs = received.readUInt32LE(4) === request && (type === XS_READ || type === XS_ERROR);
  if (!isOurs || length > payloadLimit) return 'strange';
  return received.length < headerLength + length ? 'part' : 'whole';
}
