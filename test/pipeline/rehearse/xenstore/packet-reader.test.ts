import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LostSync, PacketReader } from '../../../../pipeline/rehearse/xenstore/packet-reader.js';
import {
  type Packet,
  decodeStrings,
  encodePacket,
  encodeStrings,
  messageName,
  messageTypes,
} from '../../../../images/formats/xenstore-wire.js';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const packets = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    requestId: uint32,
    transactionId: uint32,
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(4095, 4096).map((size) => new Uint8Array(size)),
    ),
  }),
  { maxLength: 12 },
);

describe('a packet', () => {
  it('has the bytes of xs_wire.h', () => {
    const payload = encodeStrings(['a']);
    const bytes = encodePacket({ type: messageTypes.READ, requestId: 0x01020304, transactionId: 5, payload });
    assert.equal(bytes.toString('hex'), '02000000' + '04030201' + '05000000' + '02000000' + '6100');
  });

  it('has strings, and what stands behind them', () => {
    assert.deepEqual(decodeStrings(Buffer.from('a\0\0b')), { strings: ['a', ''], rest: 'b' });
    assert.deepEqual(decodeStrings(Buffer.alloc(0)), { strings: [], rest: '' });
    const odd = Buffer.of(0xff, 0x80, 0);
    assert.deepEqual(encodeStrings(decodeStrings(odd).strings), odd);
  });

  it('has a name for each type that there is', () => {
    assert.equal(messageName(22), 'DIRECTORY_PART');
    for (const none of [20, 23, 128, 0xffff]) assert.equal(messageName(none), undefined);
  });
});

describe('the packet reader', () => {
  for (const shared of [false, true])
    it(`reads the same packets however the bytes are cut, ${shared ? 'shared' : 'of one client'}`, () => {
      fc.assert(
        fc.property(packets, fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (sent, sizes) => {
          const reader = new PacketReader({ shared, now: () => 0 });
          const bytes = Buffer.concat(sent.map(encodePacket));
          const read: Packet[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            reader.push(bytes.subarray(at, at + size));
            read.push(...drain(reader));
            at += size;
          }
          assert.deepEqual(read.map(plain), sent.map(plain));
        }),
      );
    });

  it('is lost at a packet of more than 4096 bytes', () => {
    const reader = new PacketReader();
    reader.push(Buffer.concat([request('a'), header(messageTypes.READ, 4097)]));
    assert.equal(text(reader.next()), 'a\0');
    assert.throws(() => reader.next(), LostSync);
  });
});

describe('the packet reader of a shared stream', () => {
  let now = 0;
  let reader: PacketReader;
  const push = (bytes: Buffer, after = 0): string[] => {
    now += after;
    reader.push(bytes);
    return drain(reader).map(text);
  };

  beforeEach(() => {
    now = 0;
    reader = new PacketReader({ shared: true, now: () => now });
  });

  for (const [left, bytes] of [
    ['a header', header(messageTypes.WRITE, 9)],
    ['half a header', header(messageTypes.WRITE, 9).subarray(0, 7)],
    ['half a payload', Buffer.concat([header(messageTypes.WRITE, 9), Buffer.from('data')])],
  ] as const)
    it(`drops ${left} when a request comes after a pause`, () => {
      assert.deepEqual(push(bytes), []);
      assert.deepEqual(push(request('next'), 1000), ['next\0']);
      assert.deepEqual(push(request('another')), ['another\0']);
    });

  it('waits for a client that is only slow', () => {
    const bytes = request('data/host\0{"name": "version"}');
    for (const byte of bytes.subarray(0, -1)) assert.deepEqual(push(Buffer.of(byte), 5000), []);
    assert.deepEqual(push(bytes.subarray(-1), 5000), ['data/host\0{"name": "version"}\0']);
  });

  it('takes the rest of a slow packet with the next one behind it', () => {
    const bytes = Buffer.concat([request('data/guest'), request('next')]);
    assert.deepEqual(push(bytes.subarray(0, 16)), []);
    assert.deepEqual(push(bytes.subarray(16), 5000), ['data/guest\0', 'next\0']);
  });

  it('takes no end of a pause for the start of a request without a whole header of one', () => {
    assert.deepEqual(push(header(messageTypes.WRITE, 4096)), []);
    for (const other of [messageTypes.ERROR, messageTypes.WATCH_EVENT, 20, 99])
      assert.equal(push(header(other, 4), 1000).length, 0);
    assert.equal(push(header(messageTypes.READ, 0), 1000).length, 0, 'no request is empty');
    assert.equal(push(header(messageTypes.READ, 4097), 1000).length, 0);
    assert.equal(push(request('a'), 1000).length, 1);
  });

  it('cannot tell a next client that speaks at once, and finds its second request', () => {
    assert.deepEqual(push(header(messageTypes.WRITE, 30)), []);
    // 16 + 5 bytes are swallowed, then 9 of the next, and its rest is garbage.
    assert.deepEqual(push(request('next')), []);
    assert.equal(push(request('data/guest/abc')).length, 1);
    assert.deepEqual(push(request('found')), ['found\0']);
  });

  it('drops garbage up to the next request', () => {
    assert.deepEqual(push(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')), []);
    assert.deepEqual(push(Buffer.from('more of it, and enough for a header')), []);
    assert.deepEqual(push(request('found')), ['found\0']);
  });

  it('takes what comes after a pause for a start, even in pieces', () => {
    push(Buffer.from('garbage, long enough to be looked at'));
    assert.deepEqual(push(request('found').subarray(0, 3), 1000), []);
    assert.deepEqual(push(request('found').subarray(3)), ['found\0']);
  });

  it('takes no absurd type for a packet', () => {
    assert.deepEqual(push(Buffer.concat([header(256, 2), Buffer.from('ab')])), []);
    assert.deepEqual(push(Buffer.concat([header(255, 2), Buffer.from('ab')]), 1000), ['ab']);
  });
});

function drain(reader: PacketReader): Packet[] {
  const read: Packet[] = [];
  for (let packet = reader.next(); packet; packet = reader.next()) read.push(packet);
  return read;
}

function plain({ payload, ...rest }: Packet): object {
  return { ...rest, payload: Buffer.from(payload).toString('hex') };
}

function text(packet: Packet | undefined): string {
  return Buffer.from(packet!.payload).toString('latin1');
}

function header(type: number, length: number): Buffer {
  const bytes = encodePacket({ type, requestId: 1, transactionId: 0, payload: Buffer.alloc(0) });
  bytes.writeUInt32LE(length, 12);
  return bytes;
}

function request(path: string): Buffer {
  const payload = encodeStrings([path]);
  return encodePacket({ type: messageTypes.READ, requestId: 2, transactionId: 0, payload });
}
