import assert from 'node:assert/strict';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import { type MessageName, messageTypes } from '../../../../images/formats/xenstore-wire.js';
import { Client } from './client.js';

/** A guest's request, and the reply. A bar is a NUL. */
type Row = [op: MessageName | number, payload: string, reply: string];

const home = '/local/domain/7';
const long = (size: number): string => `/${'a'.repeat(size - 1)}`;

/** Each table starts with the same store, and its rows follow one another. */
const tables: Record<string, Row[]> = {
  READ: [
    ['READ', 'vm-data/hostname|', 'web1'],
    ['READ', `${home}/vm-data/hostname|`, 'web1'],
    ['READ', 'data|', ''],
    ['READ', 'data/none|', 'ERROR ENOENT|'],
    ['READ', 'data/none/none|', 'ERROR ENOENT|'],
    ['READ', '/|', 'ERROR EACCES|'],
    ['READ', '/local/domain/8/data|', 'ERROR EACCES|'],
    ['READ', '/secret|', 'ERROR EACCES|'],
    ['READ', '/none|', 'ERROR EACCES|'],
    ['READ', '', 'ERROR EINVAL|'],
    ['READ', 'data', 'ERROR EINVAL|'],
    ['READ', 'data|data|', 'ERROR EINVAL|'],
    ['READ', 'data|x', 'ERROR EINVAL|'],
  ],
  paths: [
    ['READ', '|', 'ERROR EINVAL|'],
    ['READ', 'data/|', 'ERROR EINVAL|'],
    ['READ', 'data//host|', 'ERROR EINVAL|'],
    ['READ', '//|', 'ERROR EINVAL|'],
    ['READ', 'data host|', 'ERROR EINVAL|'],
    ['READ', 'data/.|', 'ERROR EINVAL|'],
    ['READ', 'data/\xe4|', 'ERROR EINVAL|'],
    ['READ', 'data/a\n|', 'ERROR EINVAL|'],
    ['READ', '@introduceDomain|', 'ERROR EINVAL|'],
    ['WRITE', 'data/A-z_0@9|x', 'OK|'],
    ['READ', 'data/A-z_0@9|', 'x'],
    ['READ', `data${long(2044)}|`, 'ERROR ENOENT|'],
    ['READ', `data${long(2045)}|`, 'ERROR EINVAL|'],
    ['READ', `${home}/data${long(3072 - home.length - 5)}|`, 'ERROR ENOENT|'],
    ['READ', `${home}/data${long(3073 - home.length - 5)}|`, 'ERROR EINVAL|'],
  ],
  WRITE: [
    ['WRITE', 'data/guest/1|{"returncode": "0"}', 'OK|'],
    ['READ', 'data/guest/1|', '{"returncode": "0"}'],
    ['READ', 'data/guest|', ''],
    ['GET_PERMS', 'data/guest|', 'n7|'],
    ['WRITE', 'data/guest/1|a|b|\xff', 'OK|'],
    ['READ', 'data/guest/1|', 'a|b|\xff'],
    ['WRITE', 'data/guest/1|', 'OK|'],
    ['READ', 'data/guest/1|', ''],
    ['WRITE', 'data/guest', 'ERROR EINVAL|'],
    ['WRITE', '', 'ERROR EINVAL|'],
    ['WRITE', 'own|x', 'ERROR EACCES|'],
    ['WRITE', 'name|x', 'ERROR EACCES|'],
    ['WRITE', '/local/domain/8/data|x', 'ERROR EACCES|'],
    ['WRITE', '/x|x', 'ERROR EACCES|'],
    ['WRITE', `data/big|${'x'.repeat(2048)}`, 'OK|'],
    ['WRITE', `data/big|${'x'.repeat(2049)}`, 'ERROR ENOSPC|'],
    ['WRITE', 'data/host/1|taken', 'OK|'],
    ['READ', 'data/host/1|', 'taken'],
  ],
  MKDIR: [
    ['MKDIR', 'data/a/b|', 'OK|'],
    ['DIRECTORY', 'data/a|', 'b|'],
    ['READ', 'data/a/b|', ''],
    ['MKDIR', 'data/host/1|', 'OK|'],
    ['READ', 'data/host/1|', '{"name":"version"}'],
    ['MKDIR', 'other|', 'ERROR EACCES|'],
    ['MKDIR', 'data/c', 'ERROR EINVAL|'],
  ],
  DIRECTORY: [
    ['DIRECTORY', 'data/host|', '1|2|'],
    ['DIRECTORY', 'data/host/1|', ''],
    ['DIRECTORY', 'data/none|', 'ERROR ENOENT|'],
    ['DIRECTORY', '/|', 'ERROR EACCES|'],
    ['DIRECTORY', 'data/host', 'ERROR EINVAL|'],
  ],
  RM: [
    ['RM', 'data/host/1|', 'OK|'],
    ['READ', 'data/host/1|', 'ERROR ENOENT|'],
    ['RM', 'data/host/1|', 'OK|'],
    ['RM', 'data/none/none|', 'ERROR ENOENT|'],
    ['RM', 'data/host|', 'OK|'],
    ['READ', 'data/host/2|', 'ERROR ENOENT|'],
    ['RM', 'name|', 'ERROR EACCES|'],
    ['RM', '/|', 'ERROR EACCES|'],
    ['RM', 'data/x', 'ERROR EINVAL|'],
  ],
  permissions: [
    ['GET_PERMS', 'name|', 'n0|r7|'],
    ['GET_PERMS', 'data/none|', 'ERROR ENOENT|'],
    ['GET_PERMS', '/secret|', 'ERROR EACCES|'],
    ['GET_PERMS', 'data', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/guest|n7|', 'ERROR ENOENT|'],
    ['SET_PERMS', 'data/host|r7|w0|b12|', 'OK|'],
    ['GET_PERMS', 'data/host|', 'r7|w0|b12|'],
    ['SET_PERMS', 'data/host|n7|reserved', 'OK|'],
    ['GET_PERMS', 'data/host|', 'n7|'],
    ['SET_PERMS', 'data/host|n0|', 'ERROR EPERM|'],
    ['SET_PERMS', 'name|n7|', 'ERROR EACCES|'],
    ['SET_PERMS', 'data/host|n7|r1|r2|r3|r4|', 'OK|'],
    ['SET_PERMS', 'data/host|n7|r1|r2|r3|r4|r5|', 'ERROR ENOSPC|'],
    ['SET_PERMS', 'data/host|', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/host', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/host|x7|', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/host|n|', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/host|n65536|', 'ERROR EINVAL|'],
    ['SET_PERMS', 'data/host|n7|n-1|', 'ERROR EINVAL|'],
  ],
  domains: [
    ['GET_DOMAIN_PATH', '7|', '/local/domain/7|'],
    ['GET_DOMAIN_PATH', '0012|', '/local/domain/12|'],
    ['GET_DOMAIN_PATH', '65536|', 'ERROR EINVAL|'],
    ['GET_DOMAIN_PATH', 'x|', 'ERROR EINVAL|'],
    ['GET_DOMAIN_PATH', '-1|', 'ERROR EINVAL|'],
    ['GET_DOMAIN_PATH', '7', 'ERROR EINVAL|'],
    ['IS_DOMAIN_INTRODUCED', '7|', 'T|'],
    ['IS_DOMAIN_INTRODUCED', '0|', 'T|'],
    ['IS_DOMAIN_INTRODUCED', '8|', 'F|'],
    ['IS_DOMAIN_INTRODUCED', '|', 'ERROR EINVAL|'],
  ],
  'what only the host may, and what there is not': [
    ['CONTROL', 'print|x|', 'ERROR EACCES|'],
    ['INTRODUCE', '9|1|1|', 'ERROR EACCES|'],
    ['RELEASE', '7|', 'ERROR EACCES|'],
    ['RESUME', '7|', 'ERROR EACCES|'],
    ['SET_TARGET', '7|0|', 'ERROR EACCES|'],
    ['WATCH_EVENT', 'data|t|', 'ERROR ENOSYS|'],
    ['ERROR', 'ENOENT|', 'ERROR ENOSYS|'],
    [20, '|', 'ERROR ENOSYS|'],
    [23, '', 'ERROR ENOSYS|'],
    [128, '7|', 'ERROR ENOSYS|'],
    [0xffffffff, '', 'ERROR ENOSYS|'],
  ],
};

describe('a request of a guest', () => {
  for (const [name, rows] of Object.entries(tables))
    describe(name, () => {
      const client = new Client(storeOfSeven());
      for (const [op, payload, reply] of rows)
        it(`${op} ${payload.slice(0, 60)} is answered ${reply.slice(0, 40)}`, () => {
          assert.equal(client.ask(op, payload), reply);
        });
    });

  it('has a row for every kind of request', () => {
    const elsewhere = [
      'WATCH',
      'UNWATCH',
      'RESET_WATCHES',
      'TRANSACTION_START',
      'TRANSACTION_END',
      'DIRECTORY_PART',
    ];
    const asked = new Set([...Object.values(tables).flatMap((rows) => rows.map(([op]) => op)), ...elsewhere]);
    assert.deepEqual(
      Object.keys(messageTypes).filter((name) => !asked.has(name as MessageName)),
      [],
    );
  });

  it('makes no more nodes than the store may have', () => {
    const client = new Client(new XenStore({ limits: { nodes: 20 } }));
    const replies = Array.from({ length: 10 }, (_, at) => client.ask('MKDIR', `data/${at}|`));
    assert.equal(replies.filter((reply) => reply === 'OK|').length, 5, replies.join());
    assert.equal(replies.at(-1), 'ERROR ENOSPC|');
    assert.equal(client.ask('WRITE', 'data/1/2/3|', 0), 'ERROR ENOSPC|');
    assert.equal(client.ask('RM', 'data/1|'), 'OK|');
    assert.equal(client.ask('WRITE', 'data/2/3/4|'), 'ERROR ENOSPC|', 'two nodes, and room for one');
    assert.equal(client.ask('WRITE', 'data/2/3|'), 'OK|');
  });

  it('is observed, with the path as it was written', () => {
    const seen: object[] = [];
    const client = new Client(storeOfSeven(), { onRequest: (request) => seen.push(request) });
    client.ask('READ', 'data|');
    client.ask('WRITE', 'other|x');
    client.ask('TRANSACTION_START', '|');
    client.ask(99, 'x|');
    client.ask('READ', 'no NUL');
    assert.deepEqual(seen, [
      { op: 'READ', path: 'data' },
      { op: 'WRITE', path: 'other', error: 'EACCES' },
      { op: 'TRANSACTION_START' },
      { op: '99', error: 'ENOSYS' },
      { op: 'READ', error: 'EINVAL' },
    ]);
  });
});

describe('a request of the host', () => {
  const host = new Client(storeOfSeven(), { domain: 0 });
  const rows: Row[] = [
    ['READ', '/secret|', 'x'],
    ['DIRECTORY', '/|', 'local|secret|'],
    ['RM', '/|', 'ERROR EINVAL|'],
    ['RM', '/none/none|', 'ERROR ENOENT|'],
    ['WRITE', '/|root', 'OK|'],
    ['READ', '/|', 'root'],
    ['SET_PERMS', '/|n0|r7|', 'OK|'],
    ['GET_PERMS', '/|', 'n0|r7|'],
    ['SET_PERMS', '/secret|b8|', 'OK|'],
    ['WRITE', '/secret/below|x', 'OK|'],
    ['GET_PERMS', '/secret/below|', 'b8|'],
    ['WRITE', `/big|${'x'.repeat(4096)}`, 'OK|'],
    ['WRITE', `/big|${'x'.repeat(4097)}`, 'ERROR E2BIG|'],
  ];
  for (const [op, payload, reply] of rows)
    it(`${op} ${payload.slice(0, 60)} is answered ${reply}`, () => {
      assert.equal(host.ask(op, payload), reply);
    });
});

describe('a directory that no packet can carry', () => {
  const store = new XenStore();
  const names = Array.from({ length: 500 }, (_, at) => `name-${'x'.repeat(at % 40)}-${at}`);
  for (const name of names) store.write(`data/host/${name}`, '');
  const client = new Client(store);

  it('is refused as a whole', () => {
    assert.equal(client.ask('DIRECTORY', 'data/host|'), 'ERROR E2BIG|');
  });

  it('is read in pieces, each of whole names, by offsets', () => {
    const generations = new Set<string>();
    let list = '';
    for (let pieces = 0; !list.endsWith('||'); pieces++) {
      assert.ok(pieces < 20);
      const reply = client.ask('DIRECTORY_PART', `data/host|${list.length}|`);
      assert.ok(reply.length <= 4096);
      const [generation = '', ...rest] = reply.split('|');
      generations.add(generation);
      list += rest.join('|');
    }
    assert.equal(list, `${names.join('|')}||`);
    assert.equal(generations.size, 1);
  });

  it('says by its generation that it was changed between two pieces', () => {
    const generation = (): string => client.ask('DIRECTORY_PART', 'data/host|0|').split('|', 1).join();
    const before = generation();
    store.write(`data/host/${names[0]!}`, 'a value changes no list');
    assert.equal(generation(), before);
    store.remove(`data/host/${names[0]!}`);
    assert.notEqual(generation(), before);
  });

  for (const [payload, reply] of [
    ['data/host/none|0|', 'ERROR ENOENT|'],
    ['data/host|x|', 'ERROR EINVAL|'],
    ['data/host|-1|', 'ERROR EINVAL|'],
    ['data/host|', 'ERROR EINVAL|'],
    ['data/host|0|0|', 'ERROR EINVAL|'],
  ] as const)
    it(`DIRECTORY_PART ${payload} is answered ${reply}`, () => {
      assert.equal(client.ask('DIRECTORY_PART', payload), reply);
    });

  it('ends with an empty name, and behind its end has nothing else', () => {
    store.remove('data/host');
    store.write('data/host/a', '');
    assert.match(client.ask('DIRECTORY_PART', 'data/host|0|'), /^\d+\|a\|\|$/);
    assert.match(client.ask('DIRECTORY_PART', 'data/host|9999999999|'), /^\d+\|\|$/);
  });
});

function storeOfSeven(): XenStore {
  const store = new XenStore({ domain: 7 });
  store.write('/secret', 'x');
  store.write('name', 'web1');
  store.write('vm-data/hostname', 'web1');
  store.write('data/host/1', '{"name":"version"}');
  store.write('data/host/2', '{"name":"features"}');
  return store;
}
