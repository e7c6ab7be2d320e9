import assert from 'node:assert/strict';
import { agentInstalled } from '../../fixers/agent-installed.js';
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
      /neither nova-agent 2\.x nor 1\.x supports/,
    );
  });
});
