import assert from 'node:assert/strict';
import { systemdServices } from '../../../../../images/guest/init/systemd/index.js';
import type { Change } from '../../../../../images/image/image.js';
import { overlay } from '../../../../../images/image/overlay.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { bare } from './unit-sets.js';

/** Expectations without another source were booted with systemd 252 (see systemd-obstacles.e2e.ts). */
const etc = '/etc/systemd/system';
const program: MemoryNode = { content: '#!/bin/sh\n', mode: 0o755 };
const root: Readonly<Record<string, MemoryNode>> = {
  ...bare,
  '/usr/bin/run': program,
  '/usr/bin/false': program,
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/usr/lib/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/lib64/ld-linux-x86-64.so.2': program,
};
const starts = 'Type=simple\nExecStart=/usr/bin/run';
const stays = 'Type=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/run';

type Files = Readonly<Record<string, MemoryNode>>;

/** A unit file: its [Unit] and [Service] sections. */
const unit = (head: string, service = starts): string => `[Unit]\n${head}\n[Service]\n${service}\n`;

/** A unit that multi-user.target wants. */
const wanted = (name: string, text: string): Files => ({
  [`${etc}/${name}`]: text,
  [`${etc}/multi-user.target.wants/${name}`]: { link: `../${name}` },
});

/** "certain", "open", or "" for what is started, with what is said of it. */
async function judge(
  files: Files,
  name = 'a.service',
  version = '252.39-1~deb12u2',
): Promise<readonly [string, string]> {
  const services = await systemdServices(memoryImage({ ...root, ...files }), undefined, version);
  const service = services.find(name);
  assert.equal(service?.state, 'enabled');
  const [first] = await services.obstacles(service);
  if (!first) return ['', ''];
  return [
    first.certain ? 'certain' : 'open',
    `${first.because} @${first.evidence.path}:${first.evidence.line}`,
  ];
}

describe('what keeps systemd from starting an enabled service', () => {
  describe('conditions', () => {
    const cases: readonly (readonly [string, string, RegExp | '', Files?])[] = [
      ['ConditionPathExists=/etc/x', 'certain', /there is no \/etc\/x @\/etc\/systemd\/system\/a.service:2/],
      ['ConditionPathExists=!/etc/machine-id', 'certain', /systemd makes it/],
      ['ConditionPathExists=/usr/bin/run', '', ''],
      ['ConditionPathExists=!/etc/x', '', ''],
      ['ConditionPathExists=/etc/%p', 'certain', /there is no \/etc\/a @/],
      ['ConditionPathExists=/etc/%H', 'open', /specifier that only the running server/],
      ['ConditionPathExists=etc/x', '', ''],
      ['ConditionPathExists=! /etc', '', ''],
      ['ConditionPathExists="/etc"', '', ''],
      ['ConditionPathExists=/etc /etc', 'certain', /there is no/],
      ['ConditionPathExists=/run/x', 'open', /the boot makes what is at \/run\/x/],
      ['ConditionPathExists=!/run/x', '', ''],
      ['ConditionPathExists=/dev/xen/xenbus', '', ''],
      ['ConditionPathExists=/proc/xen', '', ''],
      ['ConditionPathExists=!/run/systemd/container', '', ''],
      ['ConditionPathExists=/var/lib/cloud/data', 'open', /the boot may make/],
      [
        'ConditionPathExists=/var/lib/a',
        'open',
        /may make/,
        { '/usr/lib/tmpfiles.d/a.conf': 'd /var/lib/a 0755\n' },
      ],
      [
        'ConditionPathExists=/data/x',
        'open',
        /file system of its own/,
        { '/etc/fstab': '/dev/xvdb1 /data ext4\n' },
      ],
      ['ConditionPathExists=|/etc/x\nConditionPathExists=|/etc', '', ''],
      ['ConditionPathExists=|/etc/x\nConditionPathExists=|/etc/y', 'certain', /none of them holds/],
      ['ConditionPathExists=|/etc/x\nConditionMemory=|4G', 'open', /one of them has to hold/],
      ['ConditionPathExists=/etc/x\nConditionMemory=', '', ''],
      ['ConditionNonsense=x', '', ''],
      ['ConditionNull=false', '', ''],
      ['ConditionPathExistsGlob=/etc/os-*', 'certain', /nothing is called/],
      ['ConditionPathExistsGlob=/usr/*/r?n', '', ''],
      ['ConditionPathIsDirectory=/usr/bin/run', 'certain', /no directory/],
      ['ConditionPathIsDirectory=/usr', '', ''],
      ['ConditionPathIsSymbolicLink=/usr', 'certain', /no symbolic link/],
      ['ConditionPathIsMountPoint=/', '', ''],
      ['ConditionPathIsMountPoint=/usr', 'certain', /no unit of the boot mounts/],
      ['ConditionPathIsReadWrite=/etc/x', 'certain', /there is no/],
      [
        'ConditionDirectoryNotEmpty=/etc/d',
        'certain',
        /is empty/,
        { '/etc/d/.keep': '', '/etc/d/a.dpkg-old': '' },
      ],
      ['ConditionDirectoryNotEmpty=/usr', '', ''],
      ['ConditionFileNotEmpty=/etc/e', 'certain', /is empty/, { '/etc/e': '' }],
      ['ConditionFileNotEmpty=/etc', 'certain', /no file \/etc/],
      ['ConditionFileIsExecutable=/usr/lib/os-release', 'certain', /is not executable/],
      ['ConditionFileIsExecutable=/usr/bin/run', '', ''],
      ['ConditionVirtualization=xen', '', ''],
      ['ConditionVirtualization=vm', '', ''],
      ['ConditionVirtualization=!container', '', ''],
      ['ConditionVirtualization=kvm', 'certain', /a virtual machine of Xen/],
      ['ConditionVirtualization=no', 'certain', /a virtual machine of Xen/],
      ['ConditionUser=daemon', 'certain', /root/],
      ['ConditionUser=@system', '', ''],
      ['ConditionCapability=CAP_SYS_ADMIN', '', ''],
      ['ConditionCapability=!CAP_NONSENSE', 'certain', /no capability/],
      ['ConditionEnvironment=!KERNEL_CMDLINE=cloud-init=disabled', '', ''],
      [
        'ConditionEnvironment=!KERNEL_CMDLINE=cloud-init=disabled',
        'certain',
        /KERNEL_CMDLINE is "cloud-init=disabled"/,
        {
          '/etc/systemd/system.conf': '[Manager]\nDefaultEnvironment="KERNEL_CMDLINE=cloud-init=disabled"\n',
        },
      ],
      ['ConditionEnvironment=HOME', 'certain', /HOME is not set/],
      ['ConditionOSRelease=ID=debian VERSION_ID>=11', '', ''],
      ['ConditionOSRelease=VERSION_ID>=13', 'certain', /VERSION_ID is "12"/],
      ['ConditionOSRelease=!ID debian', 'certain', /is not a comparison/],
      ['ConditionKernelVersion=>= 6', '', '', { '/lib/modules/6.1.0-25-amd64/x': '' }],
      [
        'ConditionKernelVersion=<5.10',
        'certain',
        /the kernel is 6.1/,
        { '/lib/modules/6.1.0-25-amd64/x': '' },
      ],
      ['ConditionKernelVersion=>=5', 'open', /which kernel/],
      ['ConditionKernelCommandLine=!cloud-init=disabled', '', ''],
      ['ConditionFirstBoot=yes', 'certain', /has a machine id/],
      ['ConditionFirstBoot=no', '', ''],
      ['ConditionFirstBoot=yes', 'open', /differ in it/, { '/etc/machine-id': 'uninitialized\n' }],
      ['ConditionArchitecture=native', '', ''],
      ['ConditionArchitecture=arm64', 'certain', /x86-64/],
      ['ConditionSecurity=selinux', 'certain', /SELinux is off/],
      ['ConditionSecurity=apparmor', 'open', /security modules/],
      ['ConditionHost=db1', 'open', /the host name/],
      ['AssertPathExists=/etc/x', 'certain', /AssertPathExists=\/etc\/x does not hold/],
    ];
    for (const [condition, certainty, text, files = {}] of cases) {
      it(`${condition.replaceAll('\n', ', ')} is ${certainty || 'met'}`, async () => {
        const [is, because] = await judge({ ...wanted('a.service', unit(condition)), ...files });
        assert.equal(is, certainty, because);
        if (text !== '') assert.match(because, text);
      });
    }

    for (const directory of ['python3-a.service.d', 'python3-.service.d', 'service.d']) {
      it(`of a drop-in in ${directory}`, async () => {
        const [is, because] = await judge(
          {
            ...wanted('python3-a.service', unit('')),
            [`${etc}/${directory}/x.conf`]: '[Unit]\nConditionPathExists=/etc/x\n',
            [`${etc}/${directory}/y.conf/z`]: '',
            [`${etc}/${directory}/z.conf`]: { link: 'z.conf' },
          },
          'python3-a.service',
        );
        assert.deepEqual([is, because.endsWith(`@${etc}/${directory}/x.conf:2`)], ['certain', true]);
      });
    }
  });

  describe('units that it needs', () => {
    const gone = 'ExecStart=/usr/bin/gone';
    const dependencies: Readonly<Record<string, string | undefined>> = {
      ok: unit('', stays),
      absent: undefined,
      masked: '',
      oneshot: unit('', `Type=oneshot\n${gone}`),
      simple: unit('', `Type=simple\n${gone}`),
      notify: unit('', `Type=notify\n${gone}`),
      exec: unit('', `Type=exec\n${gone}`),
      pre: unit('', `ExecStartPre=/usr/bin/gone\n${starts}`),
      false: unit('', 'Type=oneshot\nExecStart=/usr/bin/false'),
      ignored: unit('', 'Type=oneshot\nRemainAfterExit=yes\nExecStart=-/usr/bin/gone'),
      condition: unit('ConditionPathExists=/etc/x', stays),
      assertion: unit('AssertPathExists=/etc/x', stays),
      refused: unit('', 'Type=simple'),
      skipped: unit('', `ExecCondition=/usr/bin/false\n${stays}`),
      done: unit('', 'Type=oneshot\nExecStart=/usr/bin/run'),
    };
    const failing = ['oneshot', 'notify', 'exec', 'pre', 'false', 'assertion'];
    const inactive = ['absent', 'masked', 'simple', 'condition', 'refused', 'skipped', 'done', ...failing];
    /** Neither there nor loadable: such a requirement is passed over. */
    const unloadable = ['absent', 'masked', 'refused'];
    const expected = (relation: string, ordered: boolean, kind: string): string => {
      if (relation === 'BindsTo') return inactive.includes(kind) ? 'certain' : '';
      const stops =
        relation === 'Requisite'
          ? !unloadable.includes(kind)
          : relation === 'Requires' && failing.includes(kind);
      return stops ? (ordered ? 'certain' : 'open') : '';
    };
    for (const relation of ['Requires', 'BindsTo', 'Requisite', 'Wants', 'PartOf', 'Upholds']) {
      for (const ordered of [true, false]) {
        it(`${relation}=${ordered ? ' with After=' : ''}`, async () => {
          for (const [kind, text] of Object.entries(dependencies)) {
            const head = `DefaultDependencies=no\n${relation}=d.service\n${ordered ? 'After=d.service\n' : ''}`;
            const files: Files = {
              ...wanted('a.service', unit(head)),
              ...(text === undefined
                ? {}
                : { [`${etc}/d.service`]: text.replace('[Unit]', '[Unit]\nDefaultDependencies=no') }),
              ...(text === '' ? { [`${etc}/d.service`]: '' } : {}),
            };
            const [is, because] = await judge(files);
            assert.equal(is, expected(relation, ordered, kind), `${relation} ${kind}: ${because}`);
          }
        });
      }
    }

    // systemd pull request 27852; booted with 257: the transaction loses whatever requires what cannot be loaded.
    const releases: readonly (readonly [string, string, string])[] = [
      ['247.3-7+deb11u7', 'Requires', ''],
      ['252.39-1~deb12u2', 'Requires', ''],
      ['252.39-1~deb12u2', 'Requisite', ''],
      ['252.39-1~deb12u2', 'BindsTo', 'certain'],
      ['252-18.el9', 'Requires', 'open'],
      ['252-18.el9', 'BindsTo', 'certain'],
      ['219-19.el7', 'Requires', ''],
      ['', 'Requires', 'open'],
      ['', 'BindsTo', 'certain'],
      ['255.4-1ubuntu8', 'Requires', 'certain'],
      ['257.9-1~deb13u1', 'Requires', 'certain'],
      ['257.9-1~deb13u1', 'Requisite', 'certain'],
      ['257.9-1~deb13u1', 'BindsTo', 'certain'],
      ['257.9-1~deb13u1', 'Wants', ''],
    ];
    for (const [version, relation, expectedThere] of releases) {
      it(`${relation}= of what cannot be loaded, as systemd ${version || 'of an unknown release'} has it`, async () => {
        for (const kind of unloadable) {
          const text = dependencies[kind];
          const files: Files = {
            ...wanted('a.service', unit(`${relation}=d.service`)),
            ...(text === undefined ? {} : { [`${etc}/d.service`]: text }),
          };
          const [is, because] = await judge(files, 'a.service', version);
          assert.equal(is, expectedThere, `${kind}: ${because}`);
        }
      });
    }

    it('drops the whole chain that ends in what cannot be loaded', async () => {
      const files = {
        ...wanted('a.service', unit('Requires=b.service')),
        [`${etc}/b.service`]: unit('Requires=c.service', stays),
      };
      assert.deepEqual(await judge(files), ['', '']);
      const [is, because] = await judge(files, 'a.service', '257.9-1~deb13u1');
      assert.equal(is, 'certain');
      assert.match(because, /b.service is not started \(Requires=c.service, but c.service is not there\)/);
    });

    it('names what is wrong with the unit at the end of a chain', async () => {
      const needs = (name: string): string => `Requires=${name}\nAfter=${name}`;
      const [is, because] = await judge({
        ...wanted('a.service', unit(needs('b.service'))),
        [`${etc}/b.service`]: unit(needs('c.service'), stays),
        [`${etc}/c.service`]: unit('', `Type=oneshot\n${gone}`),
      });
      assert.equal(is, 'certain');
      assert.match(
        because,
        /Requires=b.service, but b.service is not started \(Requires=c.service, but c.service starts \/usr\/bin\/gone/,
      );
    });

    it('leaves open whether a device is there', async () => {
      for (const relation of ['Requires', 'BindsTo']) {
        const [is, because] = await judge(wanted('a.service', unit(`${relation}=dev-xvdb1.device`)));
        assert.equal(is, 'open');
        assert.match(because, /dev-xvdb1.device is a device, and only the server knows/);
      }
    });

    it('ends where units require each other', async () => {
      const files = {
        ...wanted('a.service', unit('Requires=b.service')),
        [`${etc}/b.service`]: unit('BindsTo=a.service b.service', stays),
      };
      assert.deepEqual(await judge(files), ['', '']);
    });

    it('lets a requisite pass that the boot starts', async () => {
      const files = {
        ...wanted('a.service', unit('Requisite=d.service')),
        ...wanted('d.service', unit('', stays)),
      };
      assert.deepEqual(await judge(files), ['', '']);
    });
  });

  describe('units that exclude each other', () => {
    const pair = (declares: string, named: string): Files => ({
      ...wanted('a.service', unit(declares)),
      ...wanted('b.service', unit(named)),
    });
    const required = (name: string): Files => ({
      [`${etc}/multi-user.target.requires/${name}`]: { link: `../${name}` },
    });

    it('drop the one that is named', async () => {
      const files = pair('Conflicts=b.service', '');
      assert.deepEqual(await judge(files), ['', '']);
      assert.match(
        (await judge(files, 'b.service')).join(),
        /^certain,.*drops the start of b.service @.*a.service:2$/,
      );
    });
    it('drop the one that is named though a condition passes over the other', async () => {
      assert.equal(
        (await judge(pair('Conflicts=b.service\nConditionPathExists=/x', ''), 'b.service'))[0],
        'certain',
      );
    });
    it('drop either where both name the other', async () => {
      const files = pair('Conflicts=b.service', 'Conflicts=a.service');
      assert.equal((await judge(files))[0], 'open');
      assert.equal((await judge(files, 'b.service'))[0], 'open');
    });
    it('drop the one that the target can do without', async () => {
      const files = { ...pair('Conflicts=b.service', ''), ...required('b.service') };
      assert.equal((await judge(files))[0], 'certain');
      assert.deepEqual(await judge(files, 'b.service'), ['', '']);
    });
    it('drop either where a third is stopped with the one that is named', async () => {
      const files = {
        ...pair('Conflicts=b.service', ''),
        ...wanted('c.service', unit('Requires=b.service')),
      };
      assert.equal((await judge(files, 'b.service'))[0], 'open');
      assert.equal((await judge(files, 'c.service'))[0], 'open');
    });
    it('are no matter when one of them is not started', async () => {
      const files = { ...wanted('b.service', unit('')), [`${etc}/a.service`]: unit('Conflicts=b.service') };
      assert.deepEqual(await judge(files, 'b.service'), ['', '']);
    });
    it('stop the boot where the target requires both', async () => {
      const files = {
        ...pair('Conflicts=b.service', ''),
        ...required('a.service'),
        ...required('b.service'),
      };
      assert.match(
        (await judge({ ...files, ...wanted('c.service', unit('')) }, 'c.service'))[1],
        /default.target requires both/,
      );
    });
  });

  describe('a unit that systemd refuses', () => {
    const cases: readonly (readonly [string, RegExp | ''])[] = [
      ['Type=simple', /it has no ExecStart=/],
      ['Type=oneshot', /neither an ExecStart=/],
      ['Type=oneshot\nRemainAfterExit=yes', /neither an ExecStart=/],
      ['Type=oneshot\nRemainAfterExit=yes\nExecStop=/usr/bin/run', ''],
      ['ExecStart=/usr/bin/run\nExecStart=/usr/bin/run', /a second ExecStart=.*a.service:5/],
      ['Type=oneshot\nExecStart=/usr/bin/run\nExecStart=/usr/bin/run', ''],
      ['ExecStart=/x\nExecStart=\nExecStart=/usr/bin/run', ''],
      ['ExecStart=usr/bin/run', /not absolute/],
      ['ExecStart=-usr/bin/run', /not absolute/],
      ['ExecStart=run', ''],
      ['ExecStart=-', /names no program/],
      ['ExecStart=/usr/bin/run "x', /a quote that does not end/],
      ['ExecStart=/usr/bin/run \'it is "so"\'', ''],
      ['Type=dbus\nExecStart=/usr/bin/run', /BusName/],
      ['Type=nonsense\nExecStart=/usr/bin/run', ''],
      ['Type=oneshot\nRestart=always\nExecStart=/usr/bin/run', /Restart=always/],
    ];
    for (const [service, text] of cases) {
      it(`${service.replaceAll('\n', ', ')}: ${text === '' ? 'is not' : 'is'} refused`, async () => {
        const [is, because] = await judge(wanted('a.service', unit('', service)));
        assert.equal(is, text === '' ? '' : 'certain', because);
        if (text !== '') assert.match(because, text);
      });
    }
  });
});

describe('what keeps the whole boot from starting', () => {
  it('is a target that requires what is not there', async () => {
    for (const broken of [undefined, { link: '/dev/null' }, unit('', 'Type=simple')]) {
      const files: Files = {
        ...wanted('a.service', unit('')),
        [`${etc}/multi-user.target.requires/absent.service`]: { link: '../absent.service' },
        ...(broken === undefined ? {} : { [`${etc}/absent.service`]: broken }),
      };
      const [is, because] = await judge(files);
      assert.equal(is, 'certain');
      assert.match(
        because,
        /does not start graphical.target: multi-user.target has a link in multi-user.target.requires, and absent.service is/,
      );
    }
  });

  it('is a FIFO among the drop-ins of its units, for some releases of systemd', async () => {
    const fifo: MemoryNode = { type: 'fifo' };
    const both = { ...wanted('a.service', unit('')), ...wanted('b.service', unit('')) };
    const [is, because] = await judge({ ...both, [`${etc}/b.service.d/p.conf`]: fifo });
    assert.equal(is, 'open');
    assert.match(because, /is a FIFO/);
    assert.deepEqual(await judge({ ...both, [`${etc}/b.service`]: fifo }), ['', '']);
    assert.deepEqual(await judge({ ...both, [`${etc}/c.service.d/p.conf`]: fifo }), ['', '']);
  });

  it('is not a service that only wants the target', async () => {
    const files = {
      ...wanted('a.service', unit('')),
      ...wanted('b.service', unit('Requires=absent.service')),
    };
    assert.deepEqual(await judge(files), ['', '']);
  });
});

describe('what systemd passes over', () => {
  const files: Files = {
    ...wanted('a.service', unit('')),
    [`${etc}/self.service`]: { link: `${etc}/self.service` },
    '/usr/lib/systemd/system/self.service': unit(''),
    [`${etc}/one.service`]: { link: 'two.service' },
    [`${etc}/two.service`]: { link: 'one.service' },
    [`${etc}/multi-user.target.wants/one.service`]: { link: '../one.service' },
    [`${etc}/multi-user.target.wants/self.service`]: { link: '../self.service' },
    [`${etc}/loop.service.d`]: { link: 'loop.service.d' },
    [`${etc}/loop.target.wants`]: { link: 'loop.target.wants' },
    [`${etc}/a.service.d/x.conf/y`]: '',
    [`${etc}/a.service.d/z.conf`]: { link: 'z.conf' },
    [`${etc}/folder.service/x`]: '',
    '/etc/init.d/loop': { link: 'loop' },
    '/etc/rc2.d/S01loop': { link: '../init.d/loop' },
  };

  it('are loops of links and directories', async () => {
    const services = await systemdServices(memoryImage({ ...root, ...files }));
    assert.equal(services.find('a')?.state, 'enabled');
    assert.deepEqual(await services.obstacles(services.find('a')!), []);
    // A link to itself hides nothing.
    assert.equal(services.find('self')?.state, 'enabled');
    assert.notEqual(services.find('one')?.state, 'enabled');
  });
});

describe('links that start a service in vain', () => {
  const cases: readonly (readonly [string, Files, string])[] = [
    [
      'below a target that is not there',
      { [`${etc}/multiuser.target.wants/a.service`]: { link: '../a.service' } },
      'multiuser.target.wants/a.service starts it with multiuser.target, and there is no multiuser.target',
    ],
    [
      'below a target that is masked',
      {
        [`${etc}/b.target`]: { link: '/dev/null' },
        [`${etc}/b.target.requires/a.service`]: { link: '../a.service' },
      },
      'starts it with b.target, which is masked (/etc/systemd/system/b.target)',
    ],
    [
      'below a target that the boot does not reach',
      {
        [`${etc}/default.target`]: { link: '/usr/lib/systemd/system/multi-user.target' },
        [`${etc}/graphical.target.wants/a.service`]: { link: '../a.service' },
      },
      'starts it with graphical.target, which no boot reaches: default.target is multi-user.target',
    ],
    [
      'that is a copy of the unit',
      { [`${etc}/multi-user.target.wants/a.service`]: unit('') },
      'is not a symbolic link, so systemd ignores it',
    ],
    [
      'that is to /dev/null',
      { [`${etc}/multi-user.target.wants/a.service`]: { link: '/dev/null' } },
      'is a link to /dev/null, which hides the vendor’s link',
    ],
    [
      'that has another name',
      { [`${etc}/multi-user.target.wants/nick.service`]: { link: '../a.service' } },
      'nick.service leads to its file, but has the name of another unit',
    ],
    [
      'whose name has no suffix',
      { [`${etc}/multi-user.target.wants/a`]: { link: '../a.service' } },
      'its name has no suffix of a unit (.service)',
    ],
    [
      'whose name has a suffix of nothing',
      { [`${etc}/multi-user.target.wants/a.services`]: { link: '../a.service' } },
      'its name has no suffix of a unit (.service)',
    ],
    [
      'in the folder of a target without its suffix',
      { [`${etc}/multi-user.wants/a.service`]: { link: '../a.service' } },
      'multi-user has no suffix such as .target',
    ],
    [
      'of another file without a suffix',
      {
        [`${etc}/b.service`]: unit(''),
        [`${etc}/multi-user.target.wants/a`]: { link: '../b.service' },
      },
      '',
    ],
    ['no link at all', {}, ''],
  ];
  for (const [name, files, text] of cases) {
    it(name, async () => {
      const image = memoryImage({ ...root, [`${etc}/a.service`]: unit(''), ...files });
      const services = await systemdServices(image);
      const service = services.find('a')!;
      assert.equal(service.state, 'static');
      const [vain] = await services.enabledInVain(service);
      assert.ok((vain?.because ?? '').includes(text) && (text !== '' || !vain), vain?.because);
    });
  }

  it('are below default.target no more than below what it leads to', async () => {
    for (const target of ['default.target', 'graphical.target', 'multi-user.target']) {
      const link = { [`${etc}/${target}.wants/a.service`]: { link: '../a.service' } };
      const services = await systemdServices(
        memoryImage({ ...root, [`${etc}/a.service`]: unit(''), ...link }),
      );
      assert.equal(services.find('a')?.state, 'enabled', target);
    }
  });
});

describe('units that start a service outside of its links', () => {
  const cases: readonly (readonly [string, Files, string])[] = [
    ['a timer', wanted('t.timer', '[Timer]\nUnit=a.service\nOnBootSec=1min\n'), 't.timer OnBootSec=1min'],
    ['a timer of its name', wanted('a.timer', '[Timer]\nOnCalendar=hourly\n'), 'a.timer OnCalendar=hourly'],
    ['a path unit', wanted('a.path', '[Path]\nPathExists=/etc/passwd\n'), 'a.path PathExists=/etc/passwd'],
    ['a socket', wanted('a.socket', '[Socket]\nListenStream=80\n'), 'a.socket ListenStream=80'],
    [
      'a command of a service',
      wanted('b.service', unit('', 'ExecStart=/bin/sh -c "sleep 1; systemctl --no-block start a"')),
      'b.service ExecStart=/bin/sh -c "sleep 1; systemctl --no-block start a"',
    ],
    [
      'a service that ends well',
      wanted('b.service', unit('OnSuccess=c.service a.service', 'Type=oneshot\nExecStart=/usr/bin/run')),
      'b.service OnSuccess=c.service a.service',
    ],
    [
      'a service that stays active after its end',
      wanted('b.service', unit('OnSuccess=a.service', stays)),
      '',
    ],
    [
      'a target, which stays active',
      { [`${etc}/multi-user.target`]: '[Unit]\nOnSuccess=a.service\nOnFailure=a.service\n' },
      '',
    ],
    ['a service that does not end', wanted('b.service', unit('OnSuccess=a.service')), ''],
    [
      'a service whose OnSuccess= is reset',
      wanted('b.service', unit('OnSuccess=a.service\nOnSuccess=', 'Type=oneshot\nExecStart=/usr/bin/run')),
      '',
    ],
    ['a timer that counts from when the service ran', wanted('a.timer', '[Timer]\nOnUnitActiveSec=1\n'), ''],
    [
      'a timer with several times',
      wanted('a.timer', '[Timer]\nOnCalendar=daily\nOnBootSec=5\n'),
      'a.timer OnBootSec=5',
    ],
    ['a socket with an instance for each', wanted('a.socket', '[Socket]\nListenStream=80\nAccept=yes\n'), ''],
    ['a timer that is not started', { [`${etc}/a.timer`]: '[Timer]\nOnBootSec=1\n' }, ''],
    [
      'a timer whose condition does not hold',
      wanted('a.timer', '[Unit]\nConditionPathExists=/etc/x\n[Timer]\nOnBootSec=1\n'),
      '',
    ],
    ['a timer of another service', wanted('b.timer', '[Timer]\nOnBootSec=1\n'), ''],
    ['a command that stops it', wanted('b.service', unit('', 'ExecStart=/bin/systemctl stop a')), ''],
  ];
  for (const [name, files, expected] of cases) {
    it(name, async () => {
      const services = await systemdServices(
        memoryImage({ ...root, [`${etc}/a.service`]: unit(''), ...files }),
      );
      const found = await services.starters(services.find('a')!);
      assert.equal(found.map(({ by, because }) => `${by} ${because}`).join(), expected);
      assert.ok(found.every(({ isLater, because }) => isLater === /Calendar|Listen/.test(because)));
    });
  }
});

describe('a service that names another in OnSuccess=', () => {
  for (const [version, expected] of [
    ['247.3-7+deb11u5', 0],
    ['249.11-0ubuntu3', 1],
    [undefined, 1],
  ] as const) {
    it(`${expected === 0 ? 'starts nothing' : 'starts it'} with systemd ${version ?? 'of any release'}`, async () => {
      const files = {
        [`${etc}/a.service`]: unit(''),
        ...wanted('b.service', unit('OnSuccess=a.service', 'Type=oneshot\nExecStart=/usr/bin/run')),
      };
      const services = await systemdServices(memoryImage({ ...root, ...files }), undefined, version);
      assert.equal((await services.starters(services.find('a')!)).length, expected);
    });
  }
});

describe('generators of nobody’s package', () => {
  const path = '/etc/systemd/system-generators/site';
  const vendor: Files = {
    '/usr/lib/systemd/system/a.service': unit(''),
    [`${etc}/multi-user.target.wants/a.service`]: { link: '/usr/lib/systemd/system/a.service' },
  };
  const own = wanted('a.service', unit(''));
  const script = (line: string, mode = 0o755): Files => ({
    [path]: { content: `#!/bin/sh\n${line}\n`, mode },
  });
  const cases: readonly (readonly [string, Files, Files, string])[] = [
    ['masks in the early directory', own, script('ln -s /dev/null "$2/a.service"'), 'certain'],
    ['masks a vendor’s unit', vendor, script('ln -sf /dev/null $1/a.service'), 'certain'],
    ['masks what /etc overrules', own, script('ln -s /dev/null $1/a.service'), 'open'],
    ['masks perhaps', own, script('if [ -e /run/x ]; then ln -s /dev/null $2/a.service; fi'), 'open'],
    ['names it', own, script('echo x > "$1/a.service.d/x.conf"'), 'open'],
    ['names it in a comment', own, script('# a.service'), ''],
    ['names another', own, script('ln -s /dev/null $2/xa.service; ln -s /dev/null $2/a.servicex'), ''],
    ['cannot be executed', own, script('ln -s /dev/null $2/a.service', 0o644), ''],
    ['is masked', own, { [path]: { link: '/dev/null' } }, ''],
  ];
  for (const [name, files, generator, expected] of cases) {
    it(`${name}: ${expected || 'nothing'}`, async () => {
      const [is, because] = await judge({ ...files, ...generator });
      assert.equal(is, expected, because);
      if (is !== '')
        assert.ok(because.includes(`${path}, a generator, `) && because.endsWith(`@${path}:2`), because);
    });
  }
});

describe('enabling a service that its own [Install] does not bring into the boot', () => {
  const link = 'link /etc/systemd/system/multi-user.target.wants/a.service -> /etc/systemd/system/a.service';
  const inShort = (changes: readonly Change[]): string[] =>
    changes.map(
      (change) => `${change.kind} ${change.path}${change.kind === 'link' ? ` -> ${change.target}` : ''}`,
    );

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['none', unit(''), ['directory /etc/systemd/system/multi-user.target.wants', link]],
    [
      'a target that is not there',
      `${unit('')}[Install]\nWantedBy=multiuser.target\n`,
      [
        'directory /etc/systemd/system/multiuser.target.wants',
        'link /etc/systemd/system/multiuser.target.wants/a.service -> /etc/systemd/system/a.service',
        'directory /etc/systemd/system/multi-user.target.wants',
        link,
      ],
    ],
    [
      'the usual target',
      `${unit('')}[Install]\nWantedBy=multi-user.target\n`,
      ['directory /etc/systemd/system/multi-user.target.wants', link],
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(name, async () => {
      const image = memoryImage({ ...root, [`${etc}/a.service`]: text });
      const services = await systemdServices(image);
      const changes = await services.enable(services.find('a')!);
      assert.deepEqual(inShort(changes), expected);
      const after = await systemdServices(await overlay(image, changes));
      assert.equal(after.find('a')?.state, 'enabled');
      assert.deepEqual(await after.enable(after.find('a')!), []);
    });
  }

  it('makes nothing of a template without an instance, nor where multi-user.target is not reached', async () => {
    const template = await systemdServices(memoryImage({ ...root, [`${etc}/a@.service`]: unit('') }));
    assert.deepEqual(await template.enable(template.find('a@')!), []);
    const rescue = { [`${etc}/default.target`]: { link: '/usr/lib/systemd/system/sysinit.target' } };
    const services = await systemdServices(
      memoryImage({ ...root, ...rescue, [`${etc}/a.service`]: unit('') }),
    );
    assert.deepEqual(await services.enable(services.find('a')!), []);
  });
});
