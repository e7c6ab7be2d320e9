import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import {
  decodePacket,
  encodePacket,
  encodeStrings,
  messageTypes,
} from '../../../images/formats/xenstore-wire.js';
import { knock } from '../../../images/live/xenstore.js';
import { scratch } from '../../support/scratch.js';

/** The domain's own id is asked for (docs/misc/xenstore.txt). */
const question = encodePacket({
  ...{ type: messageTypes.READ, requestId: 0x48616c6c, transactionId: 0 },
  payload: encodeStrings(['domid']),
});

/** An answer to the question, as xenstored packs it. */
function answer(
  payload: string,
  { type = 2, request = question.readUInt32LE(4), length = payload.length } = {},
): Buffer {
  const header = Buffer.alloc(16);
  for (const [at, value] of [type, request, 0, length].entries()) header.writeUInt32LE(value, at * 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

describe('a XenStore packet', () => {
  it('is read in however many pieces it comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(answer('7'), answer('ENOENT\0', { type: 16 }), answer('')),
        fc.nat(40),
        (whole, cut) => {
          const found = decodePacket(whole.subarray(0, cut));
          assert.equal(found?.length, cut < whole.length ? undefined : whole.length);
        },
      ),
    );
  });

  it('is refused when it has a type that there is none of, or is endless', () => {
    for (const other of [{ type: 99 }, { length: 4097 }])
      assert.throws(() => decodePacket(answer('7', other)), SyntaxError);
  });
});

describe('knocking at XenStore', () => {
  async function withSocket(
    root: string,
    reply: Buffer | undefined,
    test: () => Promise<void>,
  ): Promise<void> {
    const path = join(root, 'run/xenstored/socket');
    mkdirSync(dirname(path), { recursive: true });
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data: Buffer) => {
        assert.deepEqual(data, question);
        if (!reply) return;
        socket.write(reply.subarray(0, 10));
        setTimeout(() => socket.end(reply.subarray(10)), 20);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      await test();
    } finally {
      server.close();
    }
  }

  it('finds nothing where there is no way', async () => {
    using here = scratch();
    assert.deepEqual(await knock(here.path), []);
  });

  it('asks a socket, and hears its answer in pieces', async () => {
    using here = scratch();
    await withSocket(here.path, answer('12'), async () => {
      assert.deepEqual(await knock(here.path), [
        { path: '/run/xenstored/socket', state: 'open', detail: 'answers' },
      ]);
    });
  });

  it('tells who says nothing from who says something else', async () => {
    using silent = scratch();
    await withSocket(silent.path, undefined, async () => {
      assert.equal((await knock(silent.path, 100))[0]?.state, 'silent');
    });
    using strange = scratch();
    await withSocket(strange.path, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), async () => {
      assert.equal((await knock(strange.path))[0]?.state, 'strange');
    });
  });

  it('does not open what is no device, and says so of each', async () => {
    using here = scratch();
    for (const path of ['dev/xen/xenbus', 'run/xenstored/socket']) {
      mkdirSync(dirname(join(here.path, path)), { recursive: true });
      writeFileSync(join(here.path, path), '');
    }
    assert.deepEqual(
      (await knock(here.path)).map(({ path, state, detail }) => `${path} ${state}: ${detail}`),
      [
        '/dev/xen/xenbus strange: is not a character device',
        '/run/xenstored/socket strange: is not a socket',
      ],
    );
  });

  it('is told when a socket has nobody behind it', async () => {
    using here = scratch();
    await withSocket(here.path, undefined, async () => undefined);
    const path = join(here.path, 'run/xenstored/socket');
    // Closing removed it; a dead one is left by a process that was killed.
    assert.deepEqual(await knock(here.path), []);
    const { spawnSync } = await import('node:child_process');
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    const [door] = await knock(here.path);
    assert.deepEqual([door?.state, door?.detail], ['refused', 'ECONNREFUSED']);
  });
});
