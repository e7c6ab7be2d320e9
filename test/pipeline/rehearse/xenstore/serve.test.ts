import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, type Readable, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { serveSocket, serveStream } from '../../../../pipeline/rehearse/xenstore/serve.js';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { type MessageName, encodePacket, messageTypes } from '../../../../images/formats/xenstore-wire.js';
import { bars, nuls } from './client.js';

describe('a served stream', () => {
  let store: XenStore;
  let near: Duplex;
  let far: Duplex;
  beforeEach(() => {
    store = new XenStore();
    store.write('data/host/1', 'x');
    [near, far] = duplexPair();
  });
  afterEach(() => {
    near.destroy();
    far.destroy();
  });

  it('answers requests in their order, each with its numbers', async () => {
    using _serving = serveStream(store, near);
    far.write(
      Buffer.concat([
        request('READ', 'data/host/1|', 7),
        request('RM', 'none|', 8),
        request('MKDIR', 'data/x|', 9),
      ]),
    );
    assert.deepEqual(await replies(far, 3), ['2 7 0 x', '16 8 0 EACCES|', '12 9 0 OK|']);
  });

  it('copies the transaction to reply and error, and has none for an event', async () => {
    using _serving = serveStream(store, near);
    far.write(Buffer.concat([request('TRANSACTION_START', '|', 1), request('READ', 'data/host/1|', 2, 1)]));
    far.write(Buffer.concat([request('READ', 'data/y|', 3, 1), request('WATCH', 'data|t|', 4, 1)]));
    const expected = ['6 1 0 1|', '2 2 1 x', '16 3 1 ENOENT|', '4 4 1 OK|', '15 0 0 data|t|'];
    assert.deepEqual(await replies(far, 5), expected);
  });

  it('sends events without being asked', async () => {
    using _serving = serveStream(store, near);
    far.write(request('WATCH', 'data/guest|t|'));
    await replies(far, 2);
    store.write('data/guest/1', 'x');
    assert.deepEqual(await replies(far, 1), ['15 0 0 data/guest/1|t|']);
  });

  it('tells who asked for what', async () => {
    const seen: object[] = [];
    using _serving = serveStream(store, near, { domain: 2, onRequest: (one) => seen.push(one) });
    far.write(Buffer.concat([request('READ', 'data|'), request('GET_DOMAIN_PATH', '1|')]));
    await replies(far, 2);
    assert.deepEqual(seen, [{ op: 'READ', path: 'data', error: 'EACCES' }, { op: 'GET_DOMAIN_PATH' }]);
  });

  it('ends with its client, whose watches and transactions are gone', async () => {
    const serving = serveStream(store, near);
    far.write(Buffer.concat([request('WATCH', 'data|t|'), request('TRANSACTION_START', '|')]));
    await replies(far, 3);
    assert.equal(store.openTransactions, 1);
    far.resume().end();
    assert.equal(await serving.ended, 'closed');
    assert.equal(store.openTransactions, 0);
    store.write('data/x', 'nobody is told');
  });

  it('answers what was asked before the client ended its half', async () => {
    const serving = serveStream(store, near);
    store.write('data/big', 'x'.repeat(4000));
    far.end(Buffer.concat(Array.from({ length: 100 }, (_, id) => request('READ', 'data/big|', id))));
    assert.match((await replies(far, 100)).at(-1) ?? '', /^2 99 0 x{4000}$/);
    far.resume();
    assert.equal(await serving.ended, 'closed');
    assert.equal(near.destroyed, true);
  });

  it('ends when it breaks', async () => {
    const serving = serveStream(store, near);
    far.write(request('READ', 'data|'));
    await replies(far, 1);
    near.destroy(new Error('EIO'));
    assert.equal(await serving.ended, 'closed');
  });

  it('is closed by us', async () => {
    const serving = serveStream(store, near);
    serving[Symbol.dispose]();
    assert.equal(await serving.ended, 'disposed');
    assert.equal(near.destroyed, true);
  });

  it('is closed when a packet is too long, after what came before it was done', async () => {
    const serving = serveStream(store, near);
    const tooLong = request('READ', '|');
    tooLong.writeUInt32LE(4097, 12);
    far.write(Buffer.concat([request('WRITE', 'data/x|y'), tooLong, request('WRITE', 'data/z|y')]));
    assert.equal(await serving.ended, 'malformed');
    assert.equal(near.destroyed, true);
    assert.equal(store.read('data/x'), 'y');
    assert.equal(store.read('data/z'), undefined);
  });

  it('that is shared goes on after a packet that is too long', async () => {
    using _serving = serveStream(store, near, { shared: true });
    const tooLong = request('READ', '|');
    tooLong.writeUInt32LE(0x20202020, 12);
    far.write(tooLong);
    await turn();
    far.write(request('READ', 'data/host/1|', 5));
    assert.deepEqual(await replies(far, 1), ['2 5 0 x']);
  });

  it('hears no more of a client that does not read its replies, until it does', async () => {
    store.write('data/big', 'x'.repeat(4000));
    let heard = 0;
    using _serving = serveStream(store, near, { onRequest: () => heard++ });
    const count = 2000;
    far.write(Buffer.concat(Array.from({ length: count }, (_, id) => request('READ', 'data/big|', id))));
    for (let turns = 0; turns < 100; turns++) await turn();
    assert.ok(heard < 50, `${heard} requests were answered to nobody`);
    assert.ok(near.writableLength < 200_000, `${near.writableLength} bytes wait`);
    const all = await replies(far, count);
    assert.equal(all.at(-1)?.slice(0, 12), `2 ${count - 1} 0 xxx`);
    assert.equal(heard, count);
  });

  it('is closed when a client does not read its events', async () => {
    const serving = serveStream(store, near);
    far.write(request('WATCH', 'data|t|'));
    await replies(far, 2);
    far.pause();
    let writes = 0;
    while (!near.destroyed && writes < 100_000) {
      store.write('data/x', '');
      if (++writes % 1000 === 0) await turn();
    }
    assert.equal(await serving.ended, 'unread');
    assert.ok(writes * 30 < 2 * store.limits.unreadBytes, `${writes} events`);
  });

  it('lets a bug of a callback be seen', async () => {
    const serving = serveStream(store, near, {
      onRequest: () => {
        throw new TypeError('a bug');
      },
    });
    far.write(request('READ', 'data|'));
    await assert.rejects(serving.ended, /a bug/);
  });
});

describe('a served socket', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), 'hallmark-xenstore-'));
    path = join(folder, 'socket');
  });
  after(async () => {
    await fs.rm(folder, { recursive: true });
  });
  const client = async (): Promise<Socket> => {
    const socket = connect(path);
    await once(socket, 'connect');
    return socket;
  };

  it('serves several clients, each with its own transactions and watches', async () => {
    const store = new XenStore();
    await using _server = await serveSocket(store, path);
    const [one, two] = [await client(), await client()];
    one.write(Buffer.concat([request('TRANSACTION_START', '|'), request('WRITE', 'data/x|1', 0, 1)]));
    assert.deepEqual(await replies(one, 2), ['6 0 0 1|', '11 0 1 OK|']);
    two.write(
      Buffer.concat([
        request('READ', 'data/x|', 0, 1),
        request('WATCH', 'data|t|'),
        request('WRITE', 'data/x|2'),
      ]),
    );
    const expected = ['16 0 1 ENOENT|', '4 0 0 OK|', '15 0 0 data|t|', '15 0 0 data/x|t|', '11 0 0 OK|'];
    assert.deepEqual(await replies(two, 5), expected);
    one.write(request('TRANSACTION_END', 'T|', 0, 1));
    assert.deepEqual(await replies(one, 1), ['16 0 1 EAGAIN|']);
    one.destroy();
    two.write(request('READ', 'data/x|'));
    assert.deepEqual(await replies(two, 1), ['2 0 0 2']);
    two.destroy();
  });

  it('is gone when it is disposed of, with its connections', async () => {
    const server = await serveSocket(new XenStore(), path);
    const socket = await client();
    socket.write(request('READ', 'data|'));
    await replies(socket, 1);
    socket.resume();
    const closed = once(socket, 'close');
    await server[Symbol.asyncDispose]();
    await closed;
    await assert.rejects(fs.stat(path), { code: 'ENOENT' });
  });

  it('is gone even with a client that has ended its half and reads nothing', async () => {
    const store = new XenStore();
    store.write('data/big', 'x'.repeat(4000));
    const server = await serveSocket(store, path);
    const socket = connect({ path, allowHalfOpen: true });
    socket.end(Buffer.concat(Array.from({ length: 500 }, () => request('READ', 'data/big|'))));
    await once(socket, 'finish');
    await server[Symbol.asyncDispose]();
    socket.destroy();
  });

  it('has so many connections at a time', async () => {
    await using _server = await serveSocket(new XenStore({ limits: { connections: 1 } }), path);
    const first = await client();
    first.write(request('READ', 'data|'));
    await replies(first, 1);
    const second = connect(path);
    second.on('error', () => undefined).resume();
    await once(second, 'close');
    first.destroy();
  });

  it('is not made where there is one, or no place for one', async () => {
    await using _server = await serveSocket(new XenStore(), path);
    await assert.rejects(serveSocket(new XenStore(), path), { code: 'EADDRINUSE' });
    await assert.rejects(serveSocket(new XenStore(), join(folder, 'none', 'socket')), { code: 'EACCES' });
    await assert.rejects(serveSocket(new XenStore(), join(folder, 'x'.repeat(120))), RangeError);
  });
});

function request(name: MessageName, payload: string, requestId = 0, transactionId = 0): Buffer {
  return encodePacket({ type: messageTypes[name], requestId, transactionId, payload: nuls(payload) });
}

/** The next packets, as "type request transaction payload", with bars for NULs. */
async function replies(stream: Readable, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const header = await take(stream, 16);
    const [type, id, transaction, length] = [0, 4, 8, 12].map((at) => header.readUInt32LE(at));
    const payload = length ? await take(stream, length) : Buffer.alloc(0);
    found.push(`${type} ${id} ${transaction} ${bars(payload)}`);
  }
  return found;
}

async function take(stream: Readable, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = stream.read(size) as Buffer | null;
    if (bytes) return bytes;
    await once(stream, 'readable');
  }
}
