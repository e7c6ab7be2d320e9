import type { Fact } from '../../images/guest/fact.js';
import { initModules } from '../../images/guest/init/init-modules.js';
import type { Services } from '../../images/guest/init/service.js';
import type { MemoryNode } from '../../images/image/memory.js';

export type Files = Record<string, MemoryNode>;
export type System = 'systemd' | 'sysv';

export const link = (target: string): MemoryNode => ({ link: target });
/** A file that only root may read, as NetworkManager wants it. */
export const secret = (content: string): MemoryNode => ({ content, mode: 0o600 });
export const executable = (content: string): MemoryNode => ({ content, mode: 0o755 });

const target = (...lines: string[]): string => `[Unit]\n${lines.map((line) => `${line}\n`).join('')}`;

/** What every boot of systemd reaches. */
const bootable: Files = {
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
  '/bin/true': executable('x'),
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
        [`/lib/systemd/system/${template}`, '[Service]\nType=oneshot\nExecStart=/bin/true\n'],
        [`/etc/systemd/system/multi-user.target.wants/${id}`, link(`/lib/systemd/system/${template}`)],
      ];
    }),
  );

/** A unit that runs a command, and that nothing enables. */
export const unit = (command: string): string =>
  `[Service]\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`;

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
      '/lib/systemd/system/tinc@.service': unit('/usr/sbin/tincd -n %i'),
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
      '/etc/NetworkManager/system-connections/wg.nmconnection': secret(
        '[connection]\nid=wg-office\ntype=wireguard\n\n[wireguard]\nprivate-key=SECRET\n',
      ),
      '/etc/NetworkManager/system-connections/tap': secret(
        '[connection]\ntype=tun\nautoconnect=true\n[tun]\nmode=2\n',
      ),
      '/etc/NetworkManager/system-connections/.hidden': secret('[connection]\ntype=tun\n'),
      '/etc/NetworkManager/system-connections/off': secret('[connection]\ntype=tun\nautoconnect=false\n'),
      '/usr/lib/NetworkManager/system-connections/v.nmconnection': secret(
        '[connection]\nid=vendor\ntype=ip-tunnel\n',
      ),
    },
    [
      'network-manager tap /etc/NetworkManager/system-connections/tap:3',
      'network-manager vendor /usr/lib/NetworkManager/system-connections/v.nmconnection:3',
      'wireguard wg-office /etc/NetworkManager/system-connections/wg.nmconnection:3 tunnel',
    ],
  ],
  [
    'NetworkManager secondaries',
    'systemd',
    {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/system-connections/vpn': secret(
        '[connection]\nid=office\nuuid=u1\ntype=vpn\nautoconnect=true\n',
      ),
      '/etc/NetworkManager/system-connections/alone': secret(
        '[connection]\nid=alone\nuuid=u2\ntype=vpn\nautoconnect=true\n',
      ),
      '/etc/NetworkManager/system-connections/eth': secret(
        '[connection]\ntype=ethernet\nsecondaries=u1;u9;\n',
      ),
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
  [
    'a product by its unit, and by its program under another name',
    'systemd',
    {
      ...enabled('netbird.service', 'openvpn3-session@office.service'),
      '/usr/lib/systemd/system/mesh.service': unit('/usr/bin/netbird service run'),
      [`${wants}/mesh.service`]: link('/usr/lib/systemd/system/mesh.service'),
      '/usr/bin/netbird': executable('\x7fELF\0'),
    },
    [
      `netbird mesh ${wants}/mesh.service tunnel`,
      `netbird netbird ${wants}/netbird.service tunnel`,
      `openvpn3 office ${wants}/openvpn3-session@office.service tunnel`,
    ],
  ],
  [
    'Tailscale in user space, which makes no device',
    'systemd',
    {
      '/usr/lib/systemd/system/tailscaled.service': unit('/usr/sbin/tailscaled --tun=userspace-networking'),
      [`${wants}/tailscaled.service`]: link('/usr/lib/systemd/system/tailscaled.service'),
    },
    [`tailscale tailscaled ${wants}/tailscaled.service`],
  ],
  [
    'a unit that runs a script of the image',
    'systemd',
    {
      '/etc/systemd/system/office.service': unit('/usr/bin/env A=b /usr/local/sbin/office start'),
      [`${wants}/office.service`]: link('/etc/systemd/system/office.service'),
      '/usr/local/sbin/office': executable(
        '#!/bin/sh\nVPN=wg-quick\ncase "$1" in\n  start) exec $VPN up wg0 ;;\nesac\n',
      ),
    },
    [`wireguard office ${wants}/office.service tunnel`],
  ],
  [
    'a timer',
    'systemd',
    {
      '/etc/systemd/system/office.service': unit('/usr/bin/wg-quick up wg0'),
      '/etc/systemd/system/later.timer': '[Timer]\nOnBootSec=1min\nUnit=office.service\n',
      '/etc/systemd/system/timers.target.wants/later.timer': link('../later.timer'),
    },
    ['wireguard office /etc/systemd/system/timers.target.wants/later.timer tunnel'],
  ],
  [
    "a vendor's path unit that the vendor enables",
    'systemd',
    {
      '/usr/lib/systemd/system/openfortivpn@.service': unit('/usr/bin/openfortivpn -c /etc/x.conf'),
      '/usr/lib/systemd/system/office.path': '[Path]\nPathExists=/etc/x\nUnit=openfortivpn@x.service\n',
      '/usr/lib/systemd/system/office.service': unit('/usr/sbin/openvpn x'),
      '/usr/lib/systemd/system/two.path': '[Path]\nPathExists=/etc/y\nUnit=office.service\n',
      '/usr/lib/systemd/system/paths.target.wants/two.path': link('../two.path'),
    },
    ['openvpn office /usr/lib/systemd/system/paths.target.wants/two.path tunnel'],
  ],
  [
    'a setting of a drop-in that wants it',
    'systemd',
    {
      '/usr/lib/systemd/system/wg-quick@.service': unit('/usr/bin/wg-quick up %i'),
      '/etc/wireguard/wg0.conf': '',
      '/etc/systemd/system/multi-user.target.d/vpn.conf':
        '[Unit]\nWants=wg-quick@wg0.service other.service\n',
    },
    ['wireguard wg0 /etc/systemd/system/multi-user.target.d/vpn.conf:2 tunnel'],
  ],
  [
    'a setting of a vendor that wants it',
    'systemd',
    {
      '/usr/lib/systemd/system/wg-quick@.service': unit('/usr/bin/wg-quick up %i'),
      '/etc/wireguard/wg0.conf': '',
      '/usr/lib/systemd/system/multi-user.target.d/vpn.conf': '[Unit]\nWants=wg-quick@wg0.service\n',
    },
    ['wireguard wg0 /usr/lib/systemd/system/multi-user.target.d/vpn.conf:2 tunnel'],
  ],
  [
    'a command beside that of another service',
    'systemd',
    {
      '/usr/lib/systemd/system/web.service': unit('/usr/sbin/web'),
      [`${wants}/web.service`]: link('/usr/lib/systemd/system/web.service'),
      '/etc/systemd/system/web.service.d/vpn.conf':
        '[Service]\nExecStartPost=-/bin/sh -c \\\n  "sleep 5; wg-quick up wg0"\nNice=5\n',
    },
    ['wireguard web /etc/systemd/system/web.service.d/vpn.conf:2 tunnel'],
  ],
  [
    "NetworkManager's dispatcher",
    'systemd',
    {
      ...enabled('NetworkManager.service'),
      '/etc/NetworkManager/dispatcher.d/10-vpn': executable(
        '#!/bin/bash\nif [[ $2 == up ]]; then\n  openvpn --config x --daemon\nelif [ "$2" = down ]; then\n  vpnc y\nfi\n',
      ),
      '/etc/NetworkManager/dispatcher.d/20-off': '#!/bin/sh\nopenvpn x\n',
      '/etc/NetworkManager/dispatcher.d/pre-up.d/early': executable(
        '#!/bin/sh\nip tuntap add dev t mode tun\n',
      ),
      '/etc/NetworkManager/dispatcher.d/pre-down.d/late': executable('#!/bin/sh\nopenvpn x\n'),
    },
    [
      'openvpn openvpn /etc/NetworkManager/dispatcher.d/10-vpn:3 tunnel',
      'tun tun /etc/NetworkManager/dispatcher.d/pre-up.d/early:2 tunnel',
    ],
  ],
  [
    'hooks of ifupdown, networkd-dispatcher and dhclient',
    'systemd',
    {
      ...enabled('networking.service', 'networkd-dispatcher.service'),
      '/etc/network/if-up.d/vpn': executable('#!/bin/sh\n[ "$IFACE" = lo ] && exit 0\nwg-quick up wg0\n'),
      '/etc/network/if-up.d/vpn.sh': executable('#!/bin/sh\nvpnc not-run\n'),
      '/etc/network/if-up.d/openvpn': executable(
        '#!/bin/sh\nif [ -n "$IF_OPENVPN" ]; then systemctl start openvpn@x; fi\n',
      ),
      '/etc/networkd-dispatcher/routable.d/50-vpn': executable(
        '#!/bin/sh\nsystemctl start openvpn-client@x\n',
      ),
      '/etc/networkd-dispatcher/off.d/50-vpn': executable('#!/bin/sh\nvpnc not-run\n'),
      '/etc/dhcp/dhclient-exit-hooks.d/vpn': 'openconnect host\n',
    },
    [
      'openconnect openconnect /etc/dhcp/dhclient-exit-hooks.d/vpn:1 tunnel',
      'openvpn openvpn /etc/networkd-dispatcher/routable.d/50-vpn:2 tunnel',
      'wireguard wireguard /etc/network/if-up.d/vpn:3 tunnel',
    ],
  ],
  [
    'netplan, by systemd-networkd and NetworkManager',
    'systemd',
    {
      ...enabled('NetworkManager.service'),
      '/usr/lib/systemd/system/systemd-networkd.service': '[Unit]\n',
      '/usr/lib/systemd/system-generators/netplan': executable('\x7fELF'),
      '/etc/netplan/50-eth.yaml': 'network:\n  version: 2\n  ethernets:\n    eth0: {dhcp4: true}\n',
      '/etc/netplan/60-vpn.yaml':
        '# kept\nnetwork:\n  tunnels:\n    wg0:\n      mode: wireguard\n      key: SECRET\n    he-ipv6:\n      mode: sit\n      remote: 192.0.2.1\n    later:\n      mode: wireguard\n      activation-mode: manual\n',
      '/etc/netplan/90-NM-1.yaml':
        'network:\n  version: 2\n  nm-devices:\n    NM-1:\n      renderer: NetworkManager\n      networkmanager:\n        uuid: u\n        passthrough:\n          connection.type: "wireguard"\n          wireguard.private-key: "SECRET"\n    NM-2:\n      networkmanager:\n        passthrough:\n          connection.type: "tun"\n          connection.autoconnect: "false"\n    NM-3:\n      networkmanager:\n        passthrough:\n          connection.type: "802-3-ethernet"\n',
    },
    [
      'netplan he-ipv6 /etc/netplan/60-vpn.yaml:7',
      'wireguard NM-1 /etc/netplan/90-NM-1.yaml:4 tunnel',
      'wireguard wg0 /etc/netplan/60-vpn.yaml:4 tunnel',
    ],
  ],
  [
    'inittab and an init script of another name',
    'sysv',
    {
      '/usr/sbin/openvpn': executable('\x7fELF\0'),
      ...script(
        'office',
        '#!/bin/sh\nD=/usr/sbin/openvpn\ncase "$1" in start) start-stop-daemon --start --exec $D -- x ;; esac\n',
      ),
      '/etc/inittab':
        'id:2:initdefault:\nvp:2345:respawn:/usr/sbin/openvpn --config /x\nvq:06:wait:vpnc x\n#vr:2:once:vpnc y\n',
    },
    ['openvpn office /etc/rc2.d/S16office tunnel', 'openvpn openvpn /etc/inittab:2 tunnel'],
  ],
];
