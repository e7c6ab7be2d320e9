import assert from 'node:assert/strict';
import { type FirstBoot, firstBoot } from '../../../images/guest/first-boot.js';
import { factsOf } from '../../../images/guest/fact.js';
import { init } from '../../../images/guest/init/init.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { assertDeclared } from '../../support/declared.js';

type Files = Readonly<Record<string, MemoryNode>>;

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const unit = '[Service]\nExecStart=/usr/sbin/x\n[Install]\nWantedBy=multi-user.target\n';
const lib = '/usr/lib/systemd/system';
const debian: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': program,
  [`${lib}/default.target`]: { link: 'multi-user.target' },
  [`${lib}/multi-user.target`]: '[Unit]\n',
  [`${lib}/on.service`]: unit,
  '/etc/systemd/system/multi-user.target.wants/on.service': { link: `${lib}/on.service` },
  [`${lib}/off.service`]: unit,
  [`${lib}/tailscaled.service`]: unit,
};
const systemd = (version: string): Files => ({
  '/var/lib/dpkg/status': `Package: systemd\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
});
const release = (id: string, version: string): Files => ({
  '/etc/os-release': `ID=${id}\nVERSION_ID="${version}"\n`,
});
const booting = (words: string): Files => ({
  '/boot/grub/grub.cfg': `set timeout=1\nmenuentry x {\n linux /v ${words}\n}\n`,
});
const gone: Files = {};
const valid: Files = { '/etc/machine-id': '0123456789abcdef0123456789abcdef\n' };
const uninitialized: Files = { '/etc/machine-id': 'uninitialized\n' };

const ask = (files: Files): Promise<FirstBoot | undefined> =>
  factsOf(memoryImage({ ...debian, ...files }))(firstBoot);

// machine-id(5), "First Boot Semantics", and systemd's core/main.c of several releases.
describe('guest/first-boot', () => {
  const cases: readonly (readonly [string, Files, RegExp | undefined])[] = [
    ['missing', gone, /machine-id is missing/],
    ['a dangling link', { '/etc/machine-id': { link: '/run/machine-id' } }, /missing/],
    ['uninitialized', uninitialized, /says "uninitialized"/],
    ['uninitialized, without a line end', { '/etc/machine-id': 'uninitialized' }, /uninitialized/],
    ['uninitialized, systemd 241', { ...uninitialized, ...systemd('241-7~deb10u8') }, undefined],
    ['missing, systemd 241', systemd('241-7~deb10u8'), /missing/],
    ['empty', { '/etc/machine-id': '' }, undefined],
    ['an empty line', { '/etc/machine-id': '\n' }, undefined],
    ['with something in front', { '/etc/machine-id': ' uninitialized\n' }, undefined],
    ['valid', valid, undefined],
    [
      'valid, but the kernel says so',
      { ...valid, ...booting('rw systemd.condition-first-boot=yes') },
      /condition-first-boot=yes .*says so/,
    ],
    [
      'the same with underscores, without a value',
      { ...valid, ...booting('rw systemd.condition_first_boot') },
      /says so/,
    ],
    ['missing, but the kernel says no', booting('rw systemd.condition-first-boot=0'), undefined],
    ['missing, and the kernel says nonsense', booting('rw systemd.condition-first-boot=maybe'), /missing/],
    [
      'missing, with an id for this boot',
      booting('rw systemd.machine_id=0123456789abcdef0123456789abcdef'),
      /missing/,
    ],
  ];
  for (const [name, files, because] of cases)
    it(`machine-id ${name}: ${because ? 'a first boot' : 'none'}`, async () => {
      const found = await ask(files);
      if (because) assert.match(found?.because ?? '', because);
      else assert.equal(found, undefined);
    });

  it('is none of other init systems', async () => {
    const image = memoryImage({ '/sbin/init': program, '/etc/inittab': 'id:2:initdefault:\n' });
    assert.equal((await factsOf(image)(init)).system, 'sysv');
    assert.equal(await factsOf(image)(firstBoot), undefined);
  });

  const modes: readonly (readonly [string, Files, readonly string[]])[] = [
    ['Debian', gone, ['enable-only']],
    ['Fedora 36', release('fedora', '36'), ['enable-only']],
    ['Fedora 42', release('fedora', '42'), ['full']],
    ['Enterprise Linux 7', release('centos', '7.9'), ['enable-only']],
    ['Enterprise Linux 8', release('rocky', '8.9'), ['enable-only']],
    ['Enterprise Linux 9', release('almalinux', '9.4'), ['enable-only', 'full']],
    ['Enterprise Linux 10', release('rhel', '10.0'), ['full']],
    ['Azure Linux', release('azurelinux', '3.0'), ['full']],
    ['Amazon Linux 2023', release('amzn', '2023'), ['enable-only', 'full']],
    ['another', release('arch', '1'), ['enable-only', 'full']],
    [
      'another, whose systemd is older than the option',
      { ...release('arch', '1'), ...systemd('249.1') },
      ['enable-only'],
    ],
  ];
  for (const [name, files, expected] of modes)
    it(`presets ${expected.join(' or ')} on ${name}`, async () => {
      assert.deepEqual(
        (await ask(files))?.outcomes.map(({ mode }) => mode),
        expected,
      );
    });

  it('looks at both modes where a preset disables something, and says which is usual', async () => {
    const files = { '/usr/lib/systemd/system-preset/90.preset': 'disable *\n' };
    const outcomes = (await ask(files))?.outcomes ?? [];
    assert.deepEqual(
      outcomes.map(({ mode, likelihood, stopped }) => [mode, likelihood, stopped.length]),
      [
        ['enable-only', 'usual', 0],
        ['full', 'unusual', 1],
      ],
    );
  });

  it('tells what starts and what does not, and by which rule', async () => {
    const files = {
      ...release('fedora', '42'),
      '/usr/lib/systemd/system-preset/90.preset': 'disable on.service\nenable off.*\ndisable *\n',
    };
    const [outcome] = (await ask(files))?.outcomes ?? [];
    assert.deepEqual(
      outcome?.stopped.map(({ service, rule }) => [service.id, rule?.line]),
      [['on.service', 1]],
    );
    assert.deepEqual(
      outcome.started.map(({ service, rule }) => [service.id, rule?.line]),
      [['off.service', 2]],
    );
    assert.deepEqual(outcome.vpns, []);
    const [plain] = (await ask(gone))?.outcomes ?? [];
    assert.deepEqual(
      plain?.started.map(({ service, rule }) => [service.id, rule]),
      [
        ['off.service', undefined],
        ['tailscaled.service', undefined],
      ],
    );
    assert.deepEqual(
      plain.vpns.map(({ product }) => product),
      ['tailscale'],
    );
  });

  it('doubts where the root file system is read-only at first', async () => {
    assert.equal((await ask(gone))?.doubt, undefined);
    assert.equal((await ask(booting('ro rw')))?.doubt, undefined);
    assert.match((await ask(booting('ro quiet')))?.doubt ?? '', /\(ro on the kernel command line\)/);
    assert.match((await ask(booting('quiet')))?.doubt ?? '', /\(no rw on the kernel command line\)/);
  });

  it('declares what it reads', async () => {
    const image = memoryImage({
      ...debian,
      ...uninitialized,
      ...booting('ro'),
      '/etc/systemd/system-preset/1.preset': 'disable *\n',
    });
    await assertDeclared(firstBoot.inputs, image, async (watched) => {
      assert.equal((await factsOf(watched)(firstBoot))?.outcomes.length, 2);
    });
  });
});
