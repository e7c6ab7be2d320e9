import assert from 'node:assert/strict';
import fc from 'fast-check';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { Client } from './client.js';

const home = '/local/domain/1';

describe("the host's view of the store", () => {
  let store: XenStore;
  beforeEach(() => {
    store = new XenStore();
  });

  it('reads, writes, lists and removes, in the home of the guest or anywhere', () => {
    store.write('vm-data/hostname', 'wéb1');
    store.write('/tool/xenstored', Buffer.from('x'));
    assert.equal(store.read(`${home}/vm-data/hostname`), 'wéb1');
    assert.equal(store.read('/tool'), '');
    assert.equal(store.read('vm-data/none'), undefined);
    assert.deepEqual(store.list('vm-data'), ['hostname']);
    assert.deepEqual(store.list('vm-data/none'), []);
    assert.equal(store.remove('vm-data'), true);
    assert.equal(store.remove('vm-data'), false);
    assert.equal(store.remove('none/none'), false);
    assert.equal(store.read('vm-data/hostname'), undefined);
  });

  it('refuses what is no path, or fits in no packet', () => {
    for (const path of ['', 'a//b', '/a/', 'ä']) {
      assert.throws(() => store.read(path), { code: 'EINVAL' });
      assert.throws(() => store.onChange(path, () => undefined), { code: 'EINVAL' });
    }
    assert.throws(
      () => {
        store.write('data/x', 'x'.repeat(4097));
      },
      { code: 'E2BIG' },
    );
  });

  it('reads what is no UTF-8, too', () => {
    new Client(store).ask('WRITE', 'data/x|\xff\xfe');
    assert.equal(store.read('data/x'), '\ufffd\ufffd');
  });

  it('keeps a value when the buffer that it came in is used again', () => {
    const buffer = Buffer.from('before');
    store.write('data/x', buffer);
    buffer.write('after!');
    assert.equal(store.read('data/x'), 'before');
  });

  it("lets the guest own the directories that XenServer's toolstack gives it, and read the rest of its home", () => {
    const guest = new Client(store);
    store.write('name', 'web1');
    for (const name of ['data', 'attr', 'control', 'device/vif', 'feature', 'vm-data'])
      assert.equal(guest.ask('WRITE', `${name}/x|y`), 'OK|', name);
    assert.equal(guest.ask('READ', 'name|'), 'web1');
    assert.equal(guest.ask('WRITE', 'name|x'), 'ERROR EACCES|');
    const other = new Client(store, { domain: 2 });
    assert.equal(other.ask('READ', `${home}/data/x|`), 'ERROR EACCES|');
    assert.equal(other.ask('READ', 'data|'), 'ERROR EACCES|');
  });

  it('is told of changes below a path, until it has enough', () => {
    const told: string[] = [];
    const guest = new Client(store);
    const watching = store.onChange('data', (path) => told.push(path));
    guest.ask('WRITE', 'data/guest/1|x');
    store.write('data/guest/1', 'x');
    guest.ask('MKDIR', 'data/guest|');
    guest.ask('RM', 'data/guest|');
    guest.ask('RM', 'data/guest|');
    guest.ask('WRITE', 'attr/x|y');
    guest.ask('WRITE', 'datab|y');
    watching[Symbol.dispose]();
    guest.ask('WRITE', 'data/guest/2|x');
    const [one, all] = [`${home}/data/guest/1`, `${home}/data/guest`];
    assert.deepEqual(told, [one, one, all]);
  });

  it('sees a change when it is told of it, and may answer at once', () => {
    const order: string[] = [];
    store.onChange('data/guest', (path) => {
      order.push(`first ${path.slice(-1)} ${store.read(path)}`);
      if (path.endsWith('1')) store.write('data/guest/2', 'b');
    });
    store.onChange('data/guest', (path) => order.push(`second ${path.slice(-1)}`));
    store.write('data/guest/1', 'a');
    assert.deepEqual(order, ['first 1 a', 'second 1', 'first 2 b', 'second 2']);
  });

  it('tells none that has just been ended', () => {
    const told: string[] = [];
    const watches: Disposable[] = [];
    for (const name of ['a', 'b'])
      watches.push(
        store.onChange('data', () => {
          told.push(name);
          for (const watch of watches) watch[Symbol.dispose]();
        }),
      );
    store.write('data/x', '');
    assert.deepEqual(told, ['a']);
  });

  it('goes on after a callback has failed', () => {
    const told: string[] = [];
    const bad = store.onChange('data/x', () => {
      throw new Error('a bug');
    });
    store.onChange('data', (path) => told.push(path));
    assert.throws(() => {
      store.write('data/x', '1');
    }, /a bug/);
    bad[Symbol.dispose]();
    store.write('data/x', '2');
    assert.deepEqual(told, [`${home}/data/x`]);
  });
});

describe('the store, against a plain list of paths and values', () => {
  const names = ['a', 'b', 'c'];
  const path = fc
    .array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
    .map((all) => `/${all.join('/')}`);
  const step = fc.oneof(
    fc.record({
      op: fc.constantFrom('WRITE' as const),
      path,
      value: fc.string({ maxLength: 3, unit: 'binary-ascii' }),
    }),
    fc.record({
      op: fc.constantFrom('MKDIR' as const, 'RM' as const, 'READ' as const, 'DIRECTORY' as const),
      path,
    }),
  );

  it('answers the same', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const client = new Client(new XenStore(), { domain: 0 });
        const model = new Model();
        for (const one of steps) {
          const value = 'value' in one ? one.value.replaceAll('|', '') : '';
          const payload = `${one.path}|${value}`;
          assert.equal(client.ask(one.op, payload), model.ask(one.op, one.path, value.replaceAll('\0', '|')));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What xenstore.txt says of a store, with no thought of speed. */
class Model {
  readonly #values = new Map([
    ['', ''],
    ['/local', ''],
  ]);

  ask(op: 'READ' | 'WRITE' | 'MKDIR' | 'RM' | 'DIRECTORY', path: string, value: string): string {
    const parent = path.slice(0, path.lastIndexOf('/'));
    switch (op) {
      case 'READ':
        return this.#values.get(path) ?? 'ERROR ENOENT|';
      case 'WRITE':
        this.#make(path);
        this.#values.set(path, value);
        return 'OK|';
      case 'MKDIR':
        this.#make(path);
        return 'OK|';
      case 'RM':
        if (!this.#values.has(parent)) return 'ERROR ENOENT|';
        for (const other of [...this.#values.keys()])
          if (other === path || other.startsWith(`${path}/`)) this.#values.delete(other);
        return 'OK|';
      case 'DIRECTORY':
        if (!this.#values.has(path)) return 'ERROR ENOENT|';
        return [...this.#values.keys()]
          .filter((other) => other.startsWith(`${path}/`) && !other.includes('/', path.length + 1))
          .map((other) => `${other.slice(path.length + 1)}|`)
          .join('');
    }
  }

  #make(path: string): void {
    if (this.#values.has(path)) return;
    this.#make(path.slice(0, path.lastIndexOf('/')));
    this.#values.set(path, '');
  }
}
