import assert from 'node:assert/strict';
import { bootGoal } from '../../../../../images/guest/init/goal.js';
import type { BootGoal } from '../../../../../images/guest/init/boot-goal.js';
import { services } from '../../../../../images/guest/init/services.js';
import { factsOf } from '../../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { gather } from '../../../../support/declared-inputs.js';

type Files = Readonly<Record<string, MemoryNode>>;

const lib = '/usr/lib/systemd/system';
const etc = '/etc/systemd/system';
const program = { content: '#!/bin/sh\n', mode: 0o755 };
const guest: Files = {
  '/lib': { link: 'usr/lib' },
  '/usr/lib/systemd/systemd': program,
  '/sbin/init': { link: '/lib/systemd/systemd' },
  '/bin/bash': program,
  '/usr/local/bin/first': program,
  [`${lib}/default.target`]: { link: 'graphical.target' },
  [`${lib}/graphical.target`]: '[Unit]\nRequires=multi-user.target\n',
  [`${lib}/multi-user.target`]: '[Unit]\nRequires=basic.target\n',
  [`${lib}/basic.target`]: '[Unit]\n',
  [`${lib}/rescue.target`]: '[Unit]\nRequires=sysinit.target\n',
  [`${lib}/emergency.target`]: '[Unit]\n',
  [`${lib}/runlevel3.target`]: { link: 'multi-user.target' },
  [`${lib}/a.service`]: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
  [`${etc}/multi-user.target.wants/a.service`]: { link: `${lib}/a.service` },
  [`${lib}/b.service`]: '[Service]\nExecStart=/bin/true\n',
};
const booting = (words: string): Files => ({
  '/boot/grub/grub.cfg': `set timeout=1\nmenuentry x {\n linux /v ${words}\n}\n`,
});
const goalOf = (files: Files): Promise<BootGoal> => factsOf(memoryImage({ ...guest, ...files }))(bootGoal);
const stateOf = async (files: Files, name = 'a'): Promise<string | undefined> =>
  (await factsOf(memoryImage({ ...guest, ...files }))(services)).find(name)?.state;

// What each word does is what systemd 252 makes of it: core/main.c, basic/unit-file.c, systemd-debug-generator(8).
describe('guest/init/systemd: where the boot leads', () => {
  const harmless = [
    '',
    'ro quiet',
    'systemd.unit=multi-user.target',
    'systemd.unit=graphical.target',
    'systemd.unit=runlevel3.target',
    '3',
    '5',
    'rescue 3',
    'single systemd.unit=multi-user.target',
    'systemd.unit',
    'systemd.unit=',
    'systemd.unit=rescue',
    'systemd.unit=a@.service',
    'systemd_unit=rescue.target',
    'rescue=1',
    'singleuser',
    'Single',
    'init=/sbin/init',
    'init=/lib/systemd/systemd',
    '-- init=/bin/bash',
    'init=relative',
    'init=/bin/bash init=/sbin/init',
    'systemd.wants=b',
    'systemd.mask=b',
    '0',
    '6',
    '7',
  ];
  for (const words of harmless)
    it(`to a server with "${words}"`, async () => {
      assert.deepEqual((await goalOf(booting(words))).obstacles, []);
    });

  // systemd-run-generator(8): kernel-command-line.service is booted into, and its end is that of the system.
  it('to a single command, where the generator for that is there', async () => {
    const words = booting('ro systemd.run=/usr/bin/true');
    assert.deepEqual((await goalOf(words)).obstacles, []);
    const generator = { '/usr/lib/systemd/system-generators/systemd-run-generator': program };
    const [first] = (await goalOf({ ...words, ...generator })).obstacles;
    assert.match(first?.because ?? '', /^systemd\.run=\/usr\/bin\/true .* runs that command/);
    assert.equal(first?.certain, true);
    assert.deepEqual((await goalOf({ ...booting('systemd.run='), ...generator })).obstacles, []);
  });

  const harmful: readonly (readonly [string, RegExp])[] = [
    ['systemd.unit=rescue.target', /^systemd\.unit=rescue\.target .* starts rescue\.target/],
    ['systemd.unit=multi-user.target single', /^single .* rescue\.target/],
    ['3 emergency', /^emergency .* emergency\.target/],
    ["'-b'", /^-b .* emergency\.target/],
    ['s', /rescue/],
    ['S', /rescue/],
    ['1', /rescue/],
    ['-s', /rescue/],
    ['rescue', /rescue/],
    ['-- single', /rescue/],
    ['"systemd.unit=rescue.target"', /rescue/],
    [
      'systemd.unit=gone.target',
      /asks for gone\.target, which is missing, and systemd starts rescue\.target/,
    ],
    ['systemd.unit=a.service systemd.mask=a', /asks for a\.service, which is masked/],
    [
      'systemd.mask=multi-user.target',
      /default\.target is graphical\.target, which does not start multi-user\.target: multi-user\.target is masked/,
    ],
    ['init=/bin/bash', /starts a shell in place of the init/],
    ['init=/gone', /names a program that is not there/],
  ];
  for (const [words, because] of harmful)
    it(`elsewhere with "${words}"`, async () => {
      const { obstacles } = await goalOf(booting(words));
      assert.equal(obstacles.length, 1);
      assert.match(obstacles[0]?.because ?? '', because);
      assert.equal(obstacles[0]?.certain, true);
    });

  const unknown: readonly (readonly [string, Files])[] = [
    ['another program', booting('init=/usr/local/bin/first')],
    [
      'a program that is not there, where initramfs-tools look for another',
      { ...booting('init=/gone'), '/usr/share/initramfs-tools/init': program },
    ],
    ['a word of the initrd', booting('rd.break')],
    [
      'a unit of its own',
      { ...booting('systemd.unit=own.target'), [`${lib}/own.target`]: '[Unit]\nWants=a.service\n' },
    ],
    ['one of two loaders', { ...booting('ro single'), '/boot/grub/menu.lst': 'title x\nkernel /v ro\n' }],
    [
      'one of two loaders, init=',
      { ...booting('ro init=/bin/bash'), '/boot/grub/menu.lst': 'title x\nkernel /v ro\n' },
    ],
  ];
  for (const [name, files] of unknown)
    it(`it does not say: ${name}`, async () => {
      assert.deepEqual(
        (await goalOf(files)).obstacles.map(({ certain }) => certain),
        [false],
      );
    });

  const defaults: readonly (readonly [string, Files, RegExp])[] = [
    [
      'rescue',
      { [`${etc}/default.target`]: { link: '/lib/systemd/system/rescue.target' } },
      /^default\.target is rescue\.target, which does not start multi-user/,
    ],
    [
      'a dangling link',
      { [`${etc}/default.target`]: { link: '/lib/systemd/system/gone.target' } },
      /is a link to \/lib\/systemd\/system\/gone\.target, where there is no unit/,
    ],
    ['a mask', { [`${etc}/default.target`]: { link: '/dev/null' } }, /default\.target is masked/],
    [
      'a file that starts nothing',
      { [`${etc}/default.target`]: '[Unit]\nDescription=x\n' },
      /^default\.target does not start multi-user\.target$/,
    ],
    [
      'a masked multi-user.target',
      { [`${etc}/multi-user.target`]: { link: '/dev/null' } },
      /multi-user\.target is masked/,
    ],
  ];
  for (const [name, files, because] of defaults)
    it(`elsewhere by default.target: ${name}`, async () => {
      const { obstacles } = await goalOf(files);
      assert.match(obstacles[0]?.because ?? '', because);
      assert.equal(obstacles[0]?.certain, name !== 'a file that starts nothing');
      const path = obstacles[0].evidence.path;
      assert.equal(
        path,
        name === 'a masked multi-user.target' ? `${lib}/default.target` : `${etc}/default.target`,
      );
    });

  it('to a server by a target of its own that wants multi-user.target', async () => {
    const files = { [`${etc}/default.target`]: '[Unit]\nWants=multi-user.target\n' };
    assert.deepEqual((await goalOf(files)).obstacles, []);
  });

  it('gives every service its state', async () => {
    assert.equal(await stateOf({}), 'enabled');
    assert.equal(await stateOf(booting('rescue')), 'disabled');
    assert.equal(await stateOf(booting('systemd.mask=a')), 'masked');
    assert.equal(await stateOf(booting('systemd.mask=a.service')), 'masked');
    const off = {
      ...booting('systemd.mask=a'),
      '/etc/systemd/system-generators/systemd-debug-generator': { link: '/dev/null' },
    };
    assert.equal(await stateOf(off), 'enabled');
    assert.equal(await stateOf({}, 'b'), 'static');
    assert.equal(await stateOf(booting('systemd.wants=b'), 'b'), 'enabled');
  });

  it('declares what it reads', async () => {
    const image = memoryImage({ ...guest, ...booting('single'), '/boot/grub/grubenv': 'a=b\n' });
    assert.equal((await gather(bootGoal, image)).obstacles.length, 1);
  });
});
