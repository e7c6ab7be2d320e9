import assert from 'node:assert/strict';
import { agentRetired as check, example } from '../../checks/agent-retired.js';
import type { CheckContext, Needs } from '../../checks/lib/check.js';
import { agentRetiredFixer } from '../../fixers/agent-retired.js';
import type { FixerContext } from '../../fixers/lib/fixer.js';
import { agentTraces } from '../../images/guest/agents/traces.js';
import { cloudInit } from '../../images/guest/cloud-init/cloud-init.js';
import { readConfig } from '../../images/guest/cloud-init/config.js';
import { factsOf } from '../../images/guest/fact.js';
import type { MemoryNode } from '../../images/image/memory.js';
import { memoryImage } from '../../images/image/memory.js';
import { agentAndCloudInit, program, wants } from '../guests/agent-and-cloud-init.js';
import { installerOf, order } from '../support/installer.js';
import { aCloudInit, aNetwork, noCloudInit, somePackages } from '../support/facts.js';
import { inShort, planFor, testRepair } from '../support/fixer-tester.js';

type Context = Partial<CheckContext & Pick<FixerContext<Needs>, 'installer'>>;

const image = memoryImage(agentAndCloudInit);

describe('fixer agent-retired', () => {
  testRepair(agentRetiredFixer, check, example);

  const facts = { cloudInit: aCloudInit(), cloudInitNetwork: aNetwork(), packages: somePackages() };
  const plan = (context: Context, given: Readonly<Record<string, unknown>> = facts) =>
    planFor(agentRetiredFixer, image, given, { target: 'cloud-init', ...context });

  it('does nothing that nobody asked for', async () => {
    assert.deepEqual((await plan({})).changes, []);
  });

  it('disables services and lines, and gives the network to cloud-init', async () => {
    const { changes, after } = await plan({ agentFate: 'disable' });
    assert.deepEqual(inShort(changes), [
      'write /etc/rc.local',
      `remove ${wants}/nova-agent.service`,
      `remove ${wants}`,
      'remove /etc/cloud/cloud.cfg.d/99-off.cfg',
    ]);
    assert.equal((await readConfig(after)).network.enabled, true);
    const again = { target: 'cloud-init', agentFate: 'disable' } as const;
    assert.deepEqual((await planFor(agentRetiredFixer, after, facts, again)).changes, []);
  });

  it('keeps cloud-init’s first stage, which nothing but the agent’s unit may have wanted', async () => {
    const stage = '[Service]\nExecStart=/usr/bin/cloud-init\n[Install]\nWantedBy=multi-user.target\n';
    const stages = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];
    const units: Record<string, MemoryNode> = {};
    for (const name of stages) {
      const path = `/lib/systemd/system/${name}.service`;
      units[path] = stage;
      if (name !== 'cloud-init-local') units[`${wants}/${name}.service`] = { link: path };
    }
    const wanted = memoryImage({
      ...agentAndCloudInit,
      ...units,
      '/usr/bin/cloud-init': program,
      '/bin/sh': program,
    });
    assert.equal((await factsOf(wanted)(cloudInit)).enabled, true);
    for (const agentFate of ['disable', 'remove'] as const) {
      const context = { target: 'cloud-init', agentFate } as const;
      const { after } = await planFor(agentRetiredFixer, wanted, facts, context);
      assert.equal((await factsOf(after)(cloudInit)).enabled, true);
      assert.ok(await after.lstat(`${wants}/cloud-init-local.service`));
    }
  });

  it('removes what no package owns itself, and has packages removed', async () => {
    const { after } = await plan({ agentFate: 'remove' });
    assert.deepEqual(await factsOf(after)(agentTraces), []);
    const again = { target: 'cloud-init', agentFate: 'remove' } as const;
    assert.deepEqual((await planFor(agentRetiredFixer, after, facts, again)).changes, []);
    const asked: string[][] = [];
    const packaged = {
      ...facts,
      packages: somePackages('python3-nova-agent', 'nova-agent-of-another', 'xe-guest-utilities'),
    };
    await plan({ agentFate: 'remove', installer: installerOf(order, asked) }, packaged);
    assert.deepEqual(asked, [['python3-nova-agent']]);
    assert.deepEqual((await plan({ agentFate: 'remove' }, packaged)).changes, []);
  });

  for (const [name, given, reason] of [
    ['is not there', { cloudInit: noCloudInit }, /cloud-init is not installed, so nova-agent is not removed/],
    ['does not run', { cloudInit: aCloudInit({ enabled: false }) }, /does not run at boot/],
    [
      'finds nothing to configure',
      { cloudInitNetwork: aNetwork({ renderer: undefined }) },
      /cannot bring up/,
    ],
    ['has its service off', { cloudInitNetwork: aNetwork({ started: false }) }, /cannot bring up/],
    ['makes no routes', { cloudInitNetwork: aNetwork({ lacksRoute: true }) }, /cannot bring up/],
    ['is not read', { cloudInitNetwork: aNetwork({ notTakenIn: '/etc/x' }) }, /cannot bring up/],
  ] as const) {
    it(`leaves the agent where cloud-init ${name}`, async () => {
      await assert.rejects(plan({ agentFate: 'remove' }, { ...facts, ...given }), reason);
    });
  }
});
