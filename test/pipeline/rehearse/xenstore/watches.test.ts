import assert from 'node:assert/strict';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { Client } from './client.js';

const home = '/local/domain/1';

describe('a watch', () => {
  let store: XenStore;
  let guest: Client;
  beforeEach(() => {
    store = new XenStore();
    guest = new Client(store);
  });
  /** What the guest is told of a change, with the first event of each watch already taken. */
  const told = (change: () => unknown): string[] => {
    guest.events.length = 0;
    change();
    return [...guest.events];
  };

  it('is told at once that it is set, of a node that is there or not', () => {
    assert.equal(guest.ask('WATCH', 'data|t|'), 'OK|');
    assert.equal(guest.ask('WATCH', 'data/none|t 2|'), 'OK|');
    assert.equal(guest.ask('WATCH', `${home}/data/none||`), 'OK|');
    assert.deepEqual(guest.events, ['data|t|', 'data/none|t 2|', `${home}/data/none||`]);
  });

  it('hears that it is set after the reply', () => {
    const order: number[] = [];
    const client = new Client(store, { send: ({ type }) => order.push(type) });
    client.ask('WATCH', 'data|t|');
    assert.deepEqual(order, [4, 15]);
  });

  it('is told of each change at its path and below, in the way that the path was written', () => {
    guest.ask('WATCH', 'data/host|relative|');
    guest.ask('WATCH', `${home}/data/host|absolute|`);
    const both = (path: string): string[] => [`${path}|relative|`, `${home}/${path}|absolute|`];
    assert.deepEqual(
      told(() => {
        store.write('data/host/1', 'x');
      }),
      both('data/host/1'),
    );
    assert.deepEqual(
      told(() => {
        store.write('data/host/1', 'x');
      }),
      both('data/host/1'),
    );
    assert.deepEqual(
      told(() => {
        store.write('data/host', 'x');
      }),
      both('data/host'),
    );
    assert.deepEqual(
      told(() => guest.ask('MKDIR', 'data/host/a/b|')),
      both('data/host/a/b'),
    );
    assert.deepEqual(
      told(() => guest.ask('MKDIR', 'data/host/a|')),
      [],
      'it was there',
    );
    assert.deepEqual(
      told(() => guest.ask('SET_PERMS', 'data/host/a|n1|r0|')),
      both('data/host/a'),
    );
    assert.deepEqual(
      told(() => store.remove('data/host/1')),
      both('data/host/1'),
    );
    assert.deepEqual(
      told(() => guest.ask('RM', 'data/host/1|')),
      [],
      'it was gone',
    );
    assert.deepEqual(
      told(() => {
        store.write('data/host2', 'x');
      }),
      [],
    );
    assert.deepEqual(
      told(() => {
        store.write('data', 'x');
      }),
      [],
    );
    assert.deepEqual(
      told(() => guest.ask('READ', 'data/host|')),
      [],
    );
    assert.deepEqual(
      told(() => guest.ask('WRITE', '/local|x')),
      [],
      'it was refused',
    );
  });

  it('is told of its own path when that goes with a node above it', () => {
    store.write('data/host/1', 'x');
    guest.ask('WATCH', 'data/host/1|t|');
    guest.ask('WATCH', 'data/host/2|none|');
    assert.deepEqual(
      told(() => guest.ask('RM', 'data|')),
      ['data/host/1|t|'],
    );
    assert.deepEqual(
      told(() => {
        store.write('data/host/1', 'again');
      }),
      ['data/host/1|t|'],
    );
  });

  it('of the root, by the host, is told of all', () => {
    const host = new Client(store, { domain: 0 });
    host.ask('WATCH', '/|all|');
    store.write('/tool/x', '');
    guest.ask('WRITE', 'data/x|');
    assert.deepEqual(host.events, ['/|all|', '/tool/x|all|', `${home}/data/x|all|`]);
  });

  it('tells a guest nothing of what it may not read', () => {
    store.write('/secret/x', '');
    guest.ask('WATCH', '/secret|s|');
    guest.ask('WATCH', '/secret/x|s|');
    guest.ask('WATCH', '/|r|');
    guest.ask('WATCH', 'name|n|');
    assert.deepEqual(
      told(() => {
        store.write('/secret/x', 'y');
      }),
      [],
    );
    assert.deepEqual(
      told(() => store.remove('/secret')),
      [],
    );
    assert.deepEqual(
      told(() => {
        store.write('name', 'y');
      }),
      ['/local/domain/1/name|r|', 'name|n|'],
    );
  });

  it('tells of a node that can no longer be read, when it becomes so', () => {
    const host = new Client(store, { domain: 0 });
    store.write('/given', '');
    host.ask('SET_PERMS', '/given|n0|r1|');
    guest.ask('WATCH', '/given|t|');
    assert.deepEqual(
      told(() => host.ask('SET_PERMS', '/given|n0|')),
      ['/given|t|'],
    );
    assert.deepEqual(
      told(() => {
        store.write('/given', 'x');
      }),
      [],
    );
  });

  it('can be set twice with two tokens, not with one', () => {
    assert.equal(guest.ask('WATCH', 'data|a|'), 'OK|');
    assert.equal(guest.ask('WATCH', 'data|b|'), 'OK|');
    assert.equal(guest.ask('WATCH', 'data|a|'), 'ERROR EEXIST|');
    assert.equal(guest.ask('WATCH', `${home}/data|a|`), 'ERROR EEXIST|');
    assert.deepEqual(
      told(() => {
        store.write('data/x', '');
      }),
      ['data/x|a|', 'data/x|b|'],
    );
  });

  it('of a shared stream is set anew: who set it first may be gone', () => {
    guest = new Client(store, { shared: true });
    assert.equal(guest.ask('WATCH', 'data|a|'), 'OK|');
    assert.equal(guest.ask('WATCH', `${home}/data|a|`), 'OK|');
    assert.deepEqual(
      told(() => {
        store.write('data/x', '');
      }),
      [`${home}/data/x|a|`],
    );
  });

  it('ends when it is taken back, by the same path and token', () => {
    guest.ask('WATCH', 'data|a|');
    assert.equal(guest.ask('UNWATCH', 'data|b|'), 'ERROR ENOENT|');
    assert.equal(guest.ask('UNWATCH', 'attr|a|'), 'ERROR ENOENT|');
    assert.equal(guest.ask('UNWATCH', `${home}/data|a|`), 'OK|');
    assert.equal(guest.ask('UNWATCH', 'data|a|'), 'ERROR ENOENT|');
    assert.deepEqual(
      told(() => {
        store.write('data/x', '');
      }),
      [],
    );
  });

  it('ends with its connection, and when that is reset', () => {
    for (const end of [
      () => guest.ask('RESET_WATCHES', '|'),
      () => {
        guest.connection[Symbol.dispose]();
      },
    ]) {
      guest.ask('WATCH', 'data|a|');
      end();
      assert.deepEqual(
        told(() => {
          store.write('data/x', '');
        }),
        [],
      );
    }
  });

  it('of a special event is set, and hears of no node', () => {
    assert.equal(guest.ask('WATCH', '@releaseDomain|t|'), 'OK|');
    assert.deepEqual(guest.events, ['@releaseDomain|t|']);
    assert.deepEqual(
      told(() => {
        store.write('data/x', '');
      }),
      [],
    );
    assert.equal(guest.ask('UNWATCH', '@releaseDomain|t|'), 'OK|');
  });

  for (const payload of [
    '',
    'data',
    'data|',
    'data|t',
    'data|t|more|',
    'data/|t|',
    '|t|',
    `@${'x'.repeat(2048)}|t|`,
  ])
    it(`is refused for ${payload.slice(0, 20) || 'nothing'}`, () => {
      assert.equal(guest.ask('WATCH', payload), 'ERROR EINVAL|');
      const isPair = payload.endsWith('t|');
      assert.equal(guest.ask('UNWATCH', payload), isPair ? 'ERROR ENOENT|' : 'ERROR EINVAL|');
    });

  it('ignores what is reserved behind the token, and the transaction', () => {
    assert.equal(guest.ask('WATCH', 'data|t|reserved', 77), 'OK|');
    assert.equal(guest.ask('UNWATCH', 'data|t|reserved', 77), 'OK|');
  });

  it('is one of so many', () => {
    guest = new Client(new XenStore({ limits: { watches: 2 } }));
    assert.equal(guest.ask('WATCH', 'data|1|'), 'OK|');
    assert.equal(guest.ask('WATCH', 'data|2|'), 'OK|');
    assert.equal(guest.ask('WATCH', 'data|3|'), 'ERROR E2BIG|');
    guest.ask('UNWATCH', 'data|1|');
    assert.equal(guest.ask('WATCH', 'data|3|'), 'OK|');
  });

  it('is not told what no packet can carry', () => {
    guest.ask('WATCH', `data|${'t'.repeat(4080)}|`);
    assert.equal(guest.events.length, 1);
    assert.deepEqual(
      told(() => {
        store.write('data/a-longer-name', '');
      }),
      [],
    );
    assert.equal(
      told(() => {
        store.write('data', '');
      }).length,
      1,
    );
  });
});
