import type { Fact } from '../../images/guest/fact.js';
import { initModules } from '../../images/guest/init/init-modules.js';
import type { Services } from '../../images/guest/init/service.js';
import type { MemoryNode } from '../../images/image/memory.js';

export type Files = Record<string, MemoryNode>;
export type System = 'systemd' | 'sysv';

export const link = (target: string): MemoryNode => ({ link: target });
export const executable = (content: string): MemoryNode => ({ content, mode: 0o755 });

const target = (...lines: string[]): string => `[Unit]\n${lines.map((line) => `${line}\n`).join('')}`;

/** What every boot of systemd reaches. */
export const bootable: Files = {
  '/usr/lib/systemd/system/default.target': link('multi-user.target'),
  '/usr/lib/systemd/system/multi-user.target': target('Requires=basic.target', 'After=basic.target'),
  '/usr/lib/systemd/system/basic.target': target(
    'Requires=sysinit.target',
    'Wants=timers.target paths.target sockets.target',
  ),
  '/usr/lib/systemd/system/sysinit.target': target(),
  '/usr/lib/systemd/system/timers.target': target(),
  '/usr/lib/systemd/system/paths.target': target(),
  '/usr/lib/systemd/system/sockets.target': target(),
};

/** A guest's files with those that its init system needs. */
export const guestOf = (system: System, files: Files): Files =>
  system === 'systemd' ? { ...bootable, ...files } : files;

/** The services as the init system's own module has them. */
export const realServices = (system: System): Fact<Services> => ({
  name: 'services',
  inputs: initModules[system].inputs,
  gather: (image) => initModules[system].services(image),
});

/** A unit that multi-user.target wants. */
export const enabled = (...ids: string[]): Files =>
  Object.fromEntries(
    ids.flatMap((id) => {
      const template = id.replace(/@.*\.service$/, '@.service');
      return [
        [`/lib/systemd/system/${template}`, '[Unit]\n'],
        [`/etc/systemd/system/multi-user.target.wants/${id}`, link(`/lib/systemd/system/${template}`)],
      ];
    }),
  );

const script = (name: string, text = '#!/bin/sh\n'): Files => ({
  [`/etc/init.d/${name}`]: executable(text),
  [`/etc/rc2.d/S16${name}`]: link(`../init.d/${name}`),
});

export const generator: Files = {
  '/lib/systemd/system-generators/openvpn-generator': executable('#!/bin/sh\n'),
};
export const debianUnit: Files = { ...enabled('openvpn.service'), ...generator };
export const debianScript = script('openvpn', '#!/bin/sh\nAUTOSTART="all"\n');
export const wants = '/etc/systemd/system/multi-user.target.wants';

/** Guests with VPNs that start at boot: a name, the init system, the files, and every VPN as one line. */
export const cases: [string, System, Files, string[]][] = [
  [
    "OpenVPN by Debian's generator, AUTOSTART unset",
    'systemd',
    {
      ...debianUnit,
      '/etc/default/openvpn': '#AUTOSTART="none"\nOPTARGS=""\n',
      '/etc/openvpn/a.conf': 'dev tun\n',
      '/etc/openvpn/b.conf': 'dev tap0\n',
    },
    [`openvpn a ${wants}/openvpn.service tunnel`, `openvpn b ${wants}/openvpn.service`],
  ],
  [
    'OpenVPN without /etc/default/openvpn',
    'systemd',
    { ...debianUnit, '/etc/openvpn/a.conf': 'dev-type tap\ndev vpn0\n' },
    [`openvpn a ${wants}/openvpn.service`],
  ],
  [
    'OpenVPN with AUTOSTART="all"',
    'systemd',
    { ...debianUnit, '/etc/default/openvpn': '# x\nAUTOSTART="all"\n', '/etc/openvpn/a.conf': '' },
    ['openvpn a /etc/default/openvpn:2 tunnel'],
  ],
  [
    'OpenVPN with an empty AUTOSTART, by the generator',
    'systemd',
    { ...debianUnit, '/etc/default/openvpn': 'AUTOSTART=\n', '/etc/openvpn/a.conf': '' },
    ['openvpn a /etc/default/openvpn:1 tunnel'],
  ],
  [
    'OpenVPN with names',
    'systemd',
    {
      ...debianUnit,
      '/etc/default/openvpn': "AUTOSTART='home missing'\n",
      '/etc/openvpn/home.conf': '',
      '/etc/openvpn/other.conf': '',
    },
    ['openvpn home /etc/default/openvpn:1 tunnel'],
  ],
  [
    'OpenVPN with a value that only a shell works out',
    'systemd',
    { ...debianUnit, '/etc/default/openvpn': 'AUTOSTART="$WHICH"\n', '/etc/openvpn/a.conf': '' },
    ['openvpn a /etc/default/openvpn:1 tunnel'],
  ],
  [
    'OpenVPN instances',
    'systemd',
    {
      ...enabled('openvpn@x.service', 'openvpn-client@c.service', 'openvpn-server@s.service'),
      '/etc/openvpn/x.conf': '',
      '/etc/openvpn/client/c.conf': '',
      '/etc/openvpn/server/s.conf': 'port 1\n  dev tap\n',
    },
    [
      `openvpn c ${wants}/openvpn-client@c.service tunnel`,
      `openvpn s ${wants}/openvpn-server@s.service`,
      `openvpn x ${wants}/openvpn@x.service tunnel`,
    ],
  ],
  [
    'an instance that an enabled service wants, by a link of the vendor',
    'systemd',
    {
      ...debianUnit,
      ...enabled('openvpn@q.service'),
      '/lib/systemd/system/openvpn.service.wants/openvpn@v.service': link('../openvpn@.service'),
      '/etc/openvpn/q.conf': '',
      '/etc/openvpn/v.conf': '',
      '/etc/default/openvpn': 'AUTOSTART=none\n',
    },
    [
      `openvpn q ${wants}/openvpn@q.service tunnel`,
      'openvpn v /lib/systemd/system/openvpn.service.wants/openvpn@v.service tunnel',
    ],
  ],
  [
    "OpenVPN by Debian's script",
    'sysv',
    { ...debianScript, '/etc/openvpn/a.conf': 'dev tun\n' },
    ['openvpn a /etc/rc2.d/S16openvpn tunnel'],
  ],
  [
    "OpenVPN by Red Hat's script",
    'sysv',
    { ...script('openvpn'), '/etc/openvpn/a.conf': '', '/etc/openvpn/b.conf': '' },
    ['openvpn a /etc/rc2.d/S16openvpn tunnel', 'openvpn b /etc/rc2.d/S16openvpn tunnel'],
  ],
  [
    'WireGuard',
    'systemd',
    { ...enabled('wg-quick@wg0.service'), '/etc/wireguard/wg0.conf': '' },
    [`wireguard wg0 ${wants}/wg-quick@wg0.service tunnel`],
  ],
  [
    'strongSwan',
    'systemd',
    {
      ...enabled('strongswan-starter.service'),
      '/etc/ipsec.conf': 'conn %default\n  auto=start\nconn work\n',
    },
    [`strongswan strongswan-starter ${wants}/strongswan-starter.service`],
  ],
  [
    'Libreswan',
    'systemd',
    { ...enabled('ipsec.service'), '/etc/ipsec.d/work.conf': 'conn work\n\tauto=ondemand\n' },
    [`ipsec ipsec ${wants}/ipsec.service`],
  ],
  ['racoon', 'sysv', script('racoon'), ['racoon racoon /etc/rc2.d/S16racoon']],
  ...(
    [
      ['vpnc', 'vpnc@work.service', 'vpnc work', true],
      ['openconnect', 'openconnect@work.service', 'openconnect work', true],
      ['ocserv', 'ocserv.service', 'ocserv ocserv', true],
      ['SoftEther', 'softether-vpnserver.service', 'softether softether-vpnserver', false],
      ['n2n', 'edge@x.service', 'n2n x', false],
      ['Nebula', 'nebula@mesh.service', 'nebula mesh', true],
      ['ZeroTier', 'zerotier-one.service', 'zerotier zerotier-one', false],
      ['Tailscale', 'tailscaled.service', 'tailscale tailscaled', true],
      ['Hamachi', 'logmein-hamachi.service', 'hamachi logmein-hamachi', false],
      ['AnyConnect', 'vpnagentd.service', 'anyconnect vpnagentd', true],
      ['GlobalProtect', 'gpd.service', 'globalprotect gpd', true],
      ['FortiClient', 'forticlient.service', 'forticlient forticlient', true],
      ['PPTP', 'pptpd.service', 'pptp pptpd', true],
      ['accel-ppp', 'accel-ppp.service', 'accel-ppp accel-ppp', true],
    ] as [string, string, string, boolean][]
  ).map(([name, id, expected, tunnel]): [string, System, Files, string[]] => [
    name,
    'systemd',
    {
      ...enabled(id),
      '/etc/vpnc/work.conf': '',
      '/etc/n2n/edge-x.conf': '',
      '/etc/nebula/mesh.yml': '',
    },
    [`${expected} ${wants}/${id}${tunnel ? ' tunnel' : ''}`],
  ]),
  ['L2TP', 'sysv', script('xl2tpd'), ['l2tp xl2tpd /etc/rc2.d/S16xl2tpd tunnel']],
  ['n2n by its script', 'sysv', script('n2n'), ['n2n n2n /etc/rc2.d/S16n2n']],
  [
    'tinc by instances',
    'systemd',
    {
      ...enabled('tinc.service'),
      '/lib/systemd/system/tinc@.service': '[Unit]\n',
      '/etc/systemd/system/tinc.service.wants/tinc@mesh.service': link('/lib/systemd/system/tinc@.service'),
      '/etc/tinc/mesh/tinc.conf': 'Name = x\n',
    },
    ['tinc mesh /etc/systemd/system/tinc.service.wants/tinc@mesh.service tunnel'],
  ],
  [
    'tinc by nets.boot',
    'sysv',
    {
      ...script('tinc'),
      '/etc/tinc/nets.boot': '# nets\nmesh -d 3\n\nlan\n',
      '/etc/tinc/lan/tinc.conf': 'Name = x\nMode = switch\n',
    },
    ['tinc lan /etc/tinc/nets.boot:4', 'tinc mesh /etc/tinc/nets.boot:2 tunnel'],
  ],
  [
    'NetworkManager tunnels',
    'systemd',
    {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/system-connections/wg.nmconnection':
        '[connection]\nid=wg-office\ntype=wireguard\n\n[wireguard]\nprivate-key=SECRET\n',
      '/etc/NetworkManager/system-connections/tap':
        '[connection]\ntype=tun\nautoconnect=true\n[tun]\nmode=2\n',
      '/etc/NetworkManager/system-connections/.hidden': '[connection]\ntype=tun\n',
      '/etc/NetworkManager/system-connections/off': '[connection]\ntype=tun\nautoconnect=false\n',
      '/usr/lib/NetworkManager/system-connections/v.nmconnection':
        '[connection]\nid=vendor\ntype=ip-tunnel\n',
    },
    [
      'network-manager tap /etc/NetworkManager/system-connections/tap:3',
      'network-manager vendor /usr/lib/NetworkManager/system-connections/v.nmconnection:3 tunnel',
      'wireguard wg-office /etc/NetworkManager/system-connections/wg.nmconnection:3 tunnel',
    ],
  ],
  [
    'NetworkManager secondaries',
    'systemd',
    {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/system-connections/vpn':
        '[connection]\nid=office\nuuid=u1\ntype=vpn\nautoconnect=true\n',
      '/etc/NetworkManager/system-connections/alone':
        '[connection]\nid=alone\nuuid=u2\ntype=vpn\nautoconnect=true\n',
      '/etc/NetworkManager/system-connections/eth': '[connection]\ntype=ethernet\nsecondaries=u1;u9;\n',
    },
    ['network-manager office /etc/NetworkManager/system-connections/eth:3 tunnel'],
  ],
  [
    'networkd',
    'systemd',
    {
      ...enabled('systemd-networkd.service'),
      '/etc/systemd/network/10-wg.netdev': {
        content: '[NetDev]\nName=wg7\nKind=wireguard\n[WireGuard]\nPrivateKey=SECRET\n',
        mode: 0o640,
      },
      '/etc/systemd/network/20-br.netdev': '[NetDev]\nName=br0\nKind=bridge\n',
      '/etc/systemd/network/40-off.netdev': link('/dev/null'),
      '/usr/lib/systemd/network/30-tap.netdev': '[NetDev]\nName=tap7\nKind=tap\n',
      '/usr/lib/systemd/network/40-off.netdev': '[NetDev]\nName=t\nKind=tun\n',
      '/usr/lib/systemd/network/10-wg.netdev': '[NetDev]\nName=v\nKind=tun\n',
    },
    [
      'networkd tap7 /usr/lib/systemd/network/30-tap.netdev:3',
      'wireguard wg7 /etc/systemd/network/10-wg.netdev:3 tunnel',
    ],
  ],
  [
    'ifupdown',
    'sysv',
    {
      '/etc/network/interfaces':
        'auto lo tun0\niface tun0 inet static\n  address 10.0.0.1\nauto dsl\niface dsl inet ppp\n  provider dsl-provider\n\nallow-hotplug eth0\niface eth0 inet dhcp\n  openvpn client1\n  up ip route add default via 10.0.0.1\n  post-up /usr/bin/wg-quick up wg0\niface tun9 inet manual\nsource interfaces.d/*\n',
      '/etc/network/interfaces.d/tap': 'allow-hotplug tap3\niface tap3 inet manual\n',
    },
    [
      'ifupdown tap3 /etc/network/interfaces.d/tap:1',
      'ifupdown tun0 /etc/network/interfaces:1 tunnel',
      'openvpn client1 /etc/network/interfaces:10 tunnel',
      'ppp dsl /etc/network/interfaces:4 tunnel',
      'wireguard eth0 /etc/network/interfaces:12 tunnel',
    ],
  ],
  [
    'ifcfg',
    'sysv',
    {
      '/etc/sysconfig/network-scripts/ifcfg-tun0': 'DEVICE=tun0\nONBOOT=yes\n',
      '/etc/sysconfig/network-scripts/ifcfg-office': 'DEVICE=o\nTYPE=Tap\n',
      '/etc/sysconfig/network-scripts/ifcfg-tun1': 'DEVICE=tun1\nONBOOT="no"\n',
      '/etc/sysconfig/network-scripts/ifcfg-tun2.bak': 'DEVICE=tun2\n',
      '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\nONBOOT=yes\n',
      '/etc/sysconfig/network/ifcfg-tun5': "STARTMODE='auto'\nTUNNEL='tun'\n",
      '/etc/sysconfig/network/ifcfg-tun6': "STARTMODE='manual'\nTUNNEL='tun'\n",
    },
    [
      'ifcfg o /etc/sysconfig/network-scripts/ifcfg-office:2',
      'ifcfg tun0 /etc/sysconfig/network-scripts/ifcfg-tun0:2 tunnel',
      'ifcfg tun5 /etc/sysconfig/network/ifcfg-tun5:1 tunnel',
    ],
  ],
  [
    'ppp_on_boot',
    'sysv',
    { '/etc/ppp/ppp_on_boot': executable('#!/bin/sh\npppd\n') },
    ['ppp ppp_on_boot /etc/ppp/ppp_on_boot tunnel'],
  ],
  [
    'rc.local',
    'sysv',
    {
      '/etc/rc.local': executable(
        '#!/bin/sh -e\n# openvpn\nif [ -e /run/x ]; then\n  /usr/sbin/openvpn --config \\\n    /root/x.conf --auth SECRET\nfi\necho openvpn\npkill openvpn\nip tuntap add dev tun3 mode tun\nservice ipsec start\nexit 0\nvpnc late\n',
      ),
    },
    [
      'ipsec ipsec /etc/rc.local:10',
      'openvpn openvpn /etc/rc.local:4 tunnel',
      'tun tun /etc/rc.local:9 tunnel',
    ],
  ],
  [
    'cron @reboot',
    'sysv',
    {
      '/etc/crontab': '0 * * * * root openvpn x\n@reboot root sleep 5 && openconnect --passwd SECRET host\n',
      '/var/spool/cron/crontabs/root': '# @reboot vpnc\n@reboot nohup vpnc office\n',
      '/etc/cron.d/x': '@reboot root /bin/true\n',
    },
    ['openconnect openconnect /etc/crontab:2 tunnel', 'vpnc vpnc /var/spool/cron/crontabs/root:2 tunnel'],
  ],
];
