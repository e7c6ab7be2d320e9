import assert from 'node:assert/strict';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { Client } from './client.js';

describe('a transaction', () => {
  let store: XenStore;
  let guest: Client;
  let other: Client;
  beforeEach(() => {
    store = new XenStore();
    store.write('data/a', 'a');
    store.write('data/b/c', 'c');
    guest = new Client(store);
    other = new Client(store);
  });

  it('is seen by nobody before its end, and whole then', () => {
    const id = guest.begin();
    guest.ask('WATCH', 'data|t|');
    assert.equal(guest.ask('WRITE', 'data/a|new', id), 'OK|');
    assert.equal(guest.ask('MKDIR', 'data/d|', id), 'OK|');
    assert.equal(guest.ask('RM', 'data/b|', id), 'OK|');
    assert.equal(guest.ask('SET_PERMS', 'data/d|r1|', id), 'OK|');
    assert.equal(guest.ask('READ', 'data/a|', id), 'new');
    assert.equal(guest.ask('DIRECTORY', 'data|', id), 'a|d|');
    assert.equal(guest.ask('GET_PERMS', 'data/d|', id), 'r1|');
    assert.equal(guest.ask('READ', 'data/b/c|', id), 'ERROR ENOENT|');
    assert.equal(guest.ask('READ', 'data/a|'), 'a');
    assert.equal(other.ask('DIRECTORY', 'data|'), 'a|b|');
    assert.deepEqual(guest.events, ['data|t|']);
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'OK|');
    assert.equal(other.ask('DIRECTORY', 'data|'), 'a|d|');
    assert.equal(other.ask('READ', 'data/a|'), 'new');
    assert.deepEqual(guest.events.slice(1), ['data/a|t|', 'data/d|t|', 'data/b|t|', 'data/d|t|']);
    assert.equal(guest.ask('READ', 'data/a|', id), 'ERROR ENOENT|');
  });

  it('that is given up leaves nothing', () => {
    const id = guest.begin();
    guest.ask('WRITE', 'data/a|new', id);
    assert.equal(guest.ask('TRANSACTION_END', 'F|', id), 'OK|');
    assert.equal(guest.ask('READ', 'data/a|'), 'a');
    assert.equal(guest.ask('TRANSACTION_END', 'F|', id), 'ERROR ENOENT|');
  });

  /** What happens in the transaction, what happens outside it, and whether that is a conflict. */
  const conflicts: [string, [in_: Step, out: Step, answer: 'OK|' | 'ERROR EAGAIN|']][] = [
    ['a value read and written', [['READ', 'data/a|'], ['WRITE', 'data/a|x'], 'ERROR EAGAIN|']],
    ['the same value written', [['READ', 'data/a|'], ['WRITE', 'data/a|a'], 'ERROR EAGAIN|']],
    ['a value written twice', [['WRITE', 'data/a|1'], ['WRITE', 'data/a|2'], 'ERROR EAGAIN|']],
    ['a value written and removed', [['WRITE', 'data/a|1'], ['RM', 'data/a|'], 'ERROR EAGAIN|']],
    ['a node missed and made', [['READ', 'data/x|'], ['MKDIR', 'data/x|'], 'ERROR EAGAIN|']],
    ['a node missed, and made as a parent', [['READ', 'data/x/y|'], ['WRITE', 'data/x/z|'], 'ERROR EAGAIN|']],
    ['a list read and made longer', [['DIRECTORY', 'data|'], ['MKDIR', 'data/x|'], 'ERROR EAGAIN|']],
    ['a list read and made shorter', [['DIRECTORY', 'data|'], ['RM', 'data/a|'], 'ERROR EAGAIN|']],
    ['permissions read and set', [['GET_PERMS', 'data|'], ['SET_PERMS', 'data|b1|'], 'ERROR EAGAIN|']],
    ['two nodes made in one directory', [['MKDIR', 'data/x|'], ['MKDIR', 'data/y|'], 'ERROR EAGAIN|']],
    [
      'a tree removed with a changed node in it',
      [['RM', 'data/b|'], ['WRITE', 'data/b/c|x'], 'ERROR EAGAIN|'],
    ],
    ['a tree removed with a new node in it', [['RM', 'data/b|'], ['WRITE', 'data/b/x|x'], 'ERROR EAGAIN|']],
    [
      'a node written below one that was removed',
      [['WRITE', 'data/b/c|1'], ['RM', 'data/b|'], 'ERROR EAGAIN|'],
    ],
    ['values of two nodes', [['WRITE', 'data/a|1'], ['WRITE', 'data/b/c|2'], 'OK|']],
    ['a list read and a value below written', [['DIRECTORY', 'data|'], ['WRITE', 'data/a|x'], 'OK|']],
    ['nodes made in two directories', [['MKDIR', 'data/x|'], ['MKDIR', 'attr/y|'], 'OK|']],
    ['a node read and its sister made', [['READ', 'data/b/c|'], ['MKDIR', 'data/b/d|'], 'OK|']],
    ['a change that is refused', [['READ', 'data/a|'], ['WRITE', 'name|x'], 'OK|']],
    ['a read beside a read', [['READ', 'data/a|'], ['READ', 'data/a|'], 'OK|']],
  ];
  for (const [name, [inside, outside, answer]] of conflicts)
    it(`${answer === 'OK|' ? 'goes through' : 'comes to nothing'}: ${name}`, () => {
      const id = guest.begin();
      guest.ask(...inside, id);
      other.ask(...outside);
      const before = [store.read('data/a'), store.list('data'), store.list('data/b')];
      assert.equal(guest.ask('TRANSACTION_END', 'T|', id), answer);
      if (answer !== 'OK|')
        assert.deepEqual([store.read('data/a'), store.list('data'), store.list('data/b')], before);
    });

  it('conflicts with another transaction only once that is through', () => {
    const [one, two] = [guest.begin(), other.begin()];
    for (const [client, id] of [
      [guest, one],
      [other, two],
    ] as const) {
      client.ask('READ', 'data/a|', id);
      client.ask('WRITE', `data/a|of ${client === guest ? 'one' : 'two'}`, id);
    }
    assert.equal(other.ask('TRANSACTION_END', 'T|', two), 'OK|');
    assert.equal(guest.ask('TRANSACTION_END', 'T|', one), 'ERROR EAGAIN|');
    assert.equal(store.read('data/a'), 'of two');
  });

  it('does not conflict with what it has done itself', () => {
    const id = guest.begin();
    guest.ask('MKDIR', 'data/x|', id);
    guest.ask('WRITE', 'data/x/y|1', id);
    guest.ask('RM', 'data/x|', id);
    guest.ask('WRITE', 'data/x/y|2', id);
    guest.ask('READ', 'data/x/y|', id);
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'OK|');
    assert.equal(store.read('data/x/y'), '2');
  });

  it('may be tried again', () => {
    let id = guest.begin();
    guest.ask('WRITE', 'data/a|1', id);
    store.write('data/a', '2');
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'ERROR EAGAIN|');
    id = guest.begin();
    guest.ask('WRITE', 'data/a|3', id);
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'OK|');
    assert.equal(store.read('data/a'), '3');
  });

  it('goes on after a request in it was refused', () => {
    const id = guest.begin();
    assert.equal(guest.ask('WRITE', 'name|x', id), 'ERROR EACCES|');
    assert.equal(guest.ask('WRITE', 'data/a|x', id), 'OK|');
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'OK|');
  });

  it('is known to its own connection alone, by its own number', () => {
    const id = guest.begin();
    assert.notEqual(guest.begin(), id);
    assert.equal(other.ask('READ', 'data/a|', id), 'ERROR ENOENT|');
    assert.equal(other.begin(), id);
  });

  it('holds no other transaction', () => {
    const id = guest.begin();
    assert.equal(guest.ask('TRANSACTION_START', '|', id), 'ERROR EBUSY|');
    assert.equal(guest.ask('TRANSACTION_START', '|', id + 1), 'ERROR ENOENT|');
  });

  for (const payload of ['', 'T', 'X|', '|', 'T|T|', 'TT|'])
    it(`is not ended by ${JSON.stringify(payload)}`, () => {
      const id = guest.begin();
      assert.equal(guest.ask('TRANSACTION_END', payload, id), 'ERROR EINVAL|');
      assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'OK|');
    });

  it('that does not exist is not ended', () => {
    for (const id of [0, 99, 0xffffffff])
      assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'ERROR ENOENT|');
    for (const op of [
      'READ',
      'DIRECTORY',
      'GET_PERMS',
      'MKDIR',
      'RM',
      'GET_DOMAIN_PATH',
      'RESET_WATCHES',
    ] as const)
      assert.equal(guest.ask(op, 'data|', 99), 'ERROR ENOENT|');
  });

  it('is one of so many, and makes room when it ends, in whichever way', () => {
    store = new XenStore({ limits: { transactions: 2 } });
    [guest, other] = [new Client(store), new Client(store)];
    const ends: ((id: number) => unknown)[] = [
      (id) => guest.ask('TRANSACTION_END', 'T|', id),
      (id) => guest.ask('TRANSACTION_END', 'F|', id),
      (id) => {
        guest.ask('READ', 'data|', id);
        store.write('data', 'x');
        assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'ERROR EAGAIN|');
      },
      () => guest.ask('RESET_WATCHES', '|'),
      () => {
        guest.connection[Symbol.dispose]();
      },
    ];
    other.begin();
    for (const end of ends) {
      const id = guest.begin();
      assert.equal(guest.ask('TRANSACTION_START', '|'), 'ERROR ENOSPC|');
      end(id);
    }
    assert.equal(store.openTransactions, 1);
  });

  it('of a shared stream makes room for the next when there are too many', () => {
    store = new XenStore({ limits: { transactions: 2 } });
    guest = new Client(store, { shared: true });
    const ids = [guest.begin(), guest.begin(), guest.begin()] as const;
    assert.equal(guest.ask('READ', 'data|', ids[0]), 'ERROR ENOENT|');
    assert.equal(guest.ask('READ', 'data|', ids[2]), '');
  });

  it('holds only so much', () => {
    store = new XenStore({ limits: { transactionBytes: 5000 } });
    guest = new Client(store);
    const id = guest.begin();
    const value = 'x'.repeat(2000);
    assert.equal(guest.ask('WRITE', `data/x|${value}`, id), 'OK|');
    assert.equal(guest.ask('WRITE', `data/x|${value}`, id), 'OK|');
    assert.equal(guest.ask('WRITE', `data/x|${value}`, id), 'ERROR ENOSPC|');
    assert.equal(guest.ask('WRITE', `data/x|${'y'.repeat(2000)}`, id), 'ERROR ENOSPC|');
    assert.equal(guest.ask('READ', 'data/x|', id), value, 'what was refused was not done');
    const reads = Array.from({ length: 100 }, (_, at) => guest.ask('READ', `data/none-${at}|`, id));
    assert.equal(reads[0], 'ERROR ENOENT|');
    assert.equal(reads.at(-1), 'ERROR ENOSPC|');
  });

  it('comes to nothing as a whole when the store has become full meanwhile', () => {
    store = new XenStore({ limits: { nodes: 17 } });
    [guest, other] = [new Client(store), new Client(store)];
    const id = guest.begin();
    assert.equal(guest.ask('MKDIR', 'data/x|', id), 'OK|');
    assert.equal(guest.ask('MKDIR', 'data/y|', id), 'OK|');
    assert.equal(other.ask('MKDIR', 'attr/x|'), 'OK|');
    assert.equal(guest.ask('TRANSACTION_END', 'T|', id), 'ERROR ENOSPC|');
    assert.deepEqual(store.list('data'), []);
  });
});

type Step = [
  op: 'READ' | 'WRITE' | 'MKDIR' | 'RM' | 'DIRECTORY' | 'GET_PERMS' | 'SET_PERMS',
  payload: string,
];
