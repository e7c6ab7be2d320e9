import assert from 'node:assert/strict';
import { networkOwner as check, example } from '../../checks/network-owner.js';
import { networkOwner } from '../../fixers/network-owner.js';
import { readConfig } from '../../images/guest/cloud-init/config.js';
import { memoryImage } from '../../images/image/memory.js';
import { aCloudInit, aService, agent2, installed, noCloudInit } from '../support/facts.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

const directory = '/etc/cloud/cloud.cfg.d';
const files = {
  '/etc/cloud/cloud.cfg': 'users:\n - default\n',
  [`${directory}/90_dpkg.cfg`]: 'datasource_list: [ None, ConfigDrive ]\n',
};
const off = { ...files, [`${directory}/99-off.cfg`]: 'network: {config: disabled}\n' };

describe('fixer network-owner', () => {
  testRepair(networkOwner, check, example);

  const both = { agentStarters: [], cloudInit: aCloudInit(), installedAgents: [installed()] };

  it('for nova-agent takes the network from cloud-init', async () => {
    const { after } = await planFor(networkOwner, memoryImage(files), both);
    assert.equal((await readConfig(after)).network.enabled, false);
    assert.deepEqual((await planFor(networkOwner, after, both)).changes, []);
  });

  it('for nova-agent leaves it there as long as no agent starts', async () => {
    const idle = { ...both, installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])] };
    assert.deepEqual((await planFor(networkOwner, memoryImage(files), idle)).changes, []);
  });

  it('for cloud-init gives the network back', async () => {
    const alone = { ...both, installedAgents: [] };
    const { after } = await planFor(networkOwner, memoryImage(off), alone, { target: 'cloud-init' });
    assert.equal((await readConfig(after)).network.enabled, true);
    assert.deepEqual((await planFor(networkOwner, after, alone, { target: 'cloud-init' })).changes, []);
  });

  it('for cloud-init leaves an agent that starts to a person, and the network to the agent', async () => {
    const byLine = { ...both, agentStarters: [{ path: '/etc/rc.local', line: 2 }], installedAgents: [] };
    for (const facts of [both, byLine]) {
      await assert.rejects(planFor(networkOwner, memoryImage(off), facts, { target: 'cloud-init' }), {
        message: /nova-agent starts at boot \((?:nova-agent\.service|\/etc\/rc\.local)\), and is left/,
        hint: /--target cloud-init with --agent disable or --agent remove/,
      });
      const said = { target: 'cloud-init', agentFate: 'remove' } as const;
      assert.deepEqual((await planFor(networkOwner, memoryImage(off), facts, said)).changes, []);
    }
  });

  it('for cloud-init that is not installed leaves everything as it is', async () => {
    const facts = { agentStarters: [], cloudInit: noCloudInit, installedAgents: [installed()] };
    assert.deepEqual(
      (await planFor(networkOwner, memoryImage(off), facts, { target: 'cloud-init' })).changes,
      [],
    );
  });
});
