import assert from 'node:assert/strict';
import { networkLeftoversCheck as check, example } from '../../checks/network-leftovers.js';
import { networkLeftoversFixer } from '../../fixers/network-leftovers.js';
import { networkLeftovers } from '../../images/guest/network/leftovers.js';
import { persistentNames } from '../../images/guest/network/persistent-names.js';
import { factsOf } from '../../images/guest/fact.js';
import { memoryImage } from '../../images/image/memory.js';
import { agentAndCloudInit } from '../guests/agent-and-cloud-init.js';
import { aService, agent2, installed } from '../support/facts.js';
import { planFor, testRepair } from '../support/fixer-tester.js';

const image = memoryImage(agentAndCloudInit);
const context = { target: 'cloud-init' } as const;

describe('fixer network-leftovers', () => {
  testRepair(networkLeftoversFixer, check, example);

  const idle = installed(agent2(), [aService({ state: 'disabled' })]);

  it('takes them out once no agent starts, and then has nothing to do', async () => {
    const facts = { agentStarters: [], installedAgents: [idle], persistentNames: [] };
    const { after } = await planFor(networkLeftoversFixer, image, facts, context);
    assert.deepEqual(await factsOf(after)(networkLeftovers), []);
    assert.match((await after.readText('/etc/network/interfaces')) ?? '', /^iface lo inet loopback$/m);
    assert.deepEqual((await planFor(networkLeftoversFixer, after, facts, context)).changes, []);
  });

  it('leaves them to an agent that starts', async () => {
    for (const facts of [
      { agentStarters: [], installedAgents: [installed()], persistentNames: [] },
      { agentStarters: [{ path: '/etc/rc.local' }], installedAgents: [], persistentNames: [] },
    ]) {
      await assert.rejects(
        planFor(networkLeftoversFixer, image, facts, context),
        /nova-agent starts at boot/,
      );
      const { changes } = await planFor(networkLeftoversFixer, image, facts, {
        ...context,
        agentFate: 'remove',
      });
      assert.deepEqual(changes, []);
    }
  });

  it('empties the names of another server’s cards, where udev would keep them', async () => {
    const rules = '/etc/udev/rules.d/70-persistent-net.rules';
    const line = 'SUBSYSTEM=="net", ATTR{address}=="bc:76:4e:00:00:01", NAME="eth0"\n';
    const generator = '/lib/udev/rules.d/75-persistent-net-generator.rules';
    const names = async (files: Record<string, string>): Promise<unknown> =>
      factsOf(memoryImage(files))(persistentNames);
    assert.deepEqual(await names({ [rules]: `# ${line}${line}`, [generator]: '' }), [
      { path: rules, line: 2, name: 'eth0' },
    ]);
    assert.deepEqual(await names({ [rules]: line }), []);
    const old = memoryImage({ ...agentAndCloudInit, [rules]: line, [generator]: '' });
    const facts = {
      agentStarters: [],
      installedAgents: [idle],
      persistentNames: await factsOf(old)(persistentNames),
    };
    const { after } = await planFor(networkLeftoversFixer, old, facts, context);
    assert.equal(await after.readText(rules), '');
  });
});
