import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { askAgent } from '../../../images/live/ask-agent.js';
import { openXenStore } from '../../../images/live/xenstore.js';
import { XenStoreFailure } from '../../../images/live/xenstore-client.js';
import { serveSocket } from '../../../pipeline/rehearse/xenstore/serve.js';
import { XenStore } from '../../../pipeline/rehearse/xenstore/store.js';
import { scratch } from '../../support/scratch.js';

type Replies = (request: { readonly name: string }) => string | undefined;

/** An agent that takes a request away and then answers it, as Rackspace-DOT/nova-agent does (novaagent/novaagent.py). */
function answering(store: XenStore, replies: Replies): Disposable {
  return store.onChange('data/host', () => {
    for (const id of store.list('data/host')) {
      const reply = replies(JSON.parse(store.read(`data/host/${id}`) ?? '') as { name: string });
      if (reply === undefined) continue;
      store.remove(`data/host/${id}`);
      store.write(`data/guest/${id}`, reply);
    }
  });
}

describe('asking the agent that runs', () => {
  async function withAgent(
    replies: Replies,
    test: (root: string, store: XenStore) => Promise<void>,
  ): Promise<void> {
    using place = scratch();
    const socket = join(place.path, 'run/xenstored/socket');
    mkdirSync(dirname(socket), { recursive: true });
    const store = new XenStore();
    await using _server = await serveSocket(store, socket);
    using _agent = answering(store, replies);
    await test(place.path, store);
    assert.deepEqual([store.list('data/host'), store.list('data/guest')], [[], []]);
  }

  it('sends all at once, and gives each answer', async () => {
    const seen: string[] = [];
    const replies: Replies = ({ name }) => {
      seen.push(name);
      return name === 'version' ? '{"returncode":"0","message":"2.1.25"}' : 'no JSON';
    };
    await withAgent(replies, async (root) => {
      const { client } = await openXenStore(root);
      assert.ok(client);
      await using asking = client;
      assert.deepEqual(await askAgent(asking, ['version', 'features'], { seconds: 5 }), [
        { command: 'version', answer: { kind: 'response', returncode: '0', message: '2.1.25' } },
        { command: 'features', answer: { kind: 'malformed', text: 'no JSON' } },
      ]);
    });
    assert.deepEqual(seen, ['version', 'features']);
  });

  it('gives up in time, and takes the request away', async () => {
    await withAgent(
      () => undefined,
      async (root) => {
        const { client } = await openXenStore(root);
        assert.ok(client);
        await using asking = client;
        const [asked] = await askAgent(asking, ['version'], { seconds: 0.2 });
        assert.deepEqual(asked, { command: 'version', answer: { kind: 'time-out', seconds: 0.2 } });
      },
    );
  });

  it('stops when it is told to, and takes the request away', async () => {
    await withAgent(
      () => undefined,
      async (root) => {
        const { client } = await openXenStore(root);
        assert.ok(client);
        await using asking = client;
        const signal = AbortSignal.timeout(100);
        await assert.rejects(
          askAgent(asking, ['version'], { signal }),
          (error) => !(error instanceof XenStoreFailure),
        );
      },
    );
  });
});
