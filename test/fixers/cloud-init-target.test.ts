import assert from 'node:assert/strict';
import type { CheckContext, Needs } from '../../checks/lib/check.js';
import { agentRetiredFixer } from '../../fixers/agent-retired.js';
import { cloudInitInstalled } from '../../fixers/cloud-init-installed.js';
import { cloudInitNetworkFixer } from '../../fixers/cloud-init-network.js';
import type { FixerContext } from '../../fixers/lib/fixer.js';
import type { InstallOrder, Installer } from '../../fixers/lib/installer.js';
import { networkLeftoversFixer } from '../../fixers/network-leftovers.js';
import { remove, write } from '../../images/image/change.js';
import { agentTraces } from '../../images/guest/agents/traces.js';
import { cloudInit } from '../../images/guest/cloud-init/cloud-init.js';
import { networkLeftovers } from '../../images/guest/cloud-init/leftovers.js';
import { readConfig } from '../../images/guest/cloud-init/config.js';
import { factsOf } from '../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { zipapp } from '../guests/healthy.js';
import { agentUnit } from '../guests/parts.js';
import {
  aCloudInit,
  aNetwork,
  aService,
  agent2,
  anOs,
  installed,
  noCloudInit,
  somePackages,
} from '../support/facts.js';
import { inShort, planFor } from '../support/fixer-tester.js';

type Context = Partial<CheckContext & Pick<FixerContext<Needs>, 'installer'>>;

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const wants = '/etc/systemd/system/multi-user.target.wants';
const interfaces = 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet static\n address 10.0.0.5\n';

/** Debian with cloud-init, ifupdown and an agent that starts. */
const guest: Record<string, MemoryNode> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian GNU/Linux 12"\n',
  '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\nVersion: 12\n',
  '/sbin/init': { link: '/lib/systemd/systemd' },
  '/lib/systemd/systemd': program,
  '/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/lib/systemd/system/multi-user.target': '[Unit]\n',
  '/lib/systemd/system/nova-agent.service': agentUnit,
  '/lib/systemd/system/networking.service':
    '[Service]\nExecStart=/sbin/ifup -a\n[Install]\nWantedBy=multi-user.target\n',
  [`${wants}/nova-agent.service`]: { link: '/lib/systemd/system/nova-agent.service' },
  '/usr/bin/nova-agent': zipapp,
  '/usr/bin/python3': program,
  '/etc/cloud/cloud.cfg': 'users: []\n',
  '/etc/cloud/cloud.cfg.d/99-off.cfg': 'network: {config: disabled}\n',
  '/etc/network/interfaces': interfaces,
  '/etc/rc.local': { content: '#!/bin/sh\n/usr/bin/nova-agent &\n', mode: 0o755 },
  '/sbin/ifup': program,
  '/sbin/ifdown': program,
  '/sbin/ifquery': program,
  '/sbin/route': program,
};
const image = memoryImage(guest);
const order: InstallOrder = { offline: false, source: { kind: 'folder', path: '/repo' } };

function installerOf(cloudInit: InstallOrder | undefined, asked: unknown[] = []): Installer {
  return {
    agent: undefined,
    xe: undefined,
    cloudInit,
    install: async (_, { names }, view) => {
      asked.push(names);
      return write(view, `/usr/share/${names[0] ?? ''}`, 'installed\n');
    },
    remove: async (names, view) => {
      asked.push(names);
      return remove(view, '/usr/bin/nova-agent');
    },
  };
}

describe('fixer cloud-init-installed', () => {
  it('installs what was ordered, and nothing without an order', async () => {
    const asked: unknown[] = [];
    const { changes } = await planFor(
      cloudInitInstalled,
      image,
      {},
      { installer: installerOf(order, asked) },
    );
    assert.deepEqual(inShort(changes).slice(-1), ['write /usr/share/cloud-init']);
    assert.deepEqual(asked, [['cloud-init']]);
    for (const context of [{}, { installer: installerOf(undefined) }])
      assert.deepEqual((await planFor(cloudInitInstalled, image, {}, context)).changes, []);
  });
});

describe('fixer cloud-init-network', () => {
  const cases: readonly [string, ReturnType<typeof aNetwork>, string[], Parameters<typeof anOs>[0]?][] = [
    ['what makes routes', aNetwork({ lacksRoute: true }), ['net-tools']],
    ['ifupdown', aNetwork({ renderer: undefined }), ['ifupdown', 'net-tools']],
    [
      'netplan, where it is preferred',
      aNetwork({ renderer: undefined, order: ['netplan', 'eni'] }),
      ['netplan.io'],
    ],
    ['nothing that is known', aNetwork({ renderer: undefined, order: ['networkd'] }), []],
    ['NetworkManager', aNetwork({ renderer: undefined }), ['NetworkManager'], { family: 'redhat' }],
    ['nothing on others', aNetwork({ renderer: undefined }), [], { family: 'suse' }],
    ['nothing that is there', aNetwork(), []],
  ];
  for (const [name, cloudInitNetwork, expected, os] of cases) {
    it(`installs ${name}`, async () => {
      const asked: string[][] = [];
      const facts = { cloudInit: aCloudInit(), cloudInitNetwork, os: anOs(os) };
      await planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(order, asked) });
      assert.deepEqual(asked.flat(), expected);
      const without: string[][] = [];
      await planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(undefined, without) });
      assert.deepEqual(without, []);
    });
  }

  it('has the file taken in and the service enabled, and then has nothing to do', async () => {
    const facts = { cloudInit: aCloudInit(), cloudInitNetwork: aNetwork({ started: false }), os: anOs() };
    const { changes, after } = await planFor(cloudInitNetworkFixer, image, facts);
    assert.deepEqual(inShort(changes), [
      'write /etc/network/interfaces',
      `link ${wants}/networking.service -> /lib/systemd/system/networking.service`,
    ]);
    assert.deepEqual((await planFor(cloudInitNetworkFixer, after, facts)).changes, []);
  });

  it('does nothing without cloud-init, and refuses to take from a file what is not in it', async () => {
    const facts = { cloudInit: aCloudInit(), cloudInitNetwork: aNetwork({ lacksRoute: true }), os: anOs() };
    const none = { ...facts, cloudInit: noCloudInit };
    assert.deepEqual((await planFor(cloudInitNetworkFixer, image, none)).changes, []);
    const file: InstallOrder = { offline: true, source: { kind: 'file', path: '/c.deb', format: 'deb' } };
    await assert.rejects(
      planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(file) }),
      /net-tools is not there, and does not come with cloud-init/,
    );
    const dependencies = { kind: 'folder', path: '/repo' } as const;
    const both: InstallOrder = {
      offline: false,
      source: { kind: 'file', path: '/c.deb', format: 'deb', dependencies },
    };
    const sources: unknown[] = [];
    const installer: Installer = {
      ...installerOf(both),
      install: (order, { names: [name = ''] }, view) => {
        sources.push(order.source);
        return write(view, `/usr/share/${name}`, 'installed\n');
      },
    };
    await planFor(cloudInitNetworkFixer, image, facts, { installer });
    assert.deepEqual(sources, [dependencies]);
  });
});

describe('fixer agent-retired', () => {
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
      ...guest,
      ...units,
      '/usr/bin/cloud-init': program,
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
    [
      'is not there',
      { cloudInit: noCloudInit },
      /cloud-init is not installed, so that nova-agent is not removed/,
    ],
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

describe('fixer network-leftovers', () => {
  const idle = installed(agent2(), [aService({ state: 'disabled' })]);

  it('takes them out once no agent starts, and then has nothing to do', async () => {
    const facts = { agentStarters: [], installedAgents: [idle] };
    const { after } = await planFor(networkLeftoversFixer, image, facts);
    assert.deepEqual(await factsOf(after)(networkLeftovers), []);
    assert.match((await after.readText('/etc/network/interfaces')) ?? '', /^iface lo inet loopback$/m);
    assert.deepEqual((await planFor(networkLeftoversFixer, after, facts)).changes, []);
  });

  it('leaves them to an agent that starts', async () => {
    for (const facts of [
      { agentStarters: [], installedAgents: [installed()] },
      { agentStarters: [{ path: '/etc/rc.local' }], installedAgents: [] },
    ]) {
      await assert.rejects(planFor(networkLeftoversFixer, image, facts), /nova-agent starts at boot/);
      const { changes } = await planFor(networkLeftoversFixer, image, facts, { agentFate: 'remove' });
      assert.deepEqual(changes, []);
    }
  });
});
