import assert from 'node:assert/strict';
import { agentInstalled } from '../../fixers/agent-installed.js';
import { chooseAgent } from '../../fixers/lib/agent-choice.js';
import type { AgentOrder, Installer } from '../../fixers/lib/installer.js';
import { link, write } from '../../images/image/change.js';
import type { Init, InitSystem } from '../../images/guest/init/init.js';
import type { Os } from '../../images/guest/os.js';
import { memoryImage } from '../../images/image/memory.js';
import { zipapp } from '../guests/healthy.js';
import { planFor } from '../support/fixer-tester.js';

const osOf = (id: string, family: Os['family'], version: string): Os =>
  ({ id, family, version, name: id }) as Os;
const initOf = (system: InitSystem): Init => ({
  system,
  evidence: undefined,
  alsoInstalled: [],
  systemdVersion: undefined,
});

describe('the choice of an agent', () => {
  for (const [os, system, expected] of [
    [osOf('debian', 'debian', '12'), 'systemd', 2],
    [osOf('debian', 'debian', '7'), 'sysv', 1],
    [osOf('ubuntu', 'debian', '14.04'), 'upstart', 1],
    [osOf('centos', 'redhat', '6.7'), 'sysv', 2],
    [osOf('centos', 'redhat', '5.11'), 'sysv', 1],
    [osOf('rocky', 'redhat', '9.4'), 'systemd', 2],
    [osOf('opensuse-leap', 'suse', '15.5'), 'systemd', 1],
    [osOf('alpine', 'alpine', '3.18'), 'openrc', 2],
    [osOf('rocky', 'redhat', '9.4'), 'unknown', undefined],
  ] as const) {
    it(`for ${os.id} ${os.version ?? ''} with ${system} is ${expected ?? 'none'}`, () => {
      const choice = chooseAgent(os, initOf(system), 'auto');
      assert.equal(choice?.generation, expected);
      if (choice)
        assert.match(
          choice.reason,
          expected === 2 ? /^2\.x serves/ : /^2\.x (?:does not serve|has no service)/,
        );
    });
  }

  it('is what was asked for, and has the names of the distribution', () => {
    const ubuntu = osOf('ubuntu', 'debian', '22.04');
    assert.deepEqual(chooseAgent(ubuntu, initOf('systemd'), 1), {
      generation: 1,
      names: ['nova-agent'],
      major: '1',
      reason: '1.x was asked for',
    });
    assert.deepEqual(chooseAgent(ubuntu, initOf('systemd'), 'auto')?.names, [
      'python3-nova-agent',
      'rax-nova-agent',
      'nova-agent',
      'python-nova-agent',
    ]);
  });
});

describe('fixer agent-installed', () => {
  const image = memoryImage({ '/usr/bin': { type: 'directory' }, '/etc/debian_version': '12.1\n' });
  const facts = { os: osOf('debian', 'debian', '12'), init: initOf('systemd') };
  const order: AgentOrder = { generation: 'auto', offline: false, source: { kind: 'folder', path: '/repo' } };
  const installerOf = (agent: AgentOrder | undefined, asked: unknown[] = []): Installer => ({
    agent,
    xe: undefined,
    cloudInit: undefined,
    remove: () => Promise.reject(new Error('nothing is removed here')),
    install: async (...args) => {
      asked.push(args[0], args[1]);
      return [
        ...(await write(image, '/usr/bin/nova-agent', (zipapp as { content: Buffer }).content, {
          mode: 0o755,
        })),
        ...(await link(image, '/usr/bin/x', 'y')),
      ];
    },
  });

  it('plans nothing unless it was asked for', async () => {
    assert.deepEqual((await planFor(agentInstalled, image, facts)).changes, []);
    const { changes } = await planFor(agentInstalled, image, facts, { installer: installerOf(undefined) });
    assert.deepEqual(changes, []);
  });

  it('has the chosen one installed, and plans what that changes', async () => {
    const asked: unknown[] = [];
    const { changes } = await planFor(agentInstalled, image, facts, { installer: installerOf(order, asked) });
    assert.deepEqual(
      changes.map(({ path }) => path),
      ['/usr/bin/nova-agent', '/usr/bin/x'],
    );
    assert.equal(asked[0], order);
    assert.equal((asked[1] as { major: string }).major, '2');
  });

  it('refuses what turns out to be another generation, and a system that neither serves', async () => {
    await assert.rejects(
      planFor(agentInstalled, image, facts, { installer: installerOf({ ...order, generation: 1 }) }),
      /nova-agent 2\.x, not 1\.x/,
    );
    const other = { ...facts, init: initOf('unknown'), os: osOf('rocky', 'redhat', '9') };
    await assert.rejects(
      planFor(agentInstalled, image, other, { installer: installerOf(order) }),
      /neither 2\.x nor 1\.x/,
    );
  });
});
