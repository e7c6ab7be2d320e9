import assert from 'node:assert/strict';
import { offlineRemoval } from '../../../images/install/offline-removal.js';
import type { GuestCommand, Installation } from '../../../images/install/installation.js';
import { removalOf } from '../../../images/install/removal.js';
import { parseDpkgStatus } from '../../../images/formats/dpkg-status.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { overlay } from '../../../images/image/overlay.js';
import { inShort } from '../../support/fixer-tester.js';
import { failure } from '../../support/transaction.js';

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const info = '/var/lib/dpkg/info';
const paragraph = (name: string, ...more: string[]): string =>
  [`Package: ${name}`, 'Status: install ok installed', 'Version: 1', 'Architecture: all', ...more, ''].join(
    '\n',
  );

const guest: Record<string, MemoryNode> = {
  '/lib': { link: 'usr/lib' },
  '/usr/lib/agent/module': '',
  '/usr/share/doc/agent/copyright': '',
  '/usr/share/shared/mine': '',
  '/etc/agent.conf': 'setting\n',
  '/usr/share/empty-of-base': { type: 'directory' },
  [`${info}/agent.list`]: [
    ...['/.', '/lib', '/lib/agent', '/lib/agent/module', '/usr/share/doc', '/usr/share/doc/agent'],
    ...['/usr/share/doc/agent/copyright', '/usr/share/shared', '/usr/share/shared/mine', '/etc/agent.conf'],
    ...['/usr/share/empty-of-base', '/usr/share/common', '/not/there', ''],
  ].join('\n'),
  '/usr/share/common': 'of both\n',
  [`${info}/agent.conffiles`]: '/etc/agent.conf\n',
  [`${info}/agent-other.list`]: '/.\n/usr/share/common\n',
  [`${info}/base:amd64.list`]: '/.\n/usr/share/empty-of-base\n/usr/share/doc\n',
};
const withStatus = (...paragraphs: string[]): Record<string, MemoryNode> => ({
  ...guest,
  '/var/lib/dpkg/status': paragraphs.join('\n'),
});

describe('removing packages without running anything', () => {
  it('takes what is theirs alone, by dpkg’s lists, and their records', async () => {
    const image = memoryImage(withStatus(paragraph('base'), paragraph('agent'), paragraph('agent-other')));
    const changes = await offlineRemoval(image, 'dpkg', ['agent']);
    assert.deepEqual(inShort(changes).sort(), [
      'remove /etc/agent.conf',
      'remove /usr/lib/agent',
      'remove /usr/lib/agent/module',
      'remove /usr/share/doc/agent',
      'remove /usr/share/doc/agent/copyright',
      'remove /usr/share/shared',
      'remove /usr/share/shared/mine',
      `remove ${info}/agent.conffiles`,
      `remove ${info}/agent.list`,
      'write /var/lib/dpkg/status',
    ]);
    const after = await overlay(image, changes);
    assert.deepEqual(
      parseDpkgStatus((await after.readText('/var/lib/dpkg/status')) ?? '').map((each) => each.package),
      ['base', 'agent-other'],
    );
  });

  it('refuses what another package needs, unless something else serves it as well', async () => {
    const needy = paragraph('needy', 'Depends: agent (>= 1)');
    await assert.rejects(
      offlineRemoval(memoryImage(withStatus(paragraph('agent'), needy)), 'dpkg', ['agent']),
      failure('not-removable', /^agent cannot be removed: needy is installed, and it needs agent \(>= 1\)$/),
    );
    const content = paragraph('content', 'Depends: agent | base');
    const image = memoryImage(withStatus(paragraph('agent'), paragraph('base'), content));
    assert.notDeepEqual(await offlineRemoval(image, 'dpkg', ['agent']), []);
  });

  it('needs a package database', async () => {
    await assert.rejects(offlineRemoval(memoryImage({}), 'none', ['agent']), failure('no-package-manager'));
    await assert.rejects(offlineRemoval(memoryImage({}), 'rpm', ['agent']), failure('no-package-manager'));
  });
});

describe('removing packages by the guest’s own manager', () => {
  it('purges, or erases, without the network', async () => {
    const dpkg = await removalOf(memoryImage({ '/usr/bin/dpkg': program }), 'dpkg', ['a', 'b']);
    assert.deepEqual(await commandsOf(dpkg), [{ program: '/usr/bin/dpkg', args: ['--purge', 'a', 'b'] }]);
    assert.deepEqual(Object.keys(dpkg.files), ['/usr/sbin/policy-rc.d']);
    const guest = memoryImage({ '/bin/rpm': program, '/etc/rpm': { type: 'directory' } });
    const rpm = await removalOf(guest, 'rpm', ['a']);
    const [erase, ...rest] = await commandsOf(rpm);
    assert.deepEqual(
      [erase?.program, erase?.args, erase?.network, rest],
      ['/bin/rpm', ['--erase', '--allmatches', 'a'], undefined, []],
    );
    assert.match('warning: %preun(a-1-1.noarch) scriptlet failed, exit status 1', erase?.bad ?? /^$/);
    assert.deepEqual(Object.keys(rpm.files), ['/etc/rpm/macros.hallmark']);
  });

  it('needs one', async () => {
    for (const manager of ['dpkg', 'rpm', 'none'] as const)
      await assert.rejects(removalOf(memoryImage({}), manager, ['a']), failure('no-package-manager'));
  });
});

async function commandsOf({ steps }: Installation): Promise<GuestCommand[]> {
  const commands: GuestCommand[] = [];
  await steps((command) => {
    commands.push(command);
    return Promise.resolve([]);
  });
  return commands;
}
