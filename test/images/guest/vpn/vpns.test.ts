import assert from 'node:assert/strict';
import { memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import type { Change, GuestPath, Image } from '../../../../images/image/image.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { initModules } from '../../../../images/guest/init/init-modules.js';
import { vpnsFrom } from '../../../../images/guest/vpn/vpns.js';
import type { Vpn } from '../../../../images/guest/vpn/vpn.js';
import { assertDeclared } from '../../../support/declared.js';
import {
  type Files,
  type System,
  cases,
  debianScript,
  debianUnit,
  enabled,
  executable,
  generator,
  guestOf,
  link,
  realServices,
  secret,
  unit,
  wants,
} from '../../../support/vpn-guests.js';

const facts = { systemd: vpnsFrom(realServices('systemd')), sysv: vpnsFrom(realServices('sysv')) };

const imageOf = (system: System, files: Files): Image => memoryImage(guestOf(system, files));

/** Every VPN as one line: product, name, place, tunnel or not. */
const shown = ({ product, name, evidence, tunnelLink }: Vpn): string =>
  `${product} ${name} ${evidence.path}${evidence.line === undefined ? '' : `:${evidence.line}`}${tunnelLink ? ' tunnel' : ''}`;

async function find(image: Image, system: System): Promise<readonly Vpn[]> {
  return factsOf(image)(facts[system]);
}

/** Turns every VPN off, one laid over the other, as the repair does. */
async function disableAll(image: Image, system: System): Promise<Image> {
  const changes: Change[] = [];
  for (const vpn of await find(image, system)) {
    changes.push(...(await vpn.disable(await overlay(image, changes))));
  }
  return overlay(image, changes);
}

const netplanTunnel: Files = {
  '/usr/lib/systemd/system/systemd-networkd.service': '[Unit]\n',
  '/etc/netplan/a.yaml': 'network:\n  tunnels:\n    wg0:\n      mode: wireguard\n',
};

describe('guest/vpns', () => {
  for (const [name, system, files, expected] of cases) {
    it(`finds ${name}, tells no secret, and can turn it off`, async () => {
      const image = imageOf(system, files);
      const found = await find(image, system);
      assert.deepEqual(found.map(shown), expected);
      for (const { how, name: label, product } of found) assert.doesNotMatch(how + label + product, /SECRET/);
      const after = await disableAll(image, system);
      assert.deepEqual((await find(after, system)).map(shown), []);
    });
  }

  const none: [string, System, Files][] = [
    ['nothing', 'systemd', {}],
    [
      'AUTOSTART="none"',
      'systemd',
      { ...debianUnit, '/etc/default/openvpn': 'AUTOSTART=none\n', '/etc/openvpn/a.conf': '' },
    ],
    [
      "an empty AUTOSTART, which Debian's script takes for none",
      'sysv',
      { ...debianScript, '/etc/default/openvpn': 'AUTOSTART=""\n', '/etc/openvpn/a.conf': '' },
    ],
    ['an enabled OpenVPN without a configuration', 'sysv', debianScript],
    ['a unit without the generator', 'systemd', { ...enabled('openvpn.service'), '/etc/openvpn/a.conf': '' }],
    ['a configuration without the service', 'systemd', { ...generator, '/etc/openvpn/a.conf': '' }],
    [
      'a masked instance',
      'systemd',
      { ...enabled('wg-quick@wg0.service'), '/etc/systemd/system/wg-quick@wg0.service': link('/dev/null') },
    ],
    [
      'a masked template',
      'systemd',
      { ...enabled('wg-quick@wg0.service'), '/etc/systemd/system/wg-quick@.service': link('/dev/null') },
    ],
    [
      'a link that outlived its package',
      'systemd',
      { [`${wants}/wg-quick@wg0.service`]: link('/lib/systemd/system/wg-quick@.service') },
    ],
    [
      'an instance that only a disabled service wants',
      'systemd',
      {
        '/lib/systemd/system/tinc.service': '',
        '/lib/systemd/system/tinc@.service': '',
        '/etc/systemd/system/tinc.service.wants/tinc@m.service': link('/lib/systemd/system/tinc@.service'),
      },
    ],
    [
      'rescue mode only',
      'systemd',
      {
        '/lib/systemd/system/wg-quick@.service': '',
        '/etc/systemd/system/rescue.target.wants/wg-quick@a.service': link('x'),
      },
    ],
    ['units on a SysV guest', 'sysv', enabled('wg-quick@wg0.service')],
    [
      'a profile without NetworkManager',
      'systemd',
      { '/etc/NetworkManager/system-connections/x': secret('[connection]\ntype=wireguard\n') },
    ],
    ['a netdev without networkd', 'systemd', { '/etc/systemd/network/x.netdev': '[NetDev]\nKind=tun\n' }],
    [
      'scripts that are not executable',
      'sysv',
      { '/etc/rc.local': 'openvpn x\n', '/etc/ppp/ppp_on_boot': 'pppd\n' },
    ],
    [
      'a stanza that nothing brings up',
      'sysv',
      { '/etc/network/interfaces': 'iface tun0 inet static\n up openvpn x\n' },
    ],
    [
      'the generator of OpenVPN masked',
      'systemd',
      {
        ...debianUnit,
        '/etc/systemd/system-generators/openvpn-generator': link('/dev/null'),
        '/etc/openvpn/a.conf': '',
      },
    ],
    [
      'the generator of OpenVPN without its execute bit',
      'systemd',
      {
        ...debianUnit,
        '/lib/systemd/system-generators/openvpn-generator': '#!/bin/sh\n',
        '/etc/openvpn/a.conf': '',
      },
    ],
    [
      'a masked instance of the generator',
      'systemd',
      {
        ...debianUnit,
        '/etc/openvpn/a.conf': '',
        '/etc/systemd/system/openvpn@a.service': link('/dev/null'),
      },
    ],
    [
      'instances without their configuration',
      'systemd',
      enabled('openvpn@x.service', 'openvpn-client@x.service', 'wg-quick@wg0.service', 'nebula@x.service'),
    ],
    [
      "an instance without the configuration that the administrator's unit names",
      'systemd',
      {
        ...enabled('openvpn@x.service'),
        '/etc/openvpn/x.conf': '',
        '/etc/systemd/system/openvpn@.service': unit('/usr/sbin/openvpn --config /srv/%i.conf'),
      },
    ],
    [
      'connections of IPsec that are only answered for',
      'systemd',
      { ...enabled('strongswan-starter.service'), '/etc/ipsec.conf': 'conn work\n  auto=add\n' },
    ],
    ['IPsec without a connection', 'systemd', enabled('ipsec.service')],
    [
      'a timer that nothing starts',
      'systemd',
      {
        '/etc/systemd/system/office.service': unit('/usr/bin/wg-quick up wg0'),
        '/etc/systemd/system/office.timer': '[Timer]\nOnBootSec=1min\n[Install]\nWantedBy=timers.target\n',
      },
    ],
    [
      'a timer that only counts from the last run',
      'systemd',
      {
        '/etc/systemd/system/office.service': unit('/usr/bin/wg-quick up wg0'),
        '/etc/systemd/system/office.timer': '[Timer]\nOnUnitActiveSec=1min\n',
        '/etc/systemd/system/timers.target.wants/office.timer': link('../office.timer'),
      },
    ],
    [
      'a timer of a masked service',
      'systemd',
      {
        '/usr/lib/systemd/system/office.service': unit('/usr/bin/wg-quick up wg0'),
        '/etc/systemd/system/office.service': link('/dev/null'),
        '/etc/systemd/system/office.timer': '[Timer]\nOnBootSec=1min\n',
        '/etc/systemd/system/timers.target.wants/office.timer': link('../office.timer'),
      },
    ],
    [
      'what is no VPN, or makes no device',
      'systemd',
      {
        ...enabled('cloudflared.service', 'headscale.service', 'mullvad-early-boot-blocking.service'),
        '/etc/systemd/system/proxy.service': unit('/usr/bin/sshuttle -r host 0/0'),
        [`${wants}/proxy.service`]: link('../proxy.service'),
      },
    ],
    [
      'a rc.local that does not reach it',
      'sysv',
      {
        '/etc/rc.local': executable(
          '#!/bin/sh\nif false; then openvpn a; fi\ncat <<EOF\nopenvpn b\nEOF\nup() { openvpn c; }\nexit 0\nopenvpn d\n',
        ),
      },
    ],
    [
      'rc.local of a masked service',
      'systemd',
      {
        '/etc/rc.local': executable('openvpn x\n'),
        '/etc/systemd/system/rc-local.service': link('/dev/null'),
      },
    ],
    [
      '@reboot without cron',
      'systemd',
      {
        '/usr/lib/systemd/system/cron.service': unit('/usr/sbin/cron -f'),
        '/etc/crontab': '@reboot root openvpn x\n',
      },
    ],
    [
      'interfaces without their service',
      'systemd',
      {
        '/usr/lib/systemd/system/networking.service': unit('/sbin/ifup -a'),
        '/etc/network/interfaces': 'auto tun0\niface tun0 inet manual\n',
        '/etc/network/if-up.d/vpn': executable('#!/bin/sh\nopenvpn x\n'),
      },
    ],
    [
      'a netdev that is left to others to bring up',
      'systemd',
      {
        ...enabled('systemd-networkd.service'),
        '/etc/systemd/network/x.netdev': '[NetDev]\nName=wg0\nKind=wireguard\n',
        '/etc/systemd/network/x.network': '[Match]\nName=wg*\n[Link]\nActivationPolicy=manual\n',
      },
    ],
    [
      'a dispatcher that is masked',
      'systemd',
      {
        ...enabled('NetworkManager.service'),
        '/usr/lib/systemd/system/NetworkManager-dispatcher.service': unit('/usr/lib/nm-dispatcher'),
        '/etc/systemd/system/NetworkManager-dispatcher.service': link('/dev/null'),
        '/etc/NetworkManager/dispatcher.d/10-vpn': executable('#!/bin/sh\nopenvpn x\n'),
      },
    ],
    ...(
      [
        ['its group may read', { mode: 0o640 }],
        ['others may read', { mode: 0o604 }],
        ['is not root’s', { mode: 0o600, uid: 1000 }],
      ] as const
    ).map(([name, rights]): [string, System, Files] => [
      `a profile of NetworkManager that ${name}`,
      'systemd',
      {
        ...enabled('NetworkManager.service'),
        '/etc/NetworkManager/system-connections/x': { content: '[connection]\ntype=wireguard\n', ...rights },
      },
    ]),
    ...(
      [
        ['its group may write', { mode: 0o775 }],
        ['others may write', { mode: 0o757 }],
        ['is set-uid', { mode: 0o4755 }],
        ['is not root’s', { mode: 0o755, uid: 1000 }],
        ['its owner may not execute', { mode: 0o655 }],
      ] as const
    ).map(([name, rights]): [string, System, Files] => [
      `a dispatcher’s script that ${name}`,
      'systemd',
      {
        ...enabled('NetworkManager.service'),
        '/etc/NetworkManager/dispatcher.d/10-vpn': { content: '#!/bin/sh\nopenvpn x\n', ...rights },
      },
    ]),
    ['netplan without its generator', 'systemd', netplanTunnel],
    [
      'netplan for a networkd that is masked',
      'systemd',
      {
        ...netplanTunnel,
        '/usr/lib/systemd/system-generators/netplan': executable('x'),
        '/etc/systemd/system/systemd-networkd.service': link('/dev/null'),
      },
    ],
    [
      'netplan for a NetworkManager that is not enabled',
      'systemd',
      {
        '/usr/lib/systemd/system-generators/netplan': executable('x'),
        '/usr/lib/systemd/system/systemd-networkd.service': '[Unit]\n',
        '/etc/netplan/a.yaml':
          'network:\n  renderer: NetworkManager\n  tunnels:\n    wg0: {mode: wireguard}\n',
      },
    ],
    [
      'files that netplan does not read',
      'systemd',
      {
        '/usr/lib/systemd/system-generators/netplan': executable('x'),
        '/usr/lib/systemd/system/systemd-networkd.service': '[Unit]\n',
        '/etc/netplan/a.yml': 'network:\n  tunnels:\n    wg0: {mode: wireguard}\n',
        '/etc/netplan/b.yaml': 'network:\n  tunnels: [\n',
        '/lib/netplan/c.yaml': 'network:\n  tunnels:\n    wg0: {mode: wireguard}\n',
        '/etc/netplan/c.yaml': 'network: {version: 2}\n',
        '/etc/netplan/d.yaml': 'network:\n  dummy-devices:\n    tunnels: {addresses: [192.0.2.1/32]}\n',
      },
    ],
  ];
  for (const [name, system, files] of none) {
    it(`finds none: ${name}`, async () => {
      assert.deepEqual((await find(imageOf(system, files), system)).map(shown), []);
    });
  }

  async function after(system: System, files: Files, path: GuestPath): Promise<string | undefined> {
    return (await disableAll(imageOf(system, files), system)).readText(path);
  }

  it('tells what the boot starts from what it starts later', async () => {
    const timer = (setting: string): Files => ({
      '/etc/systemd/system/office.service': unit('/usr/bin/wg-quick up wg0'),
      '/etc/systemd/system/office.timer': `[Timer]\n${setting}\n`,
      '/etc/systemd/system/timers.target.wants/office.timer': link('../office.timer'),
    });
    const cases: [string, boolean][] = [
      ['OnStartupSec=1min', false],
      ['OnCalendar=daily', true],
      ['OnCalendar=daily\nOnBootSec=5min', false],
    ];
    for (const [setting, isLater] of cases) {
      const [vpn] = await find(imageOf('systemd', timer(setting)), 'systemd');
      assert.equal(vpn?.isLater, isLater, setting);
    }
    const [vpn] = await find(
      imageOf('systemd', {
        ...enabled('nordvpnd.socket'),
        '/lib/systemd/system/nordvpnd.socket': '[Socket]\nListenStream=/run/x\n',
        '/lib/systemd/system/nordvpnd.service': unit('/usr/sbin/nordvpnd'),
      }),
      'systemd',
    );
    assert.equal(vpn?.how, 'nordvpnd.socket starts nordvpnd.service, at the first connection');
    assert.equal(vpn.isLater, true);
  });

  it('leaves a service alone that does other things as well', async () => {
    const files: Files = {
      '/etc/systemd/system/office.service': unit('/opt/office/start'),
      [`${wants}/office.service`]: link('/etc/systemd/system/office.service'),
      '/opt/office/start': executable('#!/bin/sh\nwg-quick up wg0\nexec /opt/office/server\n'),
    };
    const image = imageOf('systemd', files);
    const [vpn] = await find(image, 'systemd');
    assert.equal(vpn?.how, 'office.service is enabled and runs /opt/office/start, which runs it');
    assert.deepEqual(await vpn.disable(image), []);
  });

  it('keeps the rest of the files that it takes a VPN out of', async () => {
    const files: Files = {
      '/usr/lib/systemd/system-generators/netplan': executable('x'),
      '/usr/lib/systemd/system/systemd-networkd.service': '[Unit]\n',
      '/etc/netplan/a.yaml':
        'network:\n  version: 2\n  tunnels:\n    # mine\n    wg0:\n      mode: wireguard\n  ethernets:\n    eth0: {dhcp4: true}\n',
      '/etc/netplan/b.yaml': 'network: {version: 2, tunnels: {wg1: {mode: wireguard}}}\n',
      '/etc/systemd/system/multi-user.target.d/vpn.conf':
        '[Unit]\n# mine\nWants=vpnc@a.service other.service\n',
      '/usr/lib/systemd/system/vpnc@.service': unit('/usr/sbin/vpnc /etc/vpnc/%i.conf'),
      '/etc/vpnc/a.conf': '',
    };
    const image = await disableAll(imageOf('systemd', files), 'systemd');
    const off = '# off at boot in the golden image: ';
    assert.equal(
      await image.readText('/etc/netplan/a.yaml'),
      `network:\n  version: 2\n${off}  tunnels:\n${off}    # mine\n${off}    wg0:\n${off}      mode: wireguard\n  ethernets:\n    eth0: {dhcp4: true}\n`,
    );
    assert.doesNotMatch((await image.readText('/etc/netplan/b.yaml')) ?? '', /wg1/);
    assert.equal(
      await image.readText('/etc/systemd/system/multi-user.target.d/vpn.conf'),
      '[Unit]\n# mine\nWants=other.service\n',
    );
  });

  it('sets only AUTOSTART, and leaves the service that others may need', async () => {
    const text = '# kept\nOPTARGS="--x"\nAUTOSTART="all" # why\nOMIT_SENDSIGS=0\n';
    const files = { ...debianUnit, '/etc/default/openvpn': text, '/etc/openvpn/a.conf': '' };
    const image = await disableAll(imageOf('systemd', files), 'systemd');
    assert.equal(await image.readText('/etc/default/openvpn'), text.replace('"all"', '"none"'));
    assert.ok(await image.lstat(`${wants}/openvpn.service`));
  });

  it('turns one of several off without the others', async () => {
    const files = {
      ...debianUnit,
      '/etc/openvpn/a.conf': '',
      '/etc/openvpn/b.conf': '',
      '/etc/openvpn/c.conf': '',
    };
    const image = imageOf('systemd', files);
    const [first] = await find(image, 'systemd');
    const changed = await overlay(image, (await first?.disable(image)) ?? []);
    assert.deepEqual(
      (await find(changed, 'systemd')).map(({ name }) => name),
      ['b', 'c'],
    );
    assert.equal(await changed.readText('/etc/default/openvpn'), 'AUTOSTART="b c"\n');
  });

  it('counts the connections that IPsec starts by itself', async () => {
    const files = {
      ...enabled('ipsec.service'),
      '/etc/ipsec.conf': 'config setup\nconn a\n\tauto=start\nconn b\n  auto = add\n',
      '/etc/swanctl/conf.d/x.conf': 'start_action = trap\n',
    };
    const [vpn] = await find(imageOf('systemd', files), 'systemd');
    assert.equal(vpn?.how, 'ipsec.service is enabled and starts 2 connections by itself');
  });

  describe('passes over a service that its package starts without any connection', () => {
    const ipsecConf = '# nothing yet\nconfig setup\n\nconn %default\n\nconn  %default # all\n';
    const n2nScript: Files = {
      '/etc/init.d/n2n': { content: '[ -z "$N2N_EDGE_CONFIG_DONE" ] && exit 0\n', mode: 0o755 },
      '/etc/rc2.d/S16n2n': link('../init.d/n2n'),
    };
    const l2tp = enabled('xl2tpd.service');
    const cases: readonly [name: string, system: System, idle: Files, configured: readonly Files[]][] = [
      [
        "strongSwan's starter",
        'systemd',
        {
          ...enabled('strongswan-starter.service'),
          '/etc/ipsec.conf': `${ipsecConf}include /var/lib/strongswan/ipsec.conf.inc\nconn answers\n  auto=add\n`,
        },
        [
          { '/etc/ipsec.conf': `${ipsecConf}conn work\n  auto=start\n` },
          { '/var/lib/strongswan/ipsec.conf.inc': 'conn work\n  auto=route\n' },
          { '/etc/ipsec.conf': 'conn base\n  auto=start\nconn work\n  also=base\n' },
          { '/etc/ipsec.conf': `${ipsecConf}include /srv/vpn/*.conf\n` },
        ],
      ],
      [
        'Libreswan',
        'systemd',
        {
          ...enabled('ipsec.service'),
          '/etc/ipsec.conf': 'config setup\n\ninclude /etc/ipsec.d/*.conf\n',
          '/etc/ipsec.d/README': 'conn x\n',
        },
        [{ '/etc/ipsec.d/work.conf': 'conn work\n\tauto=start\n' }],
      ],
      [
        "strongSwan's charon-systemd",
        'systemd',
        {
          ...enabled('strongswan.service'),
          '/etc/swanctl/swanctl.conf': '# connections {\n# }\ninclude conf.d/*.conf\n',
        },
        [
          {
            '/etc/swanctl/conf.d/work.conf':
              'connections {\n  work {\n    children { a { start_action = trap } }\n  }\n}\n',
          },
          { '/etc/swanctl/swanctl.conf': 'include "/srv/work.conf"\n' },
        ],
      ],
      [
        'n2n',
        'sysv',
        { ...n2nScript, '/etc/default/n2n': '#N2N_EDGE_CONFIG_DONE="yes"\nN2N_KEY="k"\n' },
        [{ '/etc/default/n2n': 'N2N_EDGE_CONFIG_DONE="yes"\n' }],
      ],
      [
        'xl2tpd',
        'systemd',
        { ...l2tp, '/etc/xl2tpd/xl2tpd.conf': '[global]\nport = 1701\n; [lns default]\n' },
        [
          { '/etc/xl2tpd/xl2tpd.conf': '[ lac work ]\nautodial = yes\n' },
          { '/etc/xl2tpd/xl2tpd.conf': '[LNS default]\n' },
          { '/etc/default/xl2tpd': 'DAEMON_OPTS="-c /srv/l2tp.conf"\n' },
        ],
      ],
    ];
    for (const [name, system, idle, configured] of cases) {
      it(name, async () => {
        assert.deepEqual(await find(imageOf(system, idle), system), []);
        for (const files of configured)
          assert.equal(
            (await find(imageOf(system, { ...idle, ...files }), system)).length,
            1,
            JSON.stringify(files),
          );
      });
    }
  });

  it('keeps the rest of a key file, and copies a vendor file readable by root alone', async () => {
    const text = '# mine\n[connection]\nid=x\ntype=wireguard\n\n[wireguard]\nprivate-key=k\n';
    const files = {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/system-connections/x.nmconnection': { content: text, mode: 0o600 },
      '/usr/lib/NetworkManager/system-connections/v.nmconnection': secret(text),
    };
    const image = await disableAll(imageOf('systemd', files), 'systemd');
    const expected = text.replace('[connection]\n', '[connection]\nautoconnect=false\n');
    for (const name of ['x', 'v']) {
      const path: GuestPath = `/etc/NetworkManager/system-connections/${name}.nmconnection`;
      assert.equal(await image.readText(path), expected);
      assert.equal((await image.stat(path))?.mode, 0o600);
    }
  });

  it('leaves the other secondaries', async () => {
    const files = {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/system-connections/vpn': secret('[connection]\nuuid=u1\ntype=vpn\n'),
      '/etc/NetworkManager/system-connections/eth': secret(
        '[connection]\nsecondaries=u9;u1;\ntype=ethernet\n',
      ),
    };
    const text = await after('systemd', files, '/etc/NetworkManager/system-connections/eth');
    assert.equal(text, '[connection]\nsecondaries=u9;\ntype=ethernet\n');
  });

  it('puts a netdev away with its mode, and hides what the vendor has under its name', async () => {
    const content = '[NetDev]\nName=wg7\nKind=wireguard\n';
    const files = {
      ...enabled('systemd-networkd.service'),
      '/etc/systemd/network/a.netdev': { content, mode: 0o640, gid: 998 },
      '/etc/systemd/network/b.netdev': content,
      '/usr/lib/systemd/network/b.netdev': content,
    };
    const image = await disableAll(imageOf('systemd', files), 'systemd');
    assert.equal(await image.readText('/etc/systemd/network/a.netdev.off'), content);
    assert.deepEqual(
      { ...(await image.stat('/etc/systemd/network/a.netdev.off')) },
      { type: 'file', mode: 0o640, uid: 0, gid: 998, size: content.length },
    );
    assert.equal(await image.lstat('/etc/systemd/network/a.netdev'), undefined);
    assert.equal(await image.readLink('/etc/systemd/network/b.netdev'), '/dev/null');
  });

  it('keeps a script that a shell still reads', async () => {
    const text = '#!/bin/sh\nif true; then\n  openvpn \\\n    x\nfi\necho done\n';
    const edited = await after('sysv', { '/etc/rc.local': executable(text) }, '/etc/rc.local');
    assert.equal(
      edited,
      '#!/bin/sh\nif true; then\n: # off at boot in the golden image:   openvpn \\\n# off at boot in the golden image:     x\nfi\necho done\n',
    );
  });

  it('takes a command out of a line that is shared', async () => {
    const text = 'if true; then openvpn x; fi\nsleep 5 && vpnc y &\necho $(openconnect z) `vpnc w`\n';
    const edited = await after('sysv', { '/etc/rc.local': executable(text) }, '/etc/rc.local');
    assert.equal(edited, 'if true; then :; fi\nsleep 5 && : &\necho $(:) :\n');
  });

  it('refuses to leave the text of a here-document behind as commands', async () => {
    const image = memoryImage({ '/etc/rc.local': executable('openvpn --config - <<EOF\nreboot\nEOF\n') });
    await assert.rejects(disableAll(image, 'sysv'), /\/etc\/rc\.local cannot be edited/);
  });

  it('refuses to guess which files only a shell could name', async () => {
    const image = memoryImage({ '/etc/network/interfaces': 'source $(ls)\n' });
    await assert.rejects(find(image, 'sysv'), /line 1, includes files that only a shell could name/);
  });

  it('turns a pattern of tunnels off, but none that brings other interfaces up as well', async () => {
    const stanzas = 'iface tun0 inet manual\niface tun1 inet manual\niface eth0 inet dhcp\n';
    const image = memoryImage({ '/etc/network/interfaces': `auto /tun*\n${stanzas}` });
    assert.deepEqual((await find(image, 'sysv')).map(shown), [
      'ifupdown /tun* /etc/network/interfaces:1 tunnel',
    ]);
    assert.deepEqual(await find(await disableAll(image, 'sysv'), 'sysv'), []);
    const all = memoryImage({ '/etc/network/interfaces': `auto /*\n${stanzas}` });
    await assert.rejects(disableAll(all, 'sysv'), /cannot be edited/);
  });

  it('ends where interfaces take in themselves', async () => {
    const image = memoryImage({
      '/etc/network/interfaces': 'source /etc/network/interfaces\nsource-directory /etc/network\nauto tun0\n',
    });
    assert.equal((await find(image, 'sysv')).length, 1);
  });

  it('declares every file that it reads', async () => {
    for (const [, system, files] of cases) {
      const inputs = [...facts[system].inputs, ...initModules[system].inputs];
      await assertDeclared(inputs, imageOf(system, files), (watched) => find(watched, system));
    }
  });

  it('does nothing when the VPN went away in the meantime', async () => {
    const empty = memoryImage({});
    for (const [, system, files] of cases) {
      for (const vpn of await find(imageOf(system, files), system)) {
        assert.deepEqual(await vpn.disable(empty), [], vpn.how);
      }
    }
  });
});
