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
import { cloudConfig, configFiles } from '../../../../images/guest/cloud-init/config-files.js';
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
  (
    await obstacles(image, await factsOf(image)(from), {
      files: await configFiles(image),
      version: undefined,
    })
  ).map(({ evidence: { path, line }, because }) => `${path}:${line ?? ''} ${because}`);

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
      [cloudConfig, await configFiles(image)],
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

  it('is off by its marker from 23.4 on, whatever the command line says', async () => {
    const files = {
      ...debian,
      '/boot/grub/grub.cfg': 'linux /v cloud-init=enabled\n',
      '/etc/cloud/cloud-init.disabled': '',
    };
    assert.equal((await fact(files, { 'cloud-init': '22.4.2-1' })).enabled, true);
    assert.equal((await fact(files, { 'cloud-init': '25.1.4-1' })).enabled, false);
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
      Promise.all([
        readConfig(watched),
        factsOf(watched)(systemd).then(async (all) =>
          obstacles(watched, all, { files: await configFiles(watched), version: undefined }),
        ),
      ]),
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
      'a generator that lost its execute bits',
      { [generator]: { content: '#!/bin/sh\n', mode: 0o644 } },
      /cloud-init-generator: the generator that starts it is not executable/,
    ],
    [
      'a masked target',
      { '/etc/systemd/system/cloud-init.target': { link: '/dev/null' } },
      /system\/cloud-init\.target: cloud-init\.target is masked/,
    ],
    [
      'the masked process of which the stages are part',
      {
        '/lib/systemd/system/cloud-init-main.service': '[Unit]\n',
        '/etc/systemd/system/cloud-init.target.wants/cloud-init-main.service': {
          link: '/lib/systemd/system/cloud-init-main.service',
        },
        '/etc/systemd/system/cloud-init-main.service': { link: '/dev/null' },
      },
      /cloud-init-main\.service is masked/,
    ],
    [
      'that process, not enabled',
      { '/lib/systemd/system/cloud-init-main.service': '[Install]\nWantedBy=cloud-init.target\n' },
      /cloud-init-main\.service is not enabled/,
    ],
    [
      'a comment in another encoding',
      {
        '/etc/cloud/cloud.cfg.d/99-x.cfg': Buffer.from(
          'a: 1\n# caf\xe9 GmbH\nb: "x" # \x93x\x94\n',
          'latin1',
        ),
      },
      /99-x\.cfg:2 this file is not UTF-8/,
    ],
    [
      'a configuration in UTF-16',
      { '/etc/cloud/cloud.cfg.d/99-x.cfg': Buffer.from('\ufeffssh_pwauth: false\n', 'utf16le') },
      /99-x\.cfg:1 this file is not UTF-8/,
    ],
    [
      'the metadata of a Mac',
      { '/etc/cloud/cloud.cfg.d/._x.cfg': Buffer.from('0005160700020000ee80ff', 'hex') },
      /\._x\.cfg:1 this file is not UTF-8/,
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

  it('leaves a value in another encoding to its author', async () => {
    const text = Buffer.from('runcmd: [ "echo caf\xe9" ]\n', 'latin1');
    const image = memoryImage({ ...debian, '/etc/cloud/cloud.cfg.d/99-x.cfg': text });
    assert.match((await hows(image)).join(), /99-x\.cfg:1 this file is not UTF-8/);
    assert.deepEqual(await enableCloudInit(image, systemd), []);
  });

  it('does not mind what cloud-init passes over', async () => {
    const image = memoryImage({
      ...debian,
      // A directory for a marker; a directory, a text with NULs and one with a byte order mark for configuration.
      '/etc/cloud/cloud-init.disabled/x': '',
      '/etc/cloud/cloud.cfg.d/99-d.cfg/x': '',
      '/etc/cloud/cloud.cfg.d/99-n.cfg': Buffer.from('a: b\n', 'utf16le'),
      '/etc/cloud/cloud.cfg.d/99-m.cfg': '\ufeffmanual_cache_clean: true\n',
      '/etc/cloud/cloud.cfg.d/99-l.cfg': { link: '/nowhere' },
      '/etc/cloud/cloud.cfg.d/99-p.cfg': { type: 'fifo' },
    });
    assert.deepEqual(await hows(image), []);
    assert.deepEqual(
      (await readConfig(image)).ignored.map(({ path, reason }) => `${path} ${reason}`),
      ['/etc/cloud/cloud.cfg.d/99-n.cfg YAML does not allow its control characters'],
    );
  });

  it('minds bytes that are not UTF-8 only under Python 3', async () => {
    const image = memoryImage({
      ...debian,
      '/etc/cloud/cloud.cfg.d/99-x.cfg': Buffer.from('# caf\xe9\n', 'latin1'),
      '/usr/bin/cloud-init': { content: '#!/usr/bin/python2\n', mode: 0o755 },
      '/usr/bin/python2': { content: 'ELF', mode: 0o755 },
    });
    assert.deepEqual(await hows(image), []);
  });

  it('misses cloud.cfg, which lists its modules', async () => {
    const files = Object.fromEntries(
      Object.entries(debian).filter(([path]) => path !== '/etc/cloud/cloud.cfg'),
    );
    assert.match((await hows(memoryImage(files))).join(), /there is no file \/etc\/cloud\/cloud\.cfg/);
    const elsewhere = { ...files, '/etc/cloud/cloud.cfg.d/x.cfg': 'cloud_init_modules: [ssh]\n' };
    assert.deepEqual(await hows(memoryImage(elsewhere)), []);
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

  it('lets the command line overrule the marker, as the generator before 23.4 does', async () => {
    const off = (menu: string) =>
      hows(memoryImage({ ...debian, '/boot/grub/grub.cfg': menu, '/etc/cloud/cloud-init.disabled': '' }));
    assert.deepEqual(await off('linux /v cloud-init=enabled\n'), []);
    const either = 'menuentry a {\n linux /v cloud-init=enabled\n}\nmenuentry b {\n linux /v\n}\n';
    assert.match((await off(either)).join(), /cloud-init\.disabled/);
    assert.match((await off('linux /v\n')).join(), /cloud-init\.disabled/);
  });

  it('wants S links of all four scripts under SysV, and makes them', async () => {
    const script = { content: '#!/bin/sh\n', mode: 0o755 };
    const scripts = Object.fromEntries(stages.map((name) => [`/etc/init.d/${name}`, script]));
    const image = memoryImage({
      '/etc/cloud/cloud.cfg': '',
      '/bin/sh': script,
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

  // cloudinit/sources/__init__.py, list_sources; cloudinit/importer.py of 22.4 and 25.1.
  const package_ = '/usr/lib/python3/dist-packages/cloudinit';
  const names: [string, string, string][] = [
    ['[ configdrive, None ]', 'configdrive None', 'ConfigDrive None'],
    ['[ DataSourceConfigDrive ]', 'ConfigDrive', 'ConfigDrive'],
    ['[ DataSourceconfigDRIVE, ec2 ]', 'DataSourceconfigDRIVE ec2', 'ConfigDrive ec2'],
    ['[ datasourceConfigDrive ]', 'datasourceConfigDrive', 'datasourceConfigDrive'],
    ['[ configdrive2 ]', 'configdrive2', 'configdrive2'],
    ['[ ec2, None ]', 'ec2 None', 'ec2 None'],
  ];
  for (const [value, earlier, later] of names)
    it(`knows which names cloud-init takes for its datasources: ${value}`, async () => {
      for (const [importer, expected] of [
        ['def find_module():\n', earlier],
        ['def match_case_insensitive_module_name(mod_name):\n', later],
      ] as const) {
        const image = memoryImage({
          [main]: `datasource_list: ${value}\n`,
          [`${package_}/__init__.py`]: '',
          [`${package_}/importer.py`]: importer,
        });
        assert.equal((await readConfig(image)).datasources?.list.join(' '), expected);
      }
    });

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

  /** What the ds-identify of Debian's 22.4.2 and 25.1.4 print as DSLIST; nothing for their default list. */
  const identified: [string, string | undefined, string | undefined][] = [
    ['datasource_list: [ ConfigDrive, None ]', 'ConfigDrive None', 'ConfigDrive None'],
    ['datasource_list: [ None, ConfigDrive ]', 'None ConfigDrive', 'None ConfigDrive'],
    ['datasource_list: []', undefined, undefined],
    ['datasource_list: ConfigDrive', 'ConfigDrive', 'ConfigDrive'],
    ['datasource_list:\n - Ec2', undefined, undefined],
    ['datasource_list: [ Ec2,\n ConfigDrive ]', 'Ec2', 'Ec2'],
    ['datasource_list: [\n ConfigDrive ]', undefined, undefined],
    ['"datasource_list": [ Ec2 ]', undefined, 'Ec2'],
    ['datasource_list : [ Ec2 ]', undefined, 'Ec2'],
    ['{datasource_list: [ Ec2 ]}', undefined, 'Ec2 ]}'],
    ['datasource_list:   [ "Ec2" , None ] # x', '[ "Ec2" None', 'Ec2 None'],
    ['datasource_list: ["Ec2", "None"]\ndatasource_list: [ ConfigDrive ]', 'ConfigDrive', 'ConfigDrive'],
    [' datasource_list: [ Ec2 ]', 'Ec2', 'Ec2'],
  ];
  const withIdentify = {
    ...debian,
    '/usr/lib/cloud-init/ds-identify': { content: '#!/bin/sh\n', mode: 0o755 },
  };
  for (const [content, old, recent] of identified) {
    it(`are as ds-identify reads ${JSON.stringify(content)}`, async () => {
      const image = memoryImage({ ...withIdentify, '/etc/cloud/cloud.cfg.d/90.cfg': `${content}\n` });
      const listOf = async (version: string): Promise<string | undefined> =>
        (await readConfig(image, undefined, version)).datasources?.list.join(' ');
      assert.deepEqual([await listOf('22.4.2-1'), await listOf('25.1.4-1')], [old, recent]);
    });
  }

  it('are probed, but for one, or one and None', async () => {
    for (const [value, probed] of [
      ['[ ConfigDrive ]', false],
      ['[ ConfigDrive, None ]', false],
      ['[ None, ConfigDrive ]', true],
      ['[ ConfigDrive, NoCloud ]', true],
    ] as const) {
      const image = memoryImage({ ...withIdentify, [main]: `datasource_list: ${value}\n` });
      assert.equal((await readConfig(image)).datasources?.probed, probed, value);
    }
  });

  it('keep the letters that ds-identify would look for them with', async () => {
    const importer = 'def match_case_insensitive_module_name(mod_name):\n';
    for (const [value, expected] of [
      ['[ configdrive, ec2 ]', ['configdrive', 'ec2']],
      ['[ configdrive, None ]', ['ConfigDrive', 'None']],
    ] as const) {
      const image = memoryImage({
        ...withIdentify,
        [main]: `datasource_list: ${value}\n`,
        [`${package_}/__init__.py`]: '',
        [`${package_}/importer.py`]: importer,
      });
      assert.deepEqual((await readConfig(image)).datasources?.list, expected);
    }
  });

  it('are as cloud-init reads them where nothing runs ds-identify', async () => {
    const off: Files[] = [
      { '/usr/lib/cloud-init/ds-identify': '#!/bin/sh\n' },
      { [generator]: '#!/bin/sh\n' },
      { [identify]: 'policy: report\n' },
    ];
    for (const files of off) {
      const of = async (value: string): Promise<CloudInit['datasources']> =>
        (await readConfig(memoryImage({ ...withIdentify, ...files, [main]: `datasource_list: ${value}\n` })))
          .datasources;
      assert.deepEqual((await of('\n - Ec2\n - { toString: 0 }'))?.list, ['Ec2', '{"toString":0}']);
      assert.deepEqual([(await of('[]'))?.list, (await of('[]'))?.malformed], [[], undefined]);
      assert.equal((await of('ConfigDrive'))?.malformed, true);
    }
  });

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
