import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { PacketReader } from '../../../../pipeline/rehearse/xenstore/packet-reader.js';
import { type Serving, serveStream } from '../../../../pipeline/rehearse/xenstore/serve.js';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { encodePacket, messageTypes } from '../../../../images/formats/xenstore-wire.js';
import { numberOf } from '../../../support/switches.js';
import { nuls } from './client.js';

const packets = 120_000;
const seed = numberOf('HALLMARK_FUZZ_SEED', Date.now() % 0x7fffffff);
const withSeed = `HALLMARK_FUZZ_SEED=${seed}`;

/** A hostile guest: every packet is to be answered or its sender shut out, and the next client served as ever. */
describe('the XenStore host under malformed packets', () => {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;

  const types = Object.values(messageTypes);
  const hostile = [
    ...[
      '',
      '|',
      '||',
      '/|',
      '//|',
      'data',
      'data|',
      'data/|',
      'data//x|',
      '/local/domain/1/data|',
      '@x|',
      '..|',
    ],
    ...[
      'data|t|',
      '@introduceDomain|t|',
      'data|n1|',
      'data|b1|r0|',
      'data|x|',
      'T|',
      'F|',
      'TF',
      '1|',
      '99999999999|',
    ],
    ...[`data/${'a/'.repeat(1400)}b|`, `${'d'.repeat(2049)}|`, 'data/x|value', `data/y|${'v'.repeat(3000)}`],
    ...[
      'data|'.repeat(600),
      '|'.repeat(4096),
      'x'.repeat(4096),
      'data/\xff\xfe|',
      'data/a\n|',
      '-1|',
      '0x1|',
      'data|0|',
    ],
  ].map(nuls);
  const payload = (): Buffer => {
    const bytes = Buffer.from(pick(hostile));
    if (bytes.length > 0 && random() < 0.3) bytes[below(bytes.length)] = below(256);
    if (random() < 0.2) return bytes.subarray(0, below(bytes.length + 1));
    return random() < 0.1 ? Buffer.from(Array.from({ length: below(64) }, () => below(256))) : bytes;
  };
  const anyType = (): number => (random() < 0.9 ? pick(types) : below(random() < 0.5 ? 256 : 0x100000000));

  it(`answers each of ${packets} that can be told apart`, async () => {
    const store = new XenStore();
    const [near, far] = duplexPair();
    using serving = serveStream(store, near);
    const answered: number[] = [];
    const drained = hear(far, (type, id) => type !== messageTypes.WATCH_EVENT && answered.push(id));
    for (let id = 0; id < packets; id++) {
      const transactionId = random() < 0.8 ? 0 : below(20);
      const bytes = encodePacket({ type: anyType(), requestId: id, transactionId, payload: payload() });
      if (!far.write(bytes)) await turn();
      if (id % 1000 === 0) await untilRead(far, serving);
    }
    far.end();
    assert.equal(await serving.ended, 'closed', withSeed);
    await drained;
    assert.equal(answered.length, packets, withSeed);
    assert.ok(
      answered.every((id, at) => id === at),
      `in their order; ${withSeed}`,
    );
    await assertServed(store, withSeed);
  });

  it('finds the next request on a shared stream, whatever garbage was before', async () => {
    const store = new XenStore();
    const [near, far] = duplexPair();
    using serving = serveStream(store, near, { shared: true });
    let found = 0;
    const wanted = 0x5eed;
    void hear(far, (_type, id) => id === wanted && found++);
    const rounds = 2000;
    for (let round = 0; round < rounds; round++) {
      for (let chunks = below(4); chunks >= 0; chunks--) {
        const packet = encodePacket({ type: anyType(), requestId: 1, transactionId: 0, payload: payload() });
        if (random() < 0.5) packet.writeUInt32LE(below(random() < 0.5 ? 5000 : 0x100000000), 12);
        far.write(packet.subarray(below(4), packet.length - below(20)));
      }
      // More than an unfinished packet can swallow, and then no header.
      far.write('x'.repeat(4096 + 32));
      await untilRead(far, serving);
      far.write(
        encodePacket({
          type: messageTypes.READ,
          requestId: wanted,
          transactionId: 0,
          payload: nuls('data|'),
        }),
      );
      await untilRead(far, serving);
    }
    await turn();
    assert.equal(found, rounds, withSeed);
    await assertServed(store, withSeed);
  });

  it('shuts out clients whose packets cannot be told apart, one by one', async () => {
    const store = new XenStore();
    for (let client = 0; client < 2000; client++) {
      const [near, far] = duplexPair();
      using serving = serveStream(store, near);
      far.on('error', () => undefined).resume();
      const packet = encodePacket({ type: anyType(), requestId: 1, transactionId: 0, payload: payload() });
      const length = 4097 + below(0xffffffff - 4097);
      const tooLong = Buffer.from(packet);
      tooLong.writeUInt32LE(length, 12);
      far.write(Buffer.concat([packet, tooLong]));
      assert.equal(await serving.ended, 'malformed', `length ${length}; ${withSeed}`);
    }
    assert.equal(store.openTransactions, 0, withSeed);
    await assertServed(store, withSeed);
  });
});

/** Calls for each packet that comes; ends with the stream. */
async function hear(stream: Duplex, onPacket: (type: number, requestId: number) => unknown): Promise<void> {
  const reader = new PacketReader();
  for await (const chunk of stream) {
    reader.push(chunk as Buffer);
    for (let packet = reader.next(); packet; packet = reader.next()) onPacket(packet.type, packet.requestId);
  }
}

async function untilRead(stream: Duplex, serving: Serving): Promise<void> {
  const ended = serving.ended.then(() => true);
  do await turn();
  while (stream.writableLength > 0 && !(await Promise.race([ended, turn(false)])));
}

/** That another client of the same store is served. */
async function assertServed(store: XenStore, message: string): Promise<void> {
  const [near, far] = duplexPair();
  using _serving = serveStream(store, near);
  store.write('/local/domain/1/vm-data/hostname', 'web1');
  const payload = nuls('vm-data/hostname|');
  far.end(encodePacket({ type: messageTypes.READ, requestId: 1, transactionId: 0, payload }));
  const chunks: Buffer[] = [];
  for await (const chunk of far) chunks.push(chunk as Buffer);
  assert.equal(Buffer.concat(chunks).subarray(16).toString(), 'web1', message);
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
