import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory } from '../../../images/image/directory.js';
import { factsOf } from '../../../images/guest/fact.js';
import { processes, processesOf, readProcesses } from '../../../images/live/processes.js';
import { isRunning } from '../../../images/live/running-system.js';
import { memoryImage } from '../../../images/image/memory.js';
import { plantProc } from '../../support/proc-tree.js';
import { scratch } from '../../support/scratch.js';

describe('the processes of the running system', () => {
  it('are told by their executable, of an interpreter by its script', () => {
    using here = scratch();
    mkdirSync(join(here.path, 'container'), { recursive: true });
    const proc = plantProc(here.path, {
      1: { words: ['/sbin/init'], exe: '/usr/lib/systemd/systemd' },
      2: {},
      30: {
        words: ['python3', '/usr/bin/nova-agent', '-o', '/var/log/nova-agent.log'],
        exe: '/usr/bin/python3.11',
      },
      31: {
        words: ['/usr/bin/python3', '-X', '/some/value', '-u', '/usr/bin/other'],
        exe: '/usr/bin/python3.9',
      },
      32: {
        words: ['ld.so', '--library-path', '/usr/lib/x', '/usr/share/nova-agent/1.39.1/sbin/nova-agent'],
        exe: '/lib/ld-2.11.so',
      },
      33: { words: ['/usr/sbin/xe-daemon', '-p', '/run/x'], exe: '/usr/sbin/xe-daemon (deleted)' },
      34: { words: ['/bin/sh', '/etc/init.d/nova-agent', 'start'], exe: '/bin/dash' },
      35: { words: ['tail', '-f', '/var/log/nova-agent'], exe: '/usr/bin/tail' },
      36: { words: ['/usr/sbin/openvpn'], exe: '/usr/sbin/openvpn', root: join(here.path, 'container') },
      37: { words: ['/usr/sbin/tincd', '-n', 'mesh'], root: undefined },
      38: { words: ['-bash'], exe: '/bin/bash' },
      abc: { words: ['/usr/bin/no-process'], exe: '/usr/bin/no-process' },
    });
    const found = readProcesses(proc);
    assert.deepEqual(
      found.map(({ pid, program }) => `${pid} ${program}`),
      [
        '1 /usr/lib/systemd/systemd',
        '30 /usr/bin/nova-agent',
        '31 /usr/bin/other',
        '32 /usr/share/nova-agent/1.39.1/sbin/nova-agent',
        '33 /usr/sbin/xe-daemon',
        '34 /etc/init.d/nova-agent',
        '35 /usr/bin/tail',
        '37 /usr/sbin/tincd',
        '38 /bin/bash',
      ],
    );
    assert.deepEqual(found.find(({ pid }) => pid === 30)?.args, ['-o', '/var/log/nova-agent.log']);
    assert.deepEqual(
      processesOf(found, 'nova-agent').map(({ pid }) => pid),
      [30, 32],
    );
  });

  it('include this one, by the real kernel', () => {
    const own = readProcesses().find(({ pid }) => pid === process.pid);
    assert.equal(own?.program, process.execPath);
  });

  it('are none of an image that is not running, whatever lies in its /proc', async () => {
    using here = scratch();
    mkdirSync(join(here.root, 'proc/1'), { recursive: true });
    await using image = openDirectory(here.root);
    assert.deepEqual(await factsOf(image)(processes), []);
  });
});

describe('the running system', () => {
  const host = { ...memoryImage({}), kind: 'host', source: '/' } as const;
  const asImage = host as unknown as Parameters<typeof isRunning>[0];

  it('is the host, unless a chroot makes another root of it', () => {
    using here = scratch();
    mkdirSync(join(here.path, 'outside'), { recursive: true });
    const roots: [string, string | undefined, true | RegExp][] = [
      ['same', join(here.path, 'same/root'), true],
      ['hidden', undefined, true],
      ['chroot', join(here.path, 'outside'), /is a chroot/],
    ];
    for (const [name, root, expected] of roots) {
      const proc = plantProc(join(here.path, name), { 1: { words: ['init'], root } });
      const answer = isRunning(asImage, proc);
      if (expected === true) assert.equal(answer, true, name);
      else assert.match(String(answer), expected);
    }
    assert.match(String(isRunning(asImage, join(here.path, 'nothing'))), /does not show what is running/);
  });

  it('is not a mounted root, nor a tarball', () => {
    assert.match(String(isRunning(memoryImage({}, '/mnt/x'))), /^\/mnt\/x is not the running system$/);
  });
});
