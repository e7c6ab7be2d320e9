import assert from 'node:assert/strict';
import { agentTraces, removeTraces } from '../../../../images/guest/agents/traces.js';
import { agentStarters, withoutStarters } from '../../../../images/guest/agents/agent-starters.js';
import { factsOf } from '../../../../images/guest/fact.js';
import type { GuestPath, Image } from '../../../../images/image/image.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';

const script = { content: '#!/bin/sh\n', mode: 0o755 };

/** What has nothing to do with the agent, and stays byte for byte. */
const others = {
  '/usr/share/nova-agents-handbook/README': 'of another package\n',
  '/etc/init.d/xe-linux-distribution': script,
  '/etc/rc2.d/S01xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
  '/etc/systemd/system/multi-user.target.wants/ssh.service': { link: '/lib/systemd/system/ssh.service' },
  '/etc/network/interfaces': 'iface eth0 inet static\n',
  '/var/log/nova-agent-notes.txt': 'mine\n',
  '/usr/lib/python3/dist-packages/novaclient/__init__.py': '',
} as const;

const ofAgent = {
  '/usr/bin/nova-agent': script,
  '/usr/sbin/nova-agent': { link: '/usr/share/nova-agent/1.39.1/sbin/nova-agent' },
  '/usr/share/nova-agent/1.39.1/sbin/nova-agent': script,
  '/usr/share/nova-agent/1.39.1/lib/python2.6/os.py': '',
  '/usr/share/nova-agent.4711/rest': '',
  '/usr/lib/python3/dist-packages/novaagent/__init__.py': '',
  '/usr/lib/python3/dist-packages/novaagent-2.1.25.egg-info': '',
  '/lib': { link: 'usr/lib' },
  '/usr/lib/systemd/system/python3-nova-agent.service': '[Service]\n',
  '/etc/systemd/system/python3-nova-agent.service.d/order.conf': '[Unit]\n',
  '/etc/systemd/system/multi-user.target.wants/python3-nova-agent.service': {
    link: '/lib/systemd/system/python3-nova-agent.service',
  },
  '/etc/systemd/system/basic.target.requires/nova-agent.service': { link: '/nowhere' },
  '/var/lib/systemd/deb-systemd-helper-enabled/python3-nova-agent.service.dsh-also': '',
  '/var/lib/systemd/deb-systemd-helper-enabled/multi-user.target.wants/python3-nova-agent.service': '',
  '/etc/init.d/nova-agent': { link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent' },
  '/etc/rc2.d/S02nova-agent': { link: '../init.d/nova-agent' },
  '/etc/rc0.d/K01nova-agent': { link: '../init.d/nova-agent' },
  '/etc/insserv/overrides/nova-agent': '',
  '/etc/logrotate.d/nova-agent': '',
  '/etc/nova-agent.env': '',
  '/var/log/nova-agent.log': '',
  '/var/log/nova-agent.log.1.gz': '',
} as const;

async function everyPath(image: Image, folder: GuestPath = '/'): Promise<GuestPath[]> {
  const found: GuestPath[] = [];
  for (const { name, type } of (await image.readDir(folder)) ?? []) {
    const path: GuestPath = `${folder === '/' ? '' : folder}/${name}`;
    found.push(path, ...(type === 'directory' ? await everyPath(image, path) : []));
  }
  return found.sort();
}

describe('guest/agent-traces', () => {
  it('are all that agents leave, and nothing of anything else', async () => {
    const image = memoryImage({ ...others, ...ofAgent });
    await assertDeclared(agentTraces.inputs, image, (watched) => factsOf(watched)(agentTraces));
    const after = await overlay(image, await removeTraces(image));
    assert.deepEqual(await factsOf(after)(agentTraces), []);
    assert.deepEqual(await removeTraces(after), []);
    const left = (await everyPath(after)).filter((path) => /nova-?agent/.test(path));
    assert.deepEqual(left, [
      '/usr/share/nova-agents-handbook',
      '/usr/share/nova-agents-handbook/README',
      '/var/log/nova-agent-notes.txt',
    ]);
    for (const path of Object.keys(others)) assert.ok(await after.lstat(path as `/${string}`), path);
    assert.equal(await after.lstat('/etc/systemd/system/basic.target.requires'), undefined);
    assert.ok(await after.lstat('/etc/systemd/system/multi-user.target.wants'));
  });

  it('are in what insserv noted', async () => {
    const noted =
      'TARGETS = xe nova-agent cron\nINTERACTIVE =\nnova-agent: xe\ncron: nova-agent xe\nlast: nova-agent\n';
    const image = memoryImage({
      '/etc/init.d/nova-agent': script,
      '/etc/init.d/.depend.start': noted,
      '/etc/init.d/.depend.boot': 'TARGETS = a b\nb: a\n',
    });
    const after = await overlay(image, await removeTraces(image));
    assert.equal(
      await after.readText('/etc/init.d/.depend.start'),
      'TARGETS = xe cron\nINTERACTIVE =\ncron: xe\n',
    );
    assert.equal(await after.readText('/etc/init.d/.depend.boot'), 'TARGETS = a b\nb: a\n');
  });

  it('in rc.local become comments', async () => {
    const text = '#!/bin/sh\n/etc/init.d/nova-agent start\necho hello\n/usr/sbin/nova-agent &\nexit 0\n';
    const image = memoryImage({
      '/etc/rc.d/rc.local': { content: text, mode: 0o755 },
      '/etc/rc.local': { link: 'rc.d/rc.local' },
    });
    const after = await overlay(image, await withoutStarters(image));
    assert.deepEqual(await factsOf(after)(agentStarters), []);
    assert.deepEqual(await withoutStarters(after), []);
    const lines = ((await after.readText('/etc/rc.local')) ?? '').split('\n');
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('# off')),
      ['#!/bin/sh', 'echo hello', 'exit 0', ''],
    );
    assert.equal((await after.stat('/etc/rc.local'))?.mode, 0o755);
  });
});
