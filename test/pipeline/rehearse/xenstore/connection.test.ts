import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';
import type { MessageName } from '../../../../images/formats/xenstore-wire.js';
import { Client } from './client.js';
import { inProject } from '../../../support/project.js';

/** Who asked (a guest, or the host) for what in which transaction, what was answered, and who was told of it. */
type Step = [
  who: 'G' | 'H',
  op: MessageName | number,
  payload: string,
  transaction: string | 0,
  reply: string,
  guestEvents: string[],
  hostEvents: string[],
];

/**
 * Oracle: a conversation with Debian's xenstored 4.17.7, recorded from a guest's ring and a socket of the host (the
 * hypervisor's libraries below it were replaced, as there was no hypervisor). The first part is random, the second
 * has two parties that conflict. Left out are requests of a wrong form for which xenstored answers another error
 * than EINVAL.
 */
describe('xenstored, the real one, and the store of a rehearsal', () => {
  const file = inProject('test/pipeline/rehearse/xenstore/xenstored-4.17.jsonl');
  const steps = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Step);

  it(`give the same replies and events, ${steps.length} times`, () => {
    const store = new XenStore();
    const clients = { G: new Client(store), H: new Client(store, { domain: 0 }) };
    const transactions = new Map<string, number>();
    assert.ok(steps.length > 500);
    for (const [at, [who, op, payload, transaction, reply, guestEvents, hostEvents]] of steps.entries()) {
      const message = `line ${at + 1}: ${who} ${op} ${payload}`;
      const id = transaction === 0 ? 0 : (transactions.get(transaction) ?? 777);
      let answer = clients[who].ask(op, payload, id);
      if (op === 'TRANSACTION_START' && reply.startsWith('tx')) {
        transactions.set(reply, Number(answer.slice(0, -1)));
        answer = reply;
      }
      // The generation of a node is the server's own number.
      const plain = (text: string): string => (op === 'DIRECTORY_PART' ? text.replace(/^\d+/, '') : text);
      assert.equal(plain(answer), plain(reply), message);
      for (const [client, told] of [
        [clients.G, guestEvents],
        [clients.H, hostEvents],
      ] as const) {
        const events = [...new Set(client.events)].sort();
        // Of a transaction we tell every step, where xenstored leaves out what came to nothing.
        if (op === 'TRANSACTION_END') for (const event of told) assert.ok(events.includes(event), message);
        else assert.deepEqual(events, told, message);
        client.events.length = 0;
      }
    }
  });
});
