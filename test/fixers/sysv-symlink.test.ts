import assert from 'node:assert/strict';
import { sysvSymlink as check, example } from '../../checks/sysv-symlink.js';
import { sysvSymlink } from '../../fixers/sysv-symlink.js';
import { memoryImage } from '../../images/image/memory.js';
import { aScript, agent1, anXe, installed, someServices, xeService } from '../support/facts.js';
import { inShort, planFor, testRepair } from '../support/fixer-tester.js';

const tree = '/usr/share/nova-agent/1.39.1';
const files = {
  '/usr/sbin/nova-agent': { link: `${tree}/sbin/nova-agent` },
  [`${tree}/sbin/nova-agent`]: { content: 'ELF', mode: 0o755 },
  [`${tree}/lib/libc.so.6`]: '',
  [`${tree}/lib/python2.6/site.py`]: '',
  '/etc/rc.d/init.d/nova-agent': { link: `${tree}/etc/generic/nova-agent` },
  [`${tree}/etc/generic/nova-agent`]: '#!/bin/sh\n',
};
const unit = '/etc/systemd/system/nova-agent.service';
const facts = {
  installedAgents: [installed(agent1(), [aScript()])],
  services: someServices({ all: [aScript(), xeService()] }),
  xe: anXe(),
};

describe('fixer sysv-symlink', () => {
  testRepair(sysvSymlink, check, example);

  it('writes a unit with the tree’s own libraries, after the guest utilities, and enables it', async () => {
    const { changes, after } = await planFor(sysvSymlink, memoryImage(files), facts);
    assert.deepEqual(inShort(changes), [
      'directory /etc/systemd',
      'directory /etc/systemd/system',
      `write ${unit}`,
      'directory /etc/systemd/system/multi-user.target.wants',
      `link /etc/systemd/system/multi-user.target.wants/nova-agent.service -> ${unit}`,
    ]);
    assert.equal(
      await after.readText(unit),
      [
        '[Unit]',
        'Description=nova-agent 1.39.1, the guest agent for OpenStack Nova',
        'After=xe-linux-distribution.service',
        'Wants=xe-linux-distribution.service',
        '',
        '[Service]',
        `Environment=LD_LIBRARY_PATH=${tree}/lib`,
        `Environment=PYTHONPATH=${tree}/lib/python2.6:${tree}/lib/python2.6/site-packages`,
        'ExecStart=/usr/sbin/nova-agent -n -l info /usr/share/nova-agent/nova-agent.py',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
        '',
      ].join('\n'),
    );
    assert.deepEqual((await planFor(sysvSymlink, after, facts)).changes, []);
  });

  it('does not enable what was not, and needs no guest utilities', async () => {
    const idle = {
      ...facts,
      installedAgents: [installed(agent1(), [aScript({ state: 'disabled' })])],
      xe: undefined,
    };
    const { changes, after } = await planFor(sysvSymlink, memoryImage(files), idle);
    assert.equal(inShort(changes).at(-1), `write ${unit}`);
    assert.doesNotMatch((await after.readText(unit)) ?? '', /After=|Wants=/);
  });

  it('plans nothing for a tree that is not laid out as 1.x is', async () => {
    const odd = [
      { ...files, '/usr/sbin/nova-agent': { content: 'ELF', mode: 0o755 } },
      {
        ...files,
        [`${tree}/lib/python2.6/site.py`]: '',
        '/usr/sbin/nova-agent': { link: '/usr/share/nova-agent/a\nb/sbin/nova-agent' },
        '/usr/share/nova-agent/a\nb/sbin/nova-agent': '',
      },
    ];
    for (const tree of odd)
      assert.deepEqual((await planFor(sysvSymlink, memoryImage(tree), facts)).changes, []);
  });
});
