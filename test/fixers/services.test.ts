import assert from 'node:assert/strict';
import { agentEnabled } from '../../fixers/agent-enabled.js';
import { bootCycles } from '../../fixers/boot-cycles.js';
import type { Fixer } from '../../fixers/lib/fixer.js';
import { xeEnabled } from '../../fixers/xe-enabled.js';
import { xeOrdering } from '../../fixers/xe-ordering.js';
import type { Change, GuestPath } from '../../images/image/image.js';
import type { Service } from '../../images/guest/init/service.js';
import { memoryImage } from '../../images/image/memory.js';
import {
  aScript,
  aService,
  agent1,
  agent2,
  anXe,
  installed,
  someServices,
  xeService,
} from '../support/facts.js';
import { inShort, planFor } from '../support/fixer-tester.js';

const wants = (id: string): Change => ({
  kind: 'link',
  path: `/etc/systemd/system/multi-user.target.wants/${id}`,
  expect: { type: 'absent' },
  target: `/lib/systemd/system/${id}`,
});
const dropIn = (first: string, then: string): Change => ({
  kind: 'write',
  path: `/etc/${then}.d/${first}.conf` as GuestPath,
  expect: { type: 'absent' },
  content: { bytes: Buffer.from('') },
  posix: { mode: 0o644, uid: 0, gid: 0 },
});
const image = memoryImage({ '/etc/systemd/system/multi-user.target.wants': { type: 'directory' } });
const changes = {
  enable: async ({ id }: Service) => [wants(id)],
  putBefore: async (first: Service, then: Service) => [
    {
      kind: 'directory',
      path: `/etc/${then.id}.d`,
      expect: { type: 'absent' },
      posix: { mode: 0o755 },
    } as const,
    dropIn(first.id, then.id),
  ],
};

async function plan(fixer: Fixer, facts: Readonly<Record<string, unknown>>): Promise<string[]> {
  const all = { agentStarters: [], ...facts };
  const declared = Object.fromEntries(Object.entries(all).filter(([name]) => name in fixer.needs));
  return inShort((await planFor(fixer, image, declared)).changes);
}

describe('fixer agent-enabled', () => {
  const broken = agent2({ requirements: [{ what: 'python3', found: false, evidence: { path: '/x' } }] });
  const unit = aService({ name: 'python3-nova-agent', state: 'disabled' });
  const script = aScript({ state: 'disabled' });

  it('leaves an agent alone that some script starts: an enabled service would be a second one', async () => {
    const services = someServices({ all: [unit], changes });
    const agentStarters = [{ path: '/etc/rc.local', line: 2 }];
    const facts = { agentStarters, installedAgents: [installed(agent2(), [unit])], services };
    assert.deepEqual(await plan(agentEnabled, facts), []);
  });

  it('enables the service, under its own name', async () => {
    const services = someServices({ all: [unit], changes });
    assert.deepEqual(await plan(agentEnabled, { installedAgents: [installed(agent2(), [unit])], services }), [
      'link /etc/systemd/system/multi-user.target.wants/python3-nova-agent.service -> /lib/systemd/system/python3-nova-agent.service',
    ]);
  });

  it('of two agents enables the one that can run, never both', async () => {
    const installedAgents = [installed(broken, [unit]), installed(agent1(), [script])];
    const planned = await plan(agentEnabled, {
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
      await plan(agentEnabled, {
        installedAgents: [installed(agent2(), [unit]), installed(agent1())],
        services,
      }),
      [],
    );
    assert.deepEqual(await plan(agentEnabled, { installedAgents: [installed(agent2(), [])], services }), []);
    assert.deepEqual(await plan(agentEnabled, { installedAgents: [], services }), []);
  });
});

describe('fixer xe-enabled', () => {
  it('enables the first service there is', async () => {
    const all = [
      aService(),
      xeService({ state: 'masked' }),
      aService({ name: 'xe-daemon', state: 'disabled' }),
    ];
    assert.deepEqual(await plan(xeEnabled, { services: someServices({ all, changes }), xe: anXe() }), [
      'link /etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service -> /lib/systemd/system/xe-linux-distribution.service',
    ]);
  });

  it('plans nothing when any is enabled, or none is installed', async () => {
    const all = [xeService({ state: 'disabled' }), aService({ name: 'xe-daemon' })];
    assert.deepEqual(await plan(xeEnabled, { services: someServices({ all }), xe: anXe() }), []);
    assert.deepEqual(
      await plan(xeEnabled, { services: someServices({ all: [aService()] }), xe: anXe() }),
      [],
    );
    assert.deepEqual(await plan(xeEnabled, { services: someServices({ all }), xe: undefined }), []);
  });
});

for (const fixer of [xeOrdering, bootCycles]) {
  describe(`fixer ${fixer.meta.id}`, () => {
    it('puts the enabled guest utilities before the enabled agent', async () => {
      const all = [aService(), aService({ name: 'python3-nova-agent', state: 'disabled' }), xeService()];
      const installedAgents = [installed(agent2(), all.slice(0, 2))];
      const planned = await plan(fixer, {
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
        await plan(fixer, { installedAgents, services: someServices({ changes: none }), xe }),
        [],
      );
      const stopped = someServices({ all: [aService(), xeService({ state: 'disabled' })] });
      assert.deepEqual(await plan(fixer, { installedAgents, services: stopped, xe }), []);
      const idle = [installed(agent2(), [aService({ state: 'disabled' })])];
      assert.deepEqual(await plan(fixer, { installedAgents: idle, services: someServices(), xe }), []);
    });
  });
}
