import assert from 'node:assert/strict';
import { xeOrdering as check, example } from '../../checks/xe-ordering.js';
import { xeOrdering } from '../../fixers/xe-ordering.js';
import { aService, agent2, anXe, installed, someServices, xeService } from '../support/facts.js';
import { testRepair } from '../support/fixer-tester.js';
import { changes, planServices } from '../support/plan-services.js';

describe('fixer xe-ordering', () => {
  testRepair(xeOrdering, check, example);

  it('puts the enabled guest utilities before the enabled agent', async () => {
    const all = [aService(), aService({ name: 'python3-nova-agent', state: 'disabled' }), xeService()];
    const installedAgents = [installed(agent2(), all.slice(0, 2))];
    const planned = await planServices(xeOrdering, {
      installedAgents,
      services: someServices({ all, changes }),
      xe: anXe(),
    });
    assert.deepEqual(planned, [
      'directory /etc/nova-agent.service.d',
      'write /etc/nova-agent.service.d/xe-linux-distribution.service.conf',
    ]);
  });

  it('plans nothing when no order works, or when one of the two does not start', async () => {
    const none = { ...changes, putBefore: async () => undefined };
    const installedAgents = [installed()];
    const xe = anXe();
    assert.deepEqual(
      await planServices(xeOrdering, { installedAgents, services: someServices({ changes: none }), xe }),
      [],
    );
    const stopped = someServices({ all: [aService(), xeService({ state: 'disabled' })] });
    assert.deepEqual(await planServices(xeOrdering, { installedAgents, services: stopped, xe }), []);
    const idle = [installed(agent2(), [aService({ state: 'disabled' })])];
    assert.deepEqual(
      await planServices(xeOrdering, { installedAgents: idle, services: someServices(), xe }),
      [],
    );
  });
});
