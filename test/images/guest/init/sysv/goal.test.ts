import assert from 'node:assert/strict';
import { factsOf } from '../../../../../images/guest/fact.js';
import type { BootGoal } from '../../../../../images/guest/init/boot-goal.js';
import { bootGoal } from '../../../../../images/guest/init/goal.js';
import { services } from '../../../../../images/guest/init/services.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { overlay } from '../../../../../images/image/overlay.js';

type Files = Readonly<Record<string, MemoryNode>>;

const program = { content: '#!/bin/sh\nexit 0\n', mode: 0o755 };
const guest: Files = {
  '/etc/debian_version': '7.11\n',
  '/sbin/init': program,
  '/sbin/insserv': program,
  '/etc/inittab': '# x\nid:2:initdefault:\nl2:2:wait:/etc/init.d/rc 2\nl3:3:wait:/etc/init.d/rc 3\n',
  '/etc/init.d/a': program,
  '/etc/init.d/b': program,
  '/etc/rc2.d/S01a': { link: '../init.d/a' },
  '/etc/rc3.d/S01a': { link: '../init.d/a' },
  '/etc/rc2.d/S01b': { link: '../init.d/b' },
};
const booting = (words: string): Files => ({
  '/boot/grub/grub.cfg': `set timeout=1\nmenuentry x {\n linux /v ${words}\n}\n`,
});
const goalOf = (files: Files): Promise<BootGoal> => factsOf(memoryImage({ ...guest, ...files }))(bootGoal);

// What each word does is what sysvinit makes of it (init.c, `main` and `get_init_default`).
describe('guest/init/sysv: where the boot leads', () => {
  for (const words of [
    '',
    'ro quiet',
    '2',
    '3',
    'single 2',
    'runlevel=1',
    'rescue',
    'systemd.unit=rescue.target',
    '12',
  ])
    it(`to a server with "${words}"`, async () => {
      assert.deepEqual((await goalOf(booting(words))).obstacles, []);
    });

  const harmful: readonly (readonly [string, RegExp])[] = [
    ['single', /^single .* leads to runlevel S, which is for one person/],
    ['-s', /runlevel S/],
    ['s', /runlevel S/],
    ['S', /runlevel S/],
    ['1', /runlevel 1/],
    ['2 1', /runlevel 1/],
    ['0', /runlevel 0, which halts/],
    ['6', /runlevel 6, which reboots/],
    ['8', /runlevel 8, which starts nothing/],
    ['emergency', /a shell at the console/],
    ['-b 2', /a shell at the console/],
    ['init=/bin/sh', /names a program that is not there/],
  ];
  for (const [words, because] of harmful)
    it(`elsewhere with "${words}"`, async () => {
      const { obstacles } = await goalOf(booting(words));
      assert.match(obstacles.map((each) => each.because).join(), because);
      assert.deepEqual(
        obstacles.map(({ certain, evidence }) => `${String(certain)} ${String(evidence.line)}`),
        ['true 3'],
      );
    });

  it('knows what another runlevel does not start', async () => {
    const { withheld, obstacles, name } = await goalOf(booting('3'));
    assert.deepEqual([...withheld.keys()], ['b']);
    assert.deepEqual([obstacles, name], [[], 'runlevel 3']);
    const all = await factsOf(memoryImage({ ...guest, ...booting('3') }))(services);
    assert.deepEqual(
      all.all.map(({ name: id, state }) => `${id} ${state}`),
      ['a enabled', 'b static'],
    );
    assert.match(
      all.find('b')?.withheldBy?.because ?? '',
      /3 on the kernel command line leads to runlevel 3, which does not start it/,
    );
  });

  const tables: readonly (readonly [string, RegExp, string])[] = [
    [
      'id:1:initdefault:\nx\n',
      /initdefault line of \/etc\/inittab leads to runlevel 1/,
      'id:2:initdefault:\nx\n',
    ],
    ['  id:S:initdefault: # x\n', /runlevel S/, '  id:2:initdefault: # x\n'],
    ['id:6:initdefault:', /reboots/, 'id:2:initdefault:'],
    [
      'l2:2:wait:/etc/init.d/rc 2\n',
      /has no initdefault line/,
      'id:2:initdefault:\nl2:2:wait:/etc/init.d/rc 2\n',
    ],
  ];
  for (const [text, because, repaired] of tables)
    it(`elsewhere by inittab, and back: ${JSON.stringify(text)}`, async () => {
      const image = memoryImage({ ...guest, '/etc/inittab': text });
      const { obstacles } = await factsOf(image)(bootGoal);
      assert.match(obstacles[0]?.because ?? '', because);
      const after = await overlay(image, await (await factsOf(image)(services)).setDefaultGoal());
      assert.equal(await after.readText('/etc/inittab'), repaired);
      assert.deepEqual((await factsOf(after)(bootGoal)).obstacles, []);
    });

  // inittab(5): a line is looked at in its runlevels, and `off` does nothing.
  const rc = 'id:2:initdefault:\n';
  const lines: readonly (readonly [string, RegExp | '', boolean])[] = [
    ['l3:3:wait:/etc/init.d/rc 3\n', /no line of \/etc\/inittab runs the scripts of runlevel 2/, true],
    ['l2:2:off:/etc/init.d/rc 2\n', /no line of \/etc\/inittab runs the scripts of runlevel 2/, true],
    ['l2:2:wait:/etc/init.d/rc 3\n', /runs the scripts of runlevel 3 in runlevel 2/, false],
    ['l2:23:wait:/etc/init.d/rc 2\n', '', true],
    ['l2:2:wait:/sbin/openrc default\n', '', true],
    ['', '', true],
  ];
  for (const [text, because, certain] of lines)
    it(`as far as inittab runs its scripts: ${JSON.stringify(text)}`, async () => {
      const image = memoryImage({ ...guest, '/etc/inittab': rc + text });
      const [first, ...others] = (await factsOf(image)(bootGoal)).obstacles;
      assert.deepEqual(others, []);
      if (because === '') assert.equal(first, undefined);
      else assert.match(first?.because ?? '', because);
      assert.equal(first?.certain ?? true, certain);
    });

  it('does not say where one of two loaders has the word', async () => {
    for (const word of ['single', 'emergency']) {
      const files = { ...booting(`ro ${word}`), '/boot/grub/menu.lst': 'title x\nkernel /v ro\n' };
      assert.deepEqual(
        (await goalOf(files)).obstacles.map(({ certain }) => certain),
        [false],
      );
    }
  });
});
