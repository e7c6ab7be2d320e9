import assert from 'node:assert/strict';
import { agentEnabled as check, example } from '../../checks/agent-enabled.js';
import { agentEnabled } from '../../fixers/agent-enabled.js';
import { aScript, aService, agent1, agent2, installed, someServices } from '../support/facts.js';
import { testRepair } from '../support/fixer-tester.js';
import { changes, planServices } from '../support/plan-services.js';

describe('fixer agent-enabled', () => {
  testRepair(agentEnabled, check, example);

  const broken = agent2({ requirements: [{ what: 'python3', found: false, evidence: { path: '/x' } }] });
  const unit = aService({ name: 'python3-nova-agent', state: 'disabled' });
  const script = aScript({ state: 'disabled' });

  it('leaves an agent alone that some script starts: an enabled service would be a second one', async () => {
    const services = someServices({ all: [unit], changes });
    const agentStarters = [{ path: '/etc/rc.local', line: 2 }];
    const facts = { agentStarters, installedAgents: [installed(agent2(), [unit])], services };
    assert.deepEqual(await planServices(agentEnabled, facts), []);
  });

  it('enables the service, under its own name', async () => {
    const services = someServices({ all: [unit], changes });
    assert.deepEqual(
      await planServices(agentEnabled, { installedAgents: [installed(agent2(), [unit])], services }),
      [
        'link /etc/systemd/system/multi-user.target.wants/python3-nova-agent.service -> /lib/systemd/system/python3-nova-agent.service',
      ],
    );
  });

  it('of two agents enables the one that can run, never both', async () => {
    const installedAgents = [installed(broken, [unit]), installed(agent1(), [script])];
    const planned = await planServices(agentEnabled, {
      installedAgents,
      services: someServices({ all: [unit, script], changes }),
    });
    assert.deepEqual(planned, [
      'link /etc/systemd/system/multi-user.target.wants/nova-agent -> /lib/systemd/system/nova-agent',
    ]);
  });

  it('plans nothing when one is enabled, or when there is nothing to enable', async () => {
    const services = someServices({ all: [] });
    assert.deepEqual(
      await planServices(agentEnabled, {
        installedAgents: [installed(agent2(), [unit]), installed(agent1())],
        services,
      }),
      [],
    );
    assert.deepEqual(
      await planServices(agentEnabled, { installedAgents: [installed(agent2(), [])], services }),
      [],
    );
    assert.deepEqual(await planServices(agentEnabled, { installedAgents: [], services }), []);
  });
});
