import assert from 'node:assert/strict';
import { agentWork } from '../../../../images/guest/agents/work.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { exampleGuestFiles } from '../../../guests/example-guests.js';
import { networkManager } from '../../../guests/parts.js';
import { gather } from '../../../support/declared-inputs.js';
import { zipOf } from '../../../support/zip.js';

/** What is there, and with `false` what is gone. */
type Files = Readonly<Record<string, MemoryNode | false>>;
type Guest = Readonly<Record<string, MemoryNode>>;

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const unit = '/lib/systemd/system/nova-agent.service';
const debian = exampleGuestFiles['debian-12'];

async function judge(files: Files, guest: Guest = debian): Promise<readonly (readonly [boolean, string])[]> {
  const all = Object.entries({ ...guest, ...files }).filter(([, node]) => node !== false);
  const work = await gather(agentWork, memoryImage(Object.fromEntries(all) as Record<string, MemoryNode>));
  return work.flatMap(({ obstacles }) =>
    obstacles.map(({ certain, because }) => [certain, because] as const),
  );
}

async function only(files: Files, expected: RegExp, certain = true, guest: Guest = debian): Promise<void> {
  const found = await judge(files, guest);
  assert.equal(found.length, 1, JSON.stringify(found));
  assert.match(found[0]?.[1] ?? '', expected);
  assert.equal(found[0]?.[0], certain);
}

const start = (line: string, more = 'Type=notify\n'): Files => ({
  [unit]: `[Service]\n${more}ExecStart=${line}\n[Install]\nWantedBy=multi-user.target\n`,
});

/** Rocky Linux 9 with NetworkManager, on which 2.1.25 uses nmcli. */
const rocky: Guest = {
  ...Object.fromEntries(
    Object.entries(debian).filter(([path]) => !/debian_version|\/sbin\/if|route/.test(path)),
  ),
  ...networkManager,
  '/usr/bin/systemctl': program,
  '/etc/os-release': 'ID="rocky"\nVERSION_ID="9.4"\nNAME="Rocky Linux"\nID_LIKE="rhel centos fedora"\n',
  '/etc/centos-release': 'Rocky Linux release 9.4\n',
};

const without = (guest: Guest, pattern: RegExp): Guest =>
  Object.fromEntries(Object.entries(guest).filter(([path]) => !pattern.test(path)));

describe('agentWork', () => {
  it('finds nothing in healthy guests', async () => {
    assert.deepEqual(await judge({}), []);
    assert.deepEqual(await judge({}, rocky), []);
    assert.deepEqual(await judge({}, exampleGuestFiles['debian-6']), []);
  });

  describe('started by cron', () => {
    const line = '@reboot root /usr/bin/nova-agent\n';
    const guest: Guest = {
      ...without(debian, /\.wants\/nova-agent/),
      '/etc/machine-id': `${'a'.repeat(32)}\n`,
      '/etc/systemd/system/cron.service': '[Service]\nExecStart=/bin/true\n',
      '/etc/systemd/system/multi-user.target.wants/cron.service': { link: '../cron.service' },
    };
    const table = (text: string): Files => ({ '/etc/cron.d/agent': text });

    it('does not find ifdown and ifup on cron’s own PATH (booted)', async () => {
      await only(table(line), /cron starts it with PATH=\/usr\/bin:\/bin, .* lead to .*ifdown/, true, guest);
      await only(table(`PATH=/opt/bin\n${line}`), /with PATH=\/opt\/bin, which/, true, guest);
      await only(
        table(`PATH=/usr/sbin:/sbin:/usr/bin:/bin\nPATH="/bin"\n${line}`),
        /with PATH=\/bin,/,
        true,
        guest,
      );
    });

    it('finds them where a PATH leads to them, and when its service is started', async () => {
      for (const text of [
        `PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin\n${line}`,
        `"PATH" = '/usr/sbin:/sbin:/usr/bin:/bin'\n${line}`,
        '@reboot root PATH=/sbin:/usr/sbin:/bin:/usr/bin /usr/bin/nova-agent\n',
        '@reboot root . /etc/profile; /usr/bin/nova-agent\n',
        '@reboot root systemctl start nova-agent\n',
        '@reboot root service nova-agent start\n',
      ])
        assert.deepEqual(await judge(table(text), guest), [], text);
      assert.deepEqual(await judge(table(line)), [], 'its own service starts it first');
    });
  });

  // get_server_type() of novaagent/novaagent.py.
  describe('by the agent’s own idea of the system', () => {
    it('ends where none of its files is there, whatever os-release says', async () => {
      await only({ '/etc/debian_version': false }, /it knows the system by \/etc\/alpine-release/);
      await only({ '/etc/debian_version': { link: '/nope' } }, /it knows the system by/);
    });

    it('takes the first of them', async () => {
      const found = await judge({ '/etc/centos-release': 'CentOS\n', '/usr/bin/systemctl': program });
      assert.match(
        found[0]?.[1] ?? '',
        /it writes \/etc\/sysconfig\/network, .* takes this system for centos/,
      );
      assert.equal(found[0]?.[0], true);
    });

    it('knows Alpine since 2.1.22', async () => {
      assert.deepEqual(await judge({ '/etc/alpine-release': '3.19\n', '/etc/debian_version': false }), []);
      const old = {
        content: zipOf(
          {
            '__main__.py': '',
            'novaagent/__init__.py': "__version__ = '2.1.21'\n",
            'pyxs/__init__.py': '',
            'yaml/__init__.py': '',
            'distro.py': '',
          },
          { prefix: '#!/usr/bin/env python3\n' },
        ),
        mode: 0o755,
      };
      await only(
        { '/etc/alpine-release': '3.19\n', '/etc/debian_version': false, '/usr/bin/nova-agent': old },
        /it knows the system by/,
      );
    });
  });

  describe('by what it calls', () => {
    for (const [path, name] of [
      ['/sbin/ifup', 'ifup'],
      ['/sbin/ifdown', 'ifdown'],
      ['/bin/ip', 'ip'],
      ['/usr/bin/passwd', 'passwd'],
    ] as const)
      it(`dies without ${name}`, async () => {
        await only({ [path]: false }, new RegExp(`it starts ${name}, which is not in the image`));
      });

    it('needs hostname only without /usr/bin/hostnamectl', async () => {
      await only({ '/usr/bin/hostnamectl': false }, /it starts hostname, which/);
      assert.deepEqual(await judge({ '/usr/bin/hostnamectl': false, '/bin/hostname': program }), []);
      assert.deepEqual(await judge({ '/bin/hostname': false }), []);
    });

    it('needs netplan and no ifupdown where /usr/sbin/netplan is there', async () => {
      const netplan = {
        '/usr/sbin/netplan': program,
        '/etc/netplan/x.yaml': '',
        '/sbin/ifup': false,
        '/sbin/ifdown': false,
        '/sbin/route': false,
        '/etc/network/interfaces': false,
      } as const;
      assert.deepEqual(await judge(netplan), []);
      await only(
        { ...netplan, '/etc/netplan/x.yaml': false },
        /it writes \/etc\/netplan\/rackspace-cloud.yaml/,
      );
    });

    it('warns where route is missing: what it writes ends in "|| true"', async () => {
      await only({ '/sbin/route': false }, /route \(net-tools\) is not in the image/, false);
    });

    it('uses nmcli from Enterprise Linux 8 on, and the service network elsewhere', async () => {
      await only({ '/usr/bin/nmcli': false }, /it starts nmcli/, true, rocky);
      const off = without(rocky, /wants\/NetworkManager/);
      await only(
        {},
        /restarts the service network, which is not in the image; of NetworkManager it makes use only where it is enabled/,
        true,
        off,
      );
      assert.deepEqual(
        await judge({ '/etc/rc.d/init.d/network': program, '/usr/bin/systemctl': program }, off),
        [],
      );
      const oracle = { '/etc/os-release': 'ID="ol"\nVERSION_ID="9.4"\nNAME="Oracle Linux"\n' };
      await only(oracle, /only on the distributions rhel/, true, rocky);
    });

    it('warns of NetworkManager beside the service network, unless it leaves resolv.conf alone', async () => {
      const el7 = {
        '/etc/os-release': 'ID="centos"\nVERSION_ID="7"\nNAME="CentOS Linux"\n',
        '/etc/rc.d/init.d/network': program,
        '/usr/bin/systemctl': program,
      };
      await only(el7, /NetworkManager starts, too/, false, rocky);
      assert.deepEqual(
        await judge({ ...el7, '/etc/NetworkManager/conf.d/dns.conf': '[main]\ndns=none\n' }, rocky),
        [],
      );
    });

    it('writes ifcfg files in vain where NetworkManager has no plugin for them', async () => {
      const library = '/usr/lib64/NetworkManager/1.46.0-8.el9_4';
      const plugins = { [`${library}/libnm-device-plugin-team.so`]: program };
      await only(plugins, /does not read/, true, rocky);
      assert.deepEqual(
        await judge({ ...plugins, [`${library}/libnm-settings-plugin-ifcfg-rh.so`]: program }, rocky),
        [],
      );
    });

    it('warns where Red Hat Enterprise Linux cannot be registered', async () => {
      const rhel = {
        '/etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\nNAME="RHEL"\n',
        '/etc/redhat-release': 'RHEL\n',
        '/etc/centos-release': false,
      } as const;
      await only(rhel, /rhnreg_ks/, false, rocky);
      assert.deepEqual(await judge({ ...rhel, '/usr/sbin/rhnreg_ks': program }, rocky), []);
    });
  });

  describe('by what it writes', () => {
    it('needs /etc/network, and makes interfaces itself', async () => {
      assert.deepEqual(
        await judge({ '/etc/network/interfaces': false, '/etc/network/if-up.d/x': program }),
        [],
      );
      await only({}, /there is no folder \/etc\/network /, true, without(debian, /^\/etc\/network\//));
    });

    it('writes through a broken link only where its folder is there', async () => {
      const link = (to: string): Files => ({
        '/etc/network/interfaces': { link: to },
        '/etc/network/if-up.d/x': program,
      });
      assert.deepEqual(await judge(link('/etc/other')), []);
      await only(
        link('/data/interfaces'),
        /is a link to \/data\/interfaces, whose folder is not in the image/,
      );
      await only(link('/run/net/interfaces'), /whose folder is not in the image/, false);
      // A folder in its place is renamed: backup_file() in novaagent/utils.py.
      assert.deepEqual(
        await judge({ '/etc/network/interfaces': false, '/etc/network/interfaces/x': '' }),
        [],
      );
    });

    it('ends when it cannot open its log', async () => {
      await only(
        { '/var/log/wtmp': false, '/var/log': { link: '/data/log' } },
        /it cannot open its log .*\/var\/log is a link to \/data\/log/,
      );
      await only({ '/var/log/nova-agent.log/x': '' }, /\/var\/log\/nova-agent.log is a directory/);
      await only({ '/var/log/wtmp': false }, /there is no folder \/var\/log/);
    });

    // commands/password.py of 1.x writes the lines that are there, and no other.
    it('of 1.x rewrites the line of root in /etc/shadow', async () => {
      const old = exampleGuestFiles['debian-6'];
      const accounts = { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n' };
      await only({ ...accounts, '/etc/shadow': 'bin:*:1::::::\n' }, /\/etc\/shadow has no root/, true, old);
      await only({ ...accounts, '/etc/shadow': false }, /there is no \/etc\/shadow/, true, old);
      assert.deepEqual(await judge({ ...accounts, '/etc/shadow': 'root:*:1::::::\n' }, old), []);
    });

    it('sets a password in /etc/shadow', async () => {
      await only({ '/etc/shadow': false }, /there is no \/etc\/shadow/);
      // passwd(1) adds the line: the corpus boots it.
      assert.deepEqual(await judge({ '/etc/shadow': 'bin:*:1::::::\n' }), []);
      await only({ '/etc/passwd': 'bin:x:1:1::/:\n' }, /has no root/);
      // A root without it may be a part of a system.
      await only({ '/etc/passwd': false }, /there is no \/etc\/passwd/, false);
      assert.deepEqual(
        await judge({ '/etc/shadow': false, '/etc/passwd': 'root:!:0:0::/root:/bin/sh\n' }),
        [],
      );
    });
  });

  // main() of novaagent/novaagent.py opens it before all else.
  describe('by the log that its init script gives it', () => {
    const init = (...lines: readonly string[]): MemoryNode => ({
      content: ['#!/bin/sh', ...lines, ''].join('\n'),
      mode: 0o755,
    });
    const sysv = (script: MemoryNode): Guest => ({
      ...without(debian, /systemd|nova-agent\.(?:service|log)|\/var\/log/),
      '/sbin/init': program,
      '/etc/inittab': 'id:2:initdefault:\n',
      '/etc/init.d/nova-agent': script,
      '/etc/rc2.d/S02nova-agent': { link: '../init.d/nova-agent' },
    });
    const places: Files = { '/var/log': { link: '/srv/log' } };
    const nowhere = /it cannot open its log \/var\/log\/nova-agent\.log: \/var\/log is a link to \/srv\/log/;

    for (const [how, lines] of [
      [
        'in a variable',
        [
          'OPTIONS="--no-fork=True -o /var/log/nova-agent.log"',
          'start-stop-daemon --start --background --startas /usr/bin/nova-agent -- $OPTIONS',
        ],
      ],
      ['in a function of Red Hat', ['daemon /usr/bin/nova-agent -l info -o /var/log/nova-agent.log']],
      ['by itself', ['LOG=/var/log', '/usr/bin/nova-agent -o "$LOG/nova-agent.log" &']],
      ['to a name', ['nova-agent -o/var/log/nova-agent.log']],
    ] as const)
      it(how, async () => {
        await only(places, nowhere, true, sysv(init(...lines)));
        assert.deepEqual(await judge({ '/srv/log/x': '', ...places }, sysv(init(...lines))), []);
      });

    it('and says nothing of one that only the running system knows', async () => {
      for (const line of [
        'nova-agent -o "$(date).log"',
        'echo nova-agent -o /var/log/nova-agent.log',
        'nova-agent -l info',
      ])
        assert.deepEqual(await judge(places, sysv(init(line, '/usr/bin/nova-agent -l info'))), []);
    });
  });

  describe('by the command that starts it', () => {
    it('knows the arguments', async () => {
      await only(start('/usr/bin/nova-agent --no-fork -l info'), /its option --no-fork needs an argument/);
      await only(start('/usr/bin/nova-agent --no-fork True -l INFO'), /-l takes warning, info, debug/);
      assert.deepEqual(await judge(start('/bin/sh -c "exec /usr/bin/nova-agent --no-fork $OPTS"')), []);
    });

    // systemd.service(5), "COMMAND LINES": a variable that is not set is no word.
    it('fills in variables', async () => {
      const line = '/usr/bin/nova-agent $OPTS';
      const more = 'Type=notify\nEnvironmentFile=/etc/default/na\n';
      const set = (text: string): Files => ({ ...start(line, more), '/etc/default/na': text });
      await only(set('OPTIONS=\n'), /Type=notify takes the agent for dead/);
      assert.deepEqual(await judge(set('OPTS="--no-fork=True -l info"\n')), []);
      await only(set('OPTS="--no-fork=True -l loud"\n'), /-l takes warning, info, debug/);
      const unread = start(line, 'Type=notify\nEnvironmentFile=/srv/na\n');
      assert.deepEqual(await judge({ ...unread, '/srv/na': '' }), []);
      assert.deepEqual(
        await judge(start('/usr/bin/nova-agent --no-fork=${YES}', 'Type=notify\nEnvironment=YES=True\n')),
        [],
      );
    });

    // systemd.service(5), RuntimeMaxSec=, WatchdogSec=, TimeoutStartSec=, Restart=.
    it('lives on only where its time is not limited', async () => {
      const line = '/usr/bin/nova-agent --no-fork=True';
      const limited = (setting: string): Files => start(line, `Type=notify\n${setting}\n`);
      await only(limited('RuntimeMaxSec=10'), /RuntimeMaxSec=10 ends it/);
      await only(limited('RuntimeMaxSec=2h'), /RuntimeMaxSec=2h ends it/, false);
      await only(limited('WatchdogSec=30'), /WatchdogSec=30 ends it, because it sends no keep-alive/);
      await only(
        start(line, 'Type=oneshot\nTimeoutStartSec=360\n'),
        /TimeoutStartSec=360 ends it, since a oneshot/,
      );
      for (const harmless of [
        'WatchdogSec=0',
        'RuntimeMaxSec=infinity',
        'RuntimeMaxSec=10\nRestart=always',
        'WatchdogSec=30\nRestart=on-watchdog',
        'TimeoutStartSec=360',
      ])
        assert.deepEqual(await judge(limited(harmless)), [], harmless);
    });

    // systemd.exec(5), LogsDirectory=: made before the process starts.
    it('has a log in a folder that is made for it', async () => {
      const line = '/usr/bin/nova-agent --no-fork=True -o /var/log/nova/agent.log';
      await only(start(line), /it cannot open its log/);
      for (const made of ['LogsDirectory=nova', 'ExecStartPre=/bin/mkdir -p /var/log/nova'])
        assert.deepEqual(
          await judge({ ...start(line, `Type=notify\n${made}\n`), '/bin/mkdir': program }),
          [],
          made,
        );
    });

    it('lives on only where the type of the unit fits', async () => {
      await only(start('/usr/bin/nova-agent'), /Type=notify takes the agent for dead/);
      await only(start('/usr/bin/nova-agent', ''), /Type=simple ends the agent/);
      await only(start('/usr/bin/nova-agent --no-fork True', 'Type=forking\n'), /Type=forking waits/);
      assert.deepEqual(await judge(start('/usr/bin/nova-agent', 'Type=forking\n')), []);
      for (const timeout of ['', 'TimeoutStartSec=360\n'])
        assert.deepEqual(
          await judge(start('/usr/bin/nova-agent', `Type=oneshot\nRemainAfterExit=yes\n${timeout}`)),
          [],
        );
      assert.deepEqual(await judge(start('/usr/bin/nova-agent --no-fork True', '')), []);
    });

    it('is not the agent when it starts something else', async () => {
      await only(
        { ...start('/bin/true', ''), '/bin/true': program },
        /it starts \/bin\/true, which is not the agent/,
      );
      const script = (content: string): Files => ({
        ...start('/usr/local/sbin/agent', ''),
        '/usr/local/sbin/agent': { content, mode: 0o755 },
      });
      await only(script('#!/bin/sh\nexec sleep 1d\n'), /which is not the agent/);
      assert.deepEqual(await judge(script('#!/bin/sh\nexec /usr/bin/nova-agent --no-fork True\n')), []);
      await only(
        { ...start('/usr/bin/agentd', ''), '/usr/bin/agentd': program },
        /may or may not be the agent/,
        false,
      );
    });

    it('names what a drop-in takes from it', async () => {
      await only(
        { '/etc/systemd/system/nova-agent.service.d/x.conf': '[Service]\nProtectSystem=full\n' },
        /ProtectSystem=full makes \/etc\/shadow read-only/,
      );
      await only(
        {
          '/etc/systemd/system/nova-agent.service.d/x.conf':
            '[Service]\nEnvironmentFile=/etc/nova-agent.env\n',
        },
        /EnvironmentFile=\/etc\/nova-agent.env is not in the image/,
      );
    });
  });

  it('suffers from what the boot mounts', async () => {
    const fstab = (line: string): Files => ({ '/etc/fstab': `UUID=1 / ext4 defaults 0 1\n${line}\n` });
    await only({ '/etc/fstab': 'UUID=1 / ext4 defaults,ro 0 1\n' }, /read-only \(ro\), so \/etc\/shadow/);
    await only(fstab('tmpfs /usr/lib/python3 tmpfs'), /tmpfs on \/usr\/lib\/python3 over .*hidden/);
    await only(fstab('UUID=2 /usr ext4 noexec'), /UUID=2 on \/usr with noexec/);
    assert.deepEqual(await judge(fstab('UUID=2 /boot/efi vfat umask=0077 0 1')), []);
    assert.deepEqual(await judge(fstab('tmpfs /var/log tmpfs defaults')), []);
  });

  it('makes its log where tmpfiles.d makes the folder', async () => {
    const elsewhere: Files = start('/usr/bin/nova-agent --no-fork=True -o /var/log/nova/agent.log');
    const tmpfiles = '/usr/lib/tmpfiles.d/nova.conf';
    await only(elsewhere, /there is no folder \/var\/log\/nova/);
    assert.deepEqual(await judge({ ...elsewhere, [tmpfiles]: 'd /var/log/nova 0755\n' }), []);
    await only({ ...elsewhere, [tmpfiles]: 'e /var/log/nova 0755\n' }, /there is no folder/);
    const below = start(
      '/usr/bin/nova-agent --no-fork=True -o /var/log/nova/agent.log',
      'Type=notify\nLogsDirectory=nova/x\n',
    );
    assert.deepEqual(await judge(below), []);
    // Debian's own `d /var/log` does nothing about a link that is there.
    const link: Files = { '/var/log': { link: '/srv/log' }, [tmpfiles]: 'd /var/log 0755\n' };
    assert.notEqual((await judge({ ...elsewhere, ...link })).length, 0);
  });

  it('asks a frozen program for the same', async () => {
    const frozen = { '/usr/bin/nova-agent': program } as const;
    assert.deepEqual(await judge(frozen), []);
    await only({ ...frozen, '/sbin/ifup': false }, /it starts ifup/);
  });
});
