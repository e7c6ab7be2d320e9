import assert from 'node:assert/strict';
import type { Service } from '../../../../images/guest/init/service.js';
import { startClaims } from '../../../../pipeline/rehearse/evidence/started.js';
import type { GuestFacts, RunningGuest, ServiceStart } from '../../../../pipeline/rehearse/running-guest.js';
import { ImageError } from '../../../../images/base/errors.js';
import { guestAt } from './guest-at.js';

const [xeService, agentService] = [{ id: 'xe' }, { id: 'agent' }] as [Service, Service];

type Start = Pick<ServiceStart, 'atMs' | 'withinMs'>;

/** A guest in which the two were started then. */
function started(
  facts: Partial<GuestFacts>,
  xe: Start | undefined,
  agent: Start | undefined | (() => never),
): RunningGuest {
  const guest = guestAt('/');
  const startOf = async (_: RunningGuest, { id }: Service): Promise<ServiceStart | undefined> => {
    const at = id === 'xe' ? xe : agent;
    return typeof at === 'function' ? at() : at && { ...at, seen: `${id} started` };
  };
  return {
    ...guest,
    facts: { ...guest.facts, xeService, agentService, orderSeverity: 'error', isOrdered: true, ...facts },
    booted: { ...guest.booted, startOf } as unknown as RunningGuest['booted'],
  };
}

async function orderOf(...args: Parameters<typeof started>): Promise<[string | undefined, string]> {
  const claim = (await startClaims(started(...args))).find(({ id }) => id === 'order');
  return [claim?.outcome, claim?.seen ?? ''];
}

const at = (atMs: number, withinMs = 0): Start => ({ atMs, withinMs });

describe('the order of the guest utilities and the agent', () => {
  it('is proven by when they were started', async () => {
    assert.deepEqual(await orderOf({}, at(1), at(2.5)), ['pass', 'xe started 1.5 ms before agent started']);
    assert.deepEqual(await orderOf({}, at(3), at(2)), ['fail', 'xe started 1.0 ms after agent started']);
    assert.equal((await orderOf({}, at(1), undefined))[0], 'fail');
    assert.equal((await orderOf({}, undefined, at(1)))[0], 'fail');
  });

  it('is what the files make of it where the moments are the same, as exactly as they are known', async () => {
    for (const [xe, agent] of [
      [4, 4],
      [4, 12],
      [12, 4],
    ] as const) {
      assert.deepEqual(await orderOf({}, at(xe, 10), at(agent, 10)), [
        'pass',
        'xe started at the same time as agent started',
      ]);
      assert.equal((await orderOf({ isOrdered: undefined }, at(xe, 10), at(agent, 10)))[0], 'fail');
    }
    assert.equal((await orderOf({}, at(40, 10), at(4, 10)))[0], 'fail');
  });

  it('is not proven by a boot that had it by chance', async () => {
    const [outcome, seen] = await orderOf({ isOrdered: false }, at(1), at(20));
    assert.equal(outcome, 'fail');
    assert.match(seen, /nothing makes it come first/);
  });

  it('is no reason to refuse an image where the check only warns of it', async () => {
    const facts = { orderSeverity: 'warning' } as const;
    for (const [xe, isOrdered] of [
      [at(3), true],
      [at(1), false],
      [undefined, undefined],
    ] as const)
      assert.equal((await orderOf({ ...facts, isOrdered }, xe, at(2)))[0], 'not-proven');
    assert.equal((await orderOf(facts, at(1), at(2)))[0], 'pass');
  });

  it('is refuted by a guest that cannot be asked', async () => {
    const [outcome, seen] = await orderOf({}, at(1), () => {
      throw new ImageError('program-failed', 'systemctl took longer than 10000 ms and was stopped');
    });
    assert.equal(outcome, 'fail');
    assert.match(seen, /cannot be looked at: systemctl took longer/);
  });
});
