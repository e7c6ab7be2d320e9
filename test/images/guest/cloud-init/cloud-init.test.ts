import assert from 'node:assert/strict';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import type { GuestPath, Image } from '../../../../images/image/image.js';
import { cloudInit } from '../../../../images/guest/cloud-init/cloud-init.js';
import type { CloudInit } from '../../../../images/guest/cloud-init/state.js';
import { type Gatherable, factsOf } from '../../../../images/guest/fact.js';
import { init } from '../../../../images/guest/init/init.js';
import { type Packages, packages } from '../../../../images/guest/packages.js';
import { services } from '../../../../images/guest/init/services.js';
import { readConfig } from '../../../../images/guest/cloud-init/config.js';
import { obstacles } from '../../../../images/guest/cloud-init/boot.js';
import { readDsIdentify } from '../../../../images/guest/cloud-init/ds-identify.js';
import { enableCloudInit, setDatasources } from '../../../../images/guest/cloud-init/changes.js';
import { assertDeclared } from '../../../support/declared.js';
import { plainServices } from '../../../support/plain-services.js';

type Files = Record<string, MemoryNode>;

const systemd = plainServices('systemd');
const sysv = plainServices('sysv');
const stages = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];
const generator = '/usr/lib/systemd/system-generators/cloud-init-generator';

const grub = '/boot/grub/grub.cfg';
const identify = '/etc/cloud/ds-identify.cfg';
const off = 'policy: disabled\ndatasource: Ec2\n';

const debian: Files = {
  '/etc/cloud/cloud.cfg': 'preserve_hostname: false\n',
  [generator]: { content: '#!/bin/sh\n', mode: 0o755 },
  ...Object.fromEntries(stages.map((name) => [`/lib/systemd/system/${name}.service`, '[Unit]\n'])),
  ...Object.fromEntries(
    stages.map((name) => [
      `/etc/systemd/system/cloud-init.target.wants/${name}.service`,
      { link: `/lib/systemd/system/${name}.service` },
    ]),
  ),
};

const hows = async (image: Image, from = systemd): Promise<string[]> =>
  (await obstacles(image, await factsOf(image)(from))).map(
    ({ path, line, how }) => `${path}:${line ?? ''} ${how}`,
  );

const text = async (image: Image, path: GuestPath): Promise<string | undefined> => image.readText(path);

describe('guest/cloud-init: the fact', () => {
  /** The fact, with the packages and services that a test says. */
  async function fact(files: Files, installed: Record<string, string> = {}): Promise<CloudInit> {
    const image = memoryImage(files);
    const database = new Map(
      Object.entries(installed).map(([name, version]) => [name, { name, version, architecture: undefined }]),
    );
    const known = new Map<unknown, unknown>([
      [packages, { manager: 'dpkg', installed: database } satisfies Packages],
      [services, await factsOf(image)(systemd)],
      [init, { system: 'systemd' }],
    ]);
    return cloudInit.gather(image, async <T>(asked: Gatherable<T>) => known.get(asked) as T);
  }

  it('is absent from an empty guest, and from one with nothing but its configuration', async () => {
    for (const files of [{}, { '/etc/cloud/cloud.cfg': '' }])
      assert.equal((await fact(files)).installed, false);
  });

  it('is known by its package, with its version', async () => {
    const { installed, version, enabled, network } = await fact(debian, { 'cloud-init': '22.4.2-1' });
    assert.deepEqual([installed, version, enabled, network.enabled], [true, '22.4.2-1', true, true]);
  });

  it('is known by its program without a package', async () => {
    for (const path of ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init']) {
      const { installed, version } = await fact({
        '/etc/cloud/cloud.cfg': '',
        [path]: '#!/usr/bin/python3\n',
      });
      assert.deepEqual([installed, version], [true, undefined]);
    }
  });

  it('is known by a stage that a boot starts, wherever its program is', async () => {
    const unit = '/etc/systemd/system/cloud-final.service';
    const wants = '/etc/systemd/system/multi-user.target.wants/cloud-final.service';
    assert.equal((await fact({ [unit]: '' })).installed, false);
    assert.equal((await fact({ [unit]: '', [wants]: { link: unit } })).installed, true);
  });

  it('is off when something keeps it from running', async () => {
    const { enabled, disabledBy } = await fact(
      { ...debian, '/etc/cloud/cloud-init.disabled': '' },
      { 'cloud-init': '1' },
    );
    assert.deepEqual([enabled, disabledBy.length], [false, 1]);
  });

  it('declares every file that it reads', async () => {
    const image = memoryImage({
      ...debian,
      '/usr/bin/cloud-init': '',
      '/etc/cloud/cloud.cfg.d/a.cfg': '',
      '/etc/cloud/ds-identify.cfg': '',
      '/boot/grub/grub.cfg': '',
      '/boot/grub2/grubenv': '',
      '/boot/loader/entries/a.conf': '',
      '/boot/efi/EFI/x/grub.cfg': '',
      '/etc/default/grub.d/a.cfg': '',
      '/etc/systemd/system.conf': '',
      '/usr/lib/systemd/system.conf.d/a.conf': '',
    });
    await assertDeclared(cloudInit.inputs, image, (watched) =>
      Promise.all([readConfig(watched), factsOf(watched)(systemd).then((all) => obstacles(watched, all))]),
    );
  });
});

describe('guest/cloud-init: what keeps it from running', () => {
  it('is nothing on a plain Debian', async () => {
    assert.deepEqual(await hows(memoryImage(debian)), []);
  });

  const cases: [string, Files, RegExp][] = [
    [
      'its marker',
      { '/etc/cloud/cloud-init.disabled': '' },
      /^\/etc\/cloud\/cloud-init\.disabled: this file/,
    ],
    ['grub.cfg', { '/boot/grub/grub.cfg': 'x\n linux /v cloud-init=disabled\n' }, /grub\.cfg:2 .*kernel/],
    [
      'grubenv',
      {
        '/boot/grub2/grubenv': 'kernelopts=ro cloud-init=disabled\n###\n',
        '/boot/grub2/grub.cfg': 'load_env\nmenuentry x {\n linux /v $kernelopts\n}\n',
      },
      /grub\.cfg:3/,
    ],
    [
      'a BLS entry',
      { '/boot/loader/entries/a.conf': 'title a\noptions ro cloud-init=disabled\n' },
      /a\.conf:2/,
    ],
    [
      'EFI',
      { '/boot/efi/EFI/debian/grub.cfg': 'linux /v cloud-init=disabled\n' },
      /EFI\/debian\/grub\.cfg:1/,
    ],
    [
      "systemd's environment",
      {
        '/etc/systemd/system.conf.d/x.conf':
          '[Manager]\nDefaultEnvironment="A=1" KERNEL_CMDLINE=cloud-init=disabled\n',
      },
      /x\.conf:2 .*KERNEL_CMDLINE/,
    ],
    [
      'ds-identify',
      { '/etc/cloud/ds-identify.cfg': '# x\npolicy: disabled\n' },
      /ds-identify\.cfg:2 .*policy/,
    ],
    ['a policy for the kernel', { [grub]: 'linux /v ro ci.di.policy=disabled\n' }, /grub\.cfg:1 .*policy/],
    [
      'a masked generator',
      { '/etc/systemd/system-generators/cloud-init-generator': { link: '/dev/null' } },
      /generator.* masked/,
    ],
    [
      'a masked stage',
      { '/etc/systemd/system/cloud-final.service': { link: '/dev/null' } },
      /cloud-final\.service is masked/,
    ],
  ];
  for (const [name, files, expected] of cases) {
    it(`finds ${name}, and takes it away`, async () => {
      const image = memoryImage({ ...debian, ...files });
      const found = await hows(image);
      assert.equal(found.length, 1, found.join());
      assert.match(found[0] ?? '', expected);
      const after = await overlay(image, await enableCloudInit(image, systemd));
      assert.deepEqual(await hows(after), []);
      assert.deepEqual(await enableCloudInit(after, systemd), []);
    });
  }

  it('finds stages that nothing wants, and enables them', async () => {
    const files = Object.fromEntries(Object.entries(debian).filter(([path]) => !path.includes('.wants/')));
    const image = memoryImage(files);
    assert.equal((await hows(image)).length, 4);
    assert.deepEqual(await hows(await overlay(image, await enableCloudInit(image, systemd))), []);
  });

  it('takes cloud-init-network for the second stage', async () => {
    const files = Object.fromEntries(
      Object.entries(debian).map(([path, node]) => [
        path.replace('cloud-init.service', 'cloud-init-network.service'),
        node,
      ]),
    );
    assert.deepEqual(await hows(memoryImage(files)), []);
  });

  it('misses the generator', async () => {
    const files = Object.fromEntries(Object.entries(debian).filter(([path]) => path !== generator));
    assert.match((await hows(memoryImage(files))).join(), /generator that starts it is missing/);
    const wanted = {
      ...files,
      '/etc/systemd/system/multi-user.target.wants/cloud-init.target': { link: 'x' },
    };
    assert.deepEqual(await hows(memoryImage(wanted)), []);
  });

  it('lets the last word on a command line win, and the marker that enables beat the other', async () => {
    const image = memoryImage({
      ...debian,
      '/boot/grub/grub.cfg': 'linux /v cloud-init=disabled cloud-init=enabled\n',
      '/etc/cloud/cloud-init.disabled': '',
      '/etc/cloud/cloud-init.enabled': '',
    });
    assert.deepEqual(await hows(image), []);
  });

  it('wants S links of all four scripts under SysV, and makes them', async () => {
    const scripts = Object.fromEntries(stages.map((name) => [`/etc/init.d/${name}`, '#!/bin/sh\n']));
    const image = memoryImage({
      '/etc/cloud/cloud.cfg': '',
      ...scripts,
      '/etc/rc2.d/S20cloud-init': { link: '../init.d/cloud-init' },
    });
    assert.equal((await hows(image, sysv)).length, 3);
    assert.deepEqual(await hows(await overlay(image, await enableCloudInit(image, sysv)), sysv), []);
    assert.match((await hows(memoryImage({}), sysv)).join(), /there is no service cloud-init-local/);
  });

  it('is not what entries are only made from, but goes from there as well', async () => {
    const image = memoryImage({
      ...debian,
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="cloud-init=disabled ro"\n',
      '/etc/kernel/cmdline': 'ro cloud-init=disabled\n',
    });
    assert.deepEqual(await hows(image), []);
    const after = await overlay(image, await enableCloudInit(image, systemd));
    assert.equal(await text(after, '/etc/default/grub'), 'GRUB_CMDLINE_LINUX="ro"\n');
    assert.equal(await text(after, '/etc/kernel/cmdline'), 'ro\n');
  });

  it('keeps the rest of what it edits', async () => {
    const image = memoryImage({
      ...debian,
      '/boot/grub/grub.cfg': 'a\n\tlinux /v  ro   cloud-init=disabled quiet # x\nb',
    });
    const after = await overlay(image, await enableCloudInit(image, systemd));
    assert.equal(await text(after, '/boot/grub/grub.cfg'), 'a\n\tlinux /v  ro quiet # x\nb');
  });
});

describe('guest/cloud-init: datasources', () => {
  const list = async (files: Files): Promise<unknown> => (await readConfig(memoryImage(files))).datasources;
  const main = '/etc/cloud/cloud.cfg';

  it('are unknown when no file sets a list', async () => {
    assert.equal(await list({ [main]: 'a: 1\n' }), undefined);
  });

  it('come from the last file in lexical order', async () => {
    const files = {
      [main]: 'datasource_list: [ Ec2 ]\n',
      '/etc/cloud/cloud.cfg.d/10_x.cfg': 'datasource_list: [ NoCloud, None ]\n',
      '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': '# dpkg\ndatasource_list: [ ConfigDrive, None ]\n',
      '/etc/cloud/cloud.cfg.d/99_not.conf': 'datasource_list: [ Azure ]\n',
    };
    const evidence = { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 };
    assert.deepEqual(await list(files), { list: ['ConfigDrive', 'None'], evidence, probed: false });
  });

  it('pass over a file that is no YAML, and say so', async () => {
    const image = memoryImage({
      [main]: 'datasource_list: [ Ec2 ]\n',
      '/etc/cloud/cloud.cfg.d/50.cfg': 'a: 1\ndatasource_list: [ ConfigDrive\nb: c: d\n',
    });
    const { datasources, ignored } = await readConfig(image);
    assert.deepEqual(datasources?.list, ['Ec2']);
    assert.equal(ignored.length, 1);
    assert.equal(ignored[0]?.path, '/etc/cloud/cloud.cfg.d/50.cfg');
  });

  const probes: [string, string, boolean][] = [
    ['one', 'datasource_list: [ ConfigDrive ]\n', false],
    ['one and None', 'datasource_list: [ ConfigDrive, None ]\n', false],
    ['None first', 'datasource_list: [ None, ConfigDrive ]\n', true],
    ['two', 'datasource_list: [ ConfigDrive, NoCloud ]\n', true],
    ['several lines', 'datasource_list:\n - ConfigDrive\n', true],
    ['a mapping that has no text of its own', 'datasource_list: [ { toString: 0 }, ConfigDrive ]\n', true],
  ];
  for (const [name, content, probed] of probes) {
    it(`${probed ? 'are' : 'are not'} probed: ${name}`, async () => {
      assert.equal((await readConfig(memoryImage({ [main]: content }))).datasources?.probed, probed);
    });
  }

  it('obey ds-identify.cfg', async () => {
    const files = {
      [main]: 'datasource_list: [ A, B ]\n',
      '/etc/cloud/ds-identify.cfg': 'datasource: "Ec2"\n',
    };
    assert.deepEqual(await list(files), {
      list: ['Ec2'],
      evidence: { path: '/etc/cloud/ds-identify.cfg', line: 1 },
      probed: false,
    });
    const policy = {
      [main]: 'datasource_list: [ A, B ]\n',
      '/etc/cloud/ds-identify.cfg': 'policy: enabled\n',
    };
    assert.equal((await readConfig(memoryImage(policy))).datasources?.probed, false);
  });

  const entries = (...words: string[]): string =>
    words.map((word) => `menuentry x {\n linux /vmlinuz ${word} ro\n}\n`).join('');
  const told: [string, Files, string | undefined, string | undefined][] = [
    ['words for ConfigDrive', { [grub]: entries('ci.ds=ConfigDrive', '') }, 'ConfigDrive', undefined],
    ['a second entry', { [grub]: entries('ci.ds=ConfigDrive', 'ci.ds=Ec2') }, 'Ec2', undefined],
    [
      'a policy of the second entry',
      { [grub]: entries('ci.di.policy=search', 'ci.di.policy=disabled') },
      undefined,
      'disabled',
    ],
    [
      'the file, for an entry without a word',
      { [grub]: entries('ci.di.policy=search ci.ds=ConfigDrive', ''), [identify]: off },
      'Ec2',
      'disabled',
    ],
    [
      'the kernel, when every entry overrules the file',
      { [grub]: entries('ci.di.policy=search ci.ds=ConfigDrive'), [identify]: off },
      'ConfigDrive',
      'search',
    ],
  ];
  for (const [name, files, datasource, policy] of told) {
    it(`are told to ds-identify by ${name}`, async () => {
      const found = await readDsIdentify(memoryImage(files));
      assert.deepEqual([found.datasource?.value, found.policy?.value], [datasource, policy]);
    });
  }

  it('can be looked for again when kernel and file both forbid it', async () => {
    const image = memoryImage({ ...debian, [grub]: entries('ci.di.policy=disabled'), [identify]: off });
    const after = await overlay(image, await enableCloudInit(image, systemd));
    assert.deepEqual(await hows(after), []);
  });

  it('refuse to guess when cloud.cfg moves its directory', async () => {
    await assert.rejects(list({ [main]: 'conf_d: /opt/cfg\n' }), /conf_d/);
  });

  it('refuse to guess when a file changes how it is merged', async () => {
    await assert.rejects(list({ [main]: 'merge_how: dict(replace)\n' }), /merge_how/);
  });

  const wanted = ['ConfigDrive', 'None'];
  const setups: [string, Files][] = [
    ['no list', { [main]: '' }],
    [
      'another list',
      {
        [main]: 'datasource_list: [ Ec2 ]\n',
        '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ None ]\n',
      },
    ],
    [
      'a name that sorts late',
      { [main]: '', '/etc/cloud/cloud.cfg.d/zz-last.cfg': 'datasource_list: [ None ]\n' },
    ],
    ['a list that ds-identify cannot see', { [main]: 'datasource_list:\n - ConfigDrive\n - None\n' }],
    ['ds-identify.cfg', { [main]: '', '/etc/cloud/ds-identify.cfg': 'a: b\ndatasource: Ec2\n' }],
    ['the kernel', { [main]: '', '/boot/grub/grub.cfg': 'linux /v ci.ds=Ec2 ro\n' }],
  ];
  for (const [name, files] of setups) {
    it(`can be set against ${name}`, async () => {
      const image = memoryImage(files);
      const after = await overlay(image, await setDatasources(image, wanted));
      const { datasources } = await readConfig(after);
      assert.deepEqual([datasources?.list, datasources?.probed], [wanted, false]);
      assert.deepEqual(await setDatasources(after, wanted), []);
    });
  }
});
