import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Serving, serveSocket, serveStream } from '../../pipeline/rehearse/xenstore/serve.js';
import { XenStore } from '../../pipeline/rehearse/xenstore/store.js';

const run = promisify(execFile);
const home = '/local/domain/1';
/** More names than one packet carries. */
const many = Array.from({ length: 300 }, (_, at) => `a-name-of-some-length-${at}`);

/** Clients that nobody here wrote: libxenstore by Debian's xenstore-utils, and python3-pyxs. */
describe('real clients of the XenStore host', () => {
  let folder: string;
  let store: XenStore;

  before(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), 'hallmark-xenstore-'));
  });
  after(async () => {
    await fs.rm(folder, { recursive: true });
  });
  beforeEach(() => {
    store = new XenStore();
    store.write('vm-data/hostname', 'web1');
    store.write('name', 'web1');
    store.write('/secret', 'x');
  });

  /** Both ways in which libxenstore reaches a XenStore: by the socket of a daemon, and by the kernel's device. */
  const ways: Record<string, () => Promise<Way>> = {
    socket: async () => {
      const path = join(folder, 'socket');
      const server = await serveSocket(store, path);
      return { path, [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()) };
    },
    pty: () => openPty(store, folder),
  };
  for (const [name, open] of Object.entries(ways))
    describe(`xenstore-utils over a ${name}`, () => {
      let way: Way;
      beforeEach(async () => {
        way = await open();
      });
      afterEach(() => way[Symbol.asyncDispose]());
      const env = (): NodeJS.ProcessEnv => ({ ...process.env, XENSTORED_PATH: way.path });
      const xenstore = async (tool: string, ...args: string[]): Promise<string> => {
        const { stdout } = await run(`xenstore-${tool}`, args, { env: env(), timeout: 20_000 });
        return stdout;
      };
      const refused = async (why: RegExp, tool: string, ...args: string[]): Promise<void> => {
        await assert.rejects(xenstore(tool, ...args), (error: Error & { code?: number; stderr?: string }) => {
          assert.equal(error.code, 1);
          assert.match(error.stderr ?? '', why);
          return true;
        });
      };

      it('write and read', async () => {
        await xenstore('write', 'data/guest/1', '{"returncode": "0", "message": "2.1.25"}', 'attr/x', 'y');
        assert.equal(store.read('data/guest/1'), '{"returncode": "0", "message": "2.1.25"}');
        assert.equal(await xenstore('read', 'vm-data/hostname', `${home}/attr/x`), 'web1\ny\n');
        assert.equal(await xenstore('read', '-p', 'name'), 'name: web1\n');
        await refused(/couldn't read path data\/none/, 'read', 'data/none');
        await refused(/couldn't read path \/secret/, 'read', '/secret');
        await refused(/could not write path name/, 'write', 'name', 'x');
        await refused(/could not write path data\/\//, 'write', 'data//', 'x');
      });

      it('read and write as much as a value can have', async () => {
        store.write('data/long', 'x'.repeat(4096));
        assert.equal((await xenstore('read', 'data/long')).length, 4097);
        await xenstore('write', 'data/long', 'y'.repeat(2048));
        assert.equal(store.read('data/long'), 'y'.repeat(2048));
        await refused(/could not write/, 'write', 'data/long', 'y'.repeat(2049));
      });

      it('list, also what no packet can carry', async () => {
        for (const one of many) store.write(`data/host/${one}`, '');
        assert.equal(await xenstore('list', 'data/host'), many.map((one) => `${one}\n`).join(''));
        assert.equal(await xenstore('list', '-p', 'vm-data'), 'vm-data/hostname\n');
        await refused(/could not list path data\/none/, 'list', 'data/none');
      });

      it('ls', async () => {
        store.write('data/host/1', '{"name":"version"}');
        assert.equal(await xenstore('ls', 'data'), 'host = ""\n 1 = "{"name":"version"}"\n');
        assert.equal(await xenstore('ls', '-f', 'vm-data'), 'vm-data/hostname = "web1"\n');
        assert.match(await xenstore('ls', '-p', 'data'), /^ 1 = .*\(n1\)$/m);
        await refused(/xs_directory \(\/local\): Permission denied/, 'ls', '/local');
      });

      it('exists', async () => {
        await xenstore('exists', 'vm-data/hostname');
        await assert.rejects(xenstore('exists', 'vm-data/none'), { code: 1 });
      });

      it('rm', async () => {
        store.write('data/a/b', '');
        await xenstore('rm', 'data/a', 'data/none');
        assert.deepEqual(store.list('data'), []);
        await refused(/could not remove path data\/none\/none/, 'rm', 'data/none/none');
        await refused(/could not remove path name/, 'rm', 'name');
        store.write('data/a/b', '');
        await xenstore('rm', '-t', 'data/a/b');
        assert.equal(store.read('data/a'), undefined, 'with the parents that it leaves empty');
      });

      it('chmod', async () => {
        store.write('data/a/b', '');
        await xenstore('chmod', '-r', 'data/a', 'n1', 'r5');
        assert.match(await xenstore('ls', '-p', 'data'), /^a = .*\(n1,r5\)\n b = .*\(n1,r5\)\n$/);
        await refused(/Error occurred setting permissions/, 'chmod', 'name', 'n1');
      });

      it('watch', async () => {
        const watch = spawn('xenstore-watch', ['-n', '4', 'data/host'], { env: env(), timeout: 20_000 });
        const said = text(watch.stdout);
        await once(watch.stdout, 'readable'); // the first event: the watch is set
        store.write('data/host/1', 'x');
        store.write('attr/x', 'not watched');
        store.remove('data/host/1');
        store.remove('data');
        assert.equal(await said, 'data/host\ndata/host/1\ndata/host/1\ndata/host\n');
      });
    });

  describe('python3-pyxs over a raw pty', () => {
    let way: Way;
    beforeEach(async () => {
      way = await openPty(store, folder);
    });
    afterEach(() => way[Symbol.asyncDispose]());

    /** What the lines of Python put into `said`. */
    const pyxs = async (lines: string): Promise<Record<string, unknown>> => {
      const program = join(folder, 'client.py');
      await fs.writeFile(program, `${prelude}${lines}\nprint(json.dumps(said))\n`);
      // Debian's own Python: another one does not find Debian's packages.
      const { stdout } = await run('/usr/bin/python3', [program, way.path], { timeout: 20_000 });
      return JSON.parse(stdout) as Record<string, unknown>;
    };

    it('does every operation', async () => {
      store.write('data/bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
      store.write('data/long', 'x'.repeat(4096));
      const said = await pyxs(`
with connect() as c:
    said['read'] = text(c.read(b'vm-data/hostname'))
    said['bytes'] = c.read(b'data/bytes') == bytes(range(256))
    said['long'] = len(c.read(b'data/long'))
    c.write(b'data/guest/1', b'{"returncode": "0"}')
    c.write(b'/local/domain/1/data/guest/2', b'')
    c.mkdir(b'data/a/b')
    said['list'] = text(c.list(b'data/guest'))
    said['exists'] = [c.exists(b'data/a/b'), c.exists(b'data/a/c')]
    c.set_perms(b'data/a', [b'r1', b'w5'])
    said['perms'] = text(c.get_perms(b'data/a'))
    c.delete(b'data/a')
    c.delete(b'data/a')
    said['walk'] = [[text(path), text(names)] for path, _, names in c.walk(b'data/guest')]
    said['domain path'] = text(c.get_domain_path(7))
    said['introduced'] = [c.is_domain_introduced(1), c.is_domain_introduced(2)]`);
      assert.deepEqual(said, {
        read: 'web1',
        bytes: true,
        long: 4096,
        list: ['1', '2'],
        exists: [true, false],
        perms: ['r1', 'w5'],
        walk: [
          ['data/guest', ['1', '2']],
          ['data/guest/1', []],
          ['data/guest/2', []],
        ],
        'domain path': '/local/domain/7',
        introduced: [true, false],
      });
      assert.equal(store.read('data/guest/1'), '{"returncode": "0"}');
      assert.equal(store.read('data/a'), undefined);
    });

    it('is told every error by its name', async () => {
      for (const one of many) store.write(`data/many/${one}`, '');
      const said = await pyxs(`
from pyxs._internal import Op
with connect() as c:
    said['read'] = error(c.read, b'data/none')
    said['read secret'] = error(c.read, b'/secret')
    said['list'] = error(c.list, b'data/none')
    said['list many'] = error(c.list, b'data/many')
    said['write'] = error(c.write, b'name', b'x')
    said['write much'] = error(c.write, b'data/x', b'x' * 2049)
    said['mkdir'] = error(c.mkdir, b'none/none')
    said['delete'] = error(c.delete, b'data/none/none')
    said['delete name'] = error(c.delete, b'name')
    said['perms'] = error(c.get_perms, b'data/none')
    said['perms of name'] = error(c.set_perms, b'name', [b'n1'])
    said['perms to another'] = error(c.set_perms, b'data', [b'n5'])
    said['perms of many'] = error(c.set_perms, b'data', [b'n1'] * 6)
    said['perms wrong'] = error(c.execute_command, Op.SET_PERMS, b'data\\0x1\\0')
    said['path wrong'] = error(c.execute_command, Op.READ, b'data/\\0')
    said['no NUL'] = error(c.execute_command, Op.READ, b'data')
    said['domain wrong'] = error(c.execute_command, Op.GET_DOMAIN_PATH, b'x\\0')
    said['introduce'] = error(c.introduce_domain, 5, 1, 1)
    said['restrict'] = error(c.execute_command, Op.RESTRICT, b'1\\0')
    said['unwatch'] = error(c.execute_command, Op.UNWATCH, b'data\\0t\\0')
    said['commit'] = error(c.execute_command, Op.TRANSACTION_END, b'T\\0')
    c.tx_id = 99
    said['transaction'] = error(c.read, b'data')
    c.tx_id = 0
    c.transaction()
    said['transaction in another'] = error(c.execute_command, Op.TRANSACTION_START, b'\\0')
    c.rollback()
    c.execute_command(Op.WATCH, b'data\\0t\\0')
    for n in range(200):
        last = error(c.execute_command, Op.WATCH, b'data\\0%d\\0' % n)
    said['watch'] = last
    for n in range(3000):
        last = error(c.mkdir, b'attr/x%d' % n)
    said['mkdir often'] = last`);
      assert.deepEqual(said, {
        read: 'ENOENT',
        'read secret': 'EACCES',
        list: 'ENOENT',
        'list many': 'E2BIG',
        write: 'EACCES',
        'write much': 'ENOSPC',
        mkdir: 'EACCES',
        delete: 'ENOENT',
        'delete name': 'EACCES',
        perms: 'ENOENT',
        'perms of name': 'EACCES',
        'perms to another': 'EPERM',
        'perms of many': 'ENOSPC',
        'perms wrong': 'EINVAL',
        'path wrong': 'EINVAL',
        'no NUL': 'EINVAL',
        'domain wrong': 'EINVAL',
        introduce: 'EACCES',
        restrict: 'ENOSYS',
        unwatch: 'ENOENT',
        commit: 'ENOENT',
        transaction: 'ENOENT',
        'transaction in another': 'EBUSY',
        watch: 'E2BIG',
        'mkdir often': 'ENOSPC',
      });
    });

    it('watches', async () => {
      const said = await pyxs(`
with connect() as c, c.monitor() as m:
    m.watch(b'data/host', b'relative')
    m.watch(b'/local/domain/1/data/host', b'absolute')
    events = m.wait()
    take = lambda count: sorted([text(path), text(token)] for path, token in (next(events) for _ in range(count)))
    said['set'] = take(2)
    c.write(b'data/host/1', b'x')
    said['write'] = take(2)
    c.delete(b'data/host/1')
    said['delete'] = take(2)
    m.unwatch(b'/local/domain/1/data/host', b'absolute')
    c.mkdir(b'data/host/2')
    said['unwatch'] = take(1)
    c.delete(b'data')
    said['parent'] = take(1)`);
      const both = (path: string): string[][] => [
        [`${home}/${path}`, 'absolute'],
        [path, 'relative'],
      ];
      assert.deepEqual(said, {
        set: both('data/host'),
        write: both('data/host/1'),
        delete: both('data/host/1'),
        unwatch: [['data/host/2', 'relative']],
        parent: [['data/host', 'relative']],
      });
    });

    it('has transactions that are committed, given up, and in conflict', async () => {
      const said = await pyxs(`
with connect() as c:
    other = copy.copy(c)
    c.transaction()
    c.write(b'data/a', b'1')
    said['outside'] = other.exists(b'data/a')
    said['commit'] = c.commit()
    said['after'] = text(c.read(b'data/a'))
    c.transaction()
    c.write(b'data/a', b'2')
    c.rollback()
    said['rollback'] = text(c.read(b'data/a'))
    c.transaction()
    c.write(b'data/a', text(c.read(b'data/a')).encode() + b'2')
    other.write(b'data/a', b'3')
    said['conflict'] = c.commit()
    said['conflict, after'] = text(c.read(b'data/a'))
    c.transaction()
    c.read(b'data/a')
    other.write(b'data/a', b'4')
    said['conflict, by name'] = error(c.ack, Op.TRANSACTION_END, b'T\\0')
    c.tx_id = 0`);
      assert.deepEqual(said, {
        outside: false,
        commit: true,
        after: '1',
        rollback: '1',
        conflict: false,
        'conflict, after': '3',
        'conflict, by name': 'EAGAIN',
      });
    });

    it('is served after a client that was killed in the middle of a packet', async () => {
      await pyxs(`
with connect() as c:
    c.read(b'data')
    c.router.connection.transport.send(struct.pack('IIII', Op.WRITE, 0, 0, 300))
    os.write(c.router.connection.fileno(), b'data/guest')`);
      await sleep(1100); // what the reader takes for the end of a packet that was left
      const said = await pyxs(`
with connect() as c:
    said['read'] = text(c.read(b'vm-data/hostname'))`);
      assert.deepEqual(said, { read: 'web1' });
      assert.deepEqual(store.list('data'), []);
    });
  });
});

interface Way extends AsyncDisposable {
  /** What XENSTORED_PATH names. */
  readonly path: string;
}

const prelude = `
import copy, errno, json, os, struct, sys
from pyxs import Client, PyXSError, Router
from pyxs._internal import Op
from pyxs.connection import PacketConnection, _XenBusTransport

# XenBusConnection by another name: pyxs allows no monitor over that one, as Linux's device is no pty.
class Pty(PacketConnection):
    path = sys.argv[1]
    def create_transport(self):
        return _XenBusTransport(self.path)

def connect():
    return Client(router=Router(Pty()))

def text(value):
    return [one.decode() for one in value] if isinstance(value, list) else value.decode()

def error(call, *args):
    try:
        call(*args)
    except PyXSError as e:
        return errno.errorcode[e.args[0]]

said = {}
`;

/** A raw pty with the store at its other end, as a guest's /dev/xen/xenbus is. */
async function openPty(store: XenStore, folder: string): Promise<Way> {
  const path = join(folder, 'xenbus');
  const bridge = join(folder, 'bridge');
  let serving: Serving | undefined;
  const server = createServer((socket) => {
    serving = serveStream(store, socket, { shared: true });
  });
  server.listen(bridge);
  await once(server, 'listening');
  const socat: ChildProcess = spawn('socat', [`PTY,raw,echo=0,link=${path}`, `UNIX-CONNECT:${bridge}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(server, 'connection');
  // Held open: a pty whose last client has closed it ends.
  const held = await fs.open(path, 'r+');
  return {
    path,
    async [Symbol.asyncDispose]() {
      await held.close();
      serving?.[Symbol.dispose]();
      server.close();
      if (socat.exitCode === null) await once(socat, 'exit');
    },
  };
}
