import { mark } from '../boot/agent-server.js';
import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';
import { sh } from '../../support/real-roots.js';

const on = 'debian13-vpns';
const speaks = 'vpn-autostart';

/** Stands in for a VPN's program: whether it is run is what the row is about. */
const standIn = (root: Root, path: string): Root => root.script(path, `touch ${mark}`, 'exec sleep infinity');
const shortStandIn = (root: Root, path: string): Root => root.script(path, `touch ${mark}`);

/** Puts a stand-in where the package has its program. */
const inPlaceOf = (root: Root, path: string): Root => standIn(root.take(path), path);

const enable = (root: Root, ...units: readonly string[]): Root => {
  sh('systemctl', `--root=${root.path}`, '--quiet', 'enable', ...units);
  return root;
};

const openvpnConfig =
  'dev tun0\nifconfig 10.8.0.1 10.8.0.2\nremote 192.0.2.1\nproto udp\ncipher AES-256-CBC\n';

const tunnel = (id: string, what: string, put: (root: Root) => unknown): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'tunnel',
  speaks,
});

const quiet = (id: string, what: string, put: (root: Root) => unknown): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'quiet',
  guards: speaks,
});

/** A daemon by the unit of its vendor. */
const daemon = (unit: string, program: string) => (root: Root) =>
  standIn(root, program)
    .put(
      `/usr/lib/systemd/system/${unit}`,
      `[Unit]\nAfter=network.target\n[Service]\nExecStart=${program}\n[Install]\nWantedBy=multi-user.target\n`,
    )
    .want(unit, 'multi-user.target', `/usr/lib/systemd/system/${unit}`);

const script = (root: Root, ...lines: readonly string[]): Root =>
  root
    .script('/usr/local/sbin/vpn-up', ...lines)
    .unit(
      'vpn-up.service',
      '[Service]',
      'Type=oneshot',
      'ExecStart=/usr/local/sbin/vpn-up',
      '[Install]',
      'WantedBy=multi-user.target',
    );

const wgQuick = '/usr/bin/wg-quick';
const wireguard =
  '[Interface]\nAddress = 10.9.0.2/24\nPrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';

export const vpn = rowsOf('vpn', [
  tunnel('openvpn', 'a connection of openvpn, which starts all of them', (root) =>
    root.put('/etc/openvpn/office.conf', openvpnConfig),
  ),
  tunnel('openvpn-instance', 'an instance of openvpn-client is enabled', (root) =>
    enable(root.put('/etc/openvpn/client/office.conf', openvpnConfig), 'openvpn-client@office.service'),
  ),
  quiet('openvpn-none', 'AUTOSTART of openvpn is none', (root) =>
    root.put('/etc/openvpn/office.conf', openvpnConfig).put('/etc/default/openvpn', 'AUTOSTART="none"\n'),
  ),
  quiet('openvpn-generator-masked', "openvpn's generator is masked", (root) =>
    root
      .put('/etc/openvpn/office.conf', openvpnConfig)
      .link('/etc/systemd/system-generators/openvpn-generator', '/dev/null'),
  ),
  quiet('openvpn-masked', 'openvpn.service is masked', (root) =>
    root
      .put('/etc/openvpn/office.conf', openvpnConfig)
      .mask('openvpn.service')
      .take('/etc/systemd/system/multi-user.target.wants/openvpn.service'),
  ),
  quiet(
    'openvpn-no-configuration',
    'an instance of openvpn-client is enabled, and has no configuration',
    (root) => enable(root, 'openvpn-client@office.service'),
  ),
  quiet('openvpn-installed', 'openvpn is installed, without a connection', () => undefined),
  tunnel('wg-quick', 'wg-quick@wg0 is enabled', (root) =>
    enable(
      shortStandIn(root.take(wgQuick), wgQuick).put('/etc/wireguard/wg0.conf', wireguard),
      'wg-quick@wg0.service',
    ),
  ),
  quiet('wg-quick-disabled', 'wg0 is configured, and nothing brings it up', (root) =>
    root.put('/etc/wireguard/wg0.conf', wireguard),
  ),
  tunnel('tinc', 'tinc@mesh is enabled', (root) =>
    enable(
      inPlaceOf(root, '/usr/sbin/tincd').put('/etc/tinc/mesh/tinc.conf', 'Name = a\n'),
      'tinc@mesh.service',
    ),
  ),
  tunnel('nebula', 'nebula@mesh is enabled', (root) =>
    enable(
      inPlaceOf(root, '/usr/bin/nebula').put('/etc/nebula/mesh.yml', 'pki: {}\n'),
      'nebula@mesh.service',
    ),
  ),
  tunnel('tailscale', 'tailscaled is enabled', daemon('tailscaled.service', '/usr/sbin/tailscaled')),
  tunnel('warp', 'warp-svc is enabled', daemon('warp-svc.service', '/usr/bin/warp-svc')),
  tunnel('netbird', 'netbird is enabled', daemon('netbird.service', '/usr/bin/netbird')),
  tunnel('zerotier', 'zerotier-one is enabled', daemon('zerotier-one.service', '/usr/sbin/zerotier-one')),
  tunnel('twingate', 'twingate is enabled', daemon('twingate.service', '/usr/sbin/twingated')),
  tunnel('mullvad', 'mullvad-daemon is enabled', daemon('mullvad-daemon.service', '/usr/bin/mullvad-daemon')),
  tunnel('nordvpn', 'nordvpnd is enabled', daemon('nordvpnd.service', '/usr/sbin/nordvpnd')),
  quiet('warp-disabled', 'warp-svc is installed, and nothing wants it', (root) =>
    daemon(
      'warp-svc.service',
      '/usr/bin/warp-svc',
    )(root).take('/etc/systemd/system/multi-user.target.wants/warp-svc.service'),
  ),
  quiet('tailscale-condition', 'tailscaled is enabled, and its condition does not hold', (root) =>
    daemon(
      'tailscaled.service',
      '/usr/sbin/tailscaled',
    )(root).dropIn('tailscaled.service', '[Unit]', 'ConditionPathExists=/srv/absent'),
  ),
  tunnel('script', 'a unit runs a script, which runs wg-quick', (root) =>
    script(shortStandIn(root.take(wgQuick), wgQuick), 'wg-quick up wg0').want('vpn-up.service'),
  ),
  tunnel('script-variable', 'a unit runs a script, which runs wg-quick by a variable', (root) =>
    script(shortStandIn(root.take(wgQuick), wgQuick), 'WG=/usr/bin/wg-quick', '"$WG" up wg0').want(
      'vpn-up.service',
    ),
  ),
  tunnel('script-shell', 'a unit has a shell run openvpn', (root) =>
    inPlaceOf(root, '/usr/sbin/openvpn')
      .unit(
        'vpn-up.service',
        '[Service]',
        'ExecStart=/bin/sh -c "exec /usr/sbin/openvpn --config /etc/office.conf"',
        '[Install]',
        'WantedBy=multi-user.target',
      )
      .want('vpn-up.service'),
  ),
  quiet('script-after-exit', 'a unit runs a script, which ends before it runs wg-quick', (root) =>
    script(shortStandIn(root.take(wgQuick), wgQuick), 'exit 0', 'wg-quick up wg0').want('vpn-up.service'),
  ),
  quiet('script-comment', 'a unit runs a script, which has wg-quick in a comment', (root) =>
    script(shortStandIn(root.take(wgQuick), wgQuick), '# wg-quick up wg0', 'true').want('vpn-up.service'),
  ),
  quiet('script-disabled', 'a unit that nothing wants runs a script, which runs wg-quick', (root) =>
    script(shortStandIn(root.take(wgQuick), wgQuick), 'wg-quick up wg0'),
  ),
  tunnel('timer', 'a timer starts a unit that runs wg-quick', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick)
      .unit('vpn-up.service', '[Service]', 'Type=oneshot', 'ExecStart=/usr/bin/wg-quick up wg0')
      .unit('vpn-up.timer', '[Timer]', 'OnBootSec=1s', '[Install]', 'WantedBy=timers.target')
      .want('vpn-up.timer', 'timers.target'),
  ),
  quiet('timer-disabled', 'a timer that nothing wants starts a unit that runs wg-quick', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick)
      .unit('vpn-up.service', '[Service]', 'Type=oneshot', 'ExecStart=/usr/bin/wg-quick up wg0')
      .unit('vpn-up.timer', '[Timer]', 'OnBootSec=1s', '[Install]', 'WantedBy=timers.target'),
  ),
  tunnel('wanted-by-drop-in', 'a drop-in of multi-user.target wants wg-quick@wg0', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick)
      .put('/etc/wireguard/wg0.conf', wireguard)
      .dropIn('multi-user.target', '[Unit]', 'Wants=wg-quick@wg0.service'),
  ),
  tunnel('post-of-another', 'ExecStartPost= of another service runs wg-quick', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick).dropIn(
      'networking.service',
      '[Service]',
      'ExecStartPost=/usr/bin/wg-quick up wg0',
    ),
  ),
  tunnel('rc-local', 'rc.local runs openvpn', (root) =>
    inPlaceOf(root, '/usr/sbin/openvpn').script(
      '/etc/rc.local',
      'openvpn --daemon --config /etc/office.conf &',
      'exit 0',
    ),
  ),
  quiet('rc-local-not-executable', 'rc.local would run openvpn, and may not be executed', (root) =>
    inPlaceOf(root, '/usr/sbin/openvpn')
      .script('/etc/rc.local', 'openvpn --daemon --config /etc/office.conf &', 'exit 0')
      .mode('/etc/rc.local', 0o644),
  ),
  tunnel('interfaces-hook', 'interfaces has the loopback run wg-quick', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick).put(
      '/etc/network/interfaces',
      'auto lo\niface lo inet loopback\n  post-up wg-quick up wg0\n',
    ),
  ),
  tunnel('if-up', 'a hook of if-up.d runs wg-quick', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick).script('/etc/network/if-up.d/vpn', 'wg-quick up wg0'),
  ),
  quiet('if-up-not-executable', 'a hook of if-up.d would run wg-quick, and may not be executed', (root) =>
    shortStandIn(root.take(wgQuick), wgQuick)
      .script('/etc/network/if-up.d/vpn', 'wg-quick up wg0')
      .mode('/etc/network/if-up.d/vpn', 0o644),
  ),
  tunnel('interfaces-tun', 'interfaces.d has an automatic interface that ip makes', (root) =>
    root.put(
      '/etc/network/interfaces',
      'auto lo tun7\niface lo inet loopback\niface tun7 inet static\n  address 10.7.7.1/24\n  pre-up ip tuntap add dev tun7 mode tun\n',
    ),
  ),
  quiet('interfaces-tun-by-hand', 'interfaces has an interface for a tunnel that is not automatic', (root) =>
    root.put(
      '/etc/network/interfaces',
      'auto lo\niface lo inet loopback\niface tun7 inet static\n  address 10.7.7.1/24\n  pre-up ip tuntap add dev tun7 mode tun\n',
    ),
  ),
  tunnel('netdev', 'networkd makes a tun device', (root) =>
    enable(
      root.put('/etc/systemd/network/50-tun.netdev', '[NetDev]\nName=tun5\nKind=tun\n'),
      'systemd-networkd.service',
    ),
  ),
  quiet('netdev-unused', 'a .netdev would make a tun device, and networkd is off', (root) =>
    root.put('/etc/systemd/network/50-tun.netdev', '[NetDev]\nName=tun5\nKind=tun\n'),
  ),
  quiet('netdev-bridge', 'networkd makes a bridge', (root) =>
    enable(
      root.put('/etc/systemd/network/50-br.netdev', '[NetDev]\nName=br5\nKind=bridge\n'),
      'systemd-networkd.service',
    ),
  ),
  tunnel('network-manager', 'a profile of NetworkManager makes a tun device', (root) =>
    root.put(
      '/etc/NetworkManager/system-connections/tun3.nmconnection',
      '[connection]\nid=tun3\nuuid=7c1f3b1e-2a3b-4c5d-8e9f-0a1b2c3d4e5f\ntype=tun\ninterface-name=tun3\n[tun]\nmode=1\n[ipv4]\nmethod=manual\naddress1=10.3.3.1/24\n[ipv6]\nmethod=disabled\n',
      0o600,
    ),
  ),
  quiet(
    'network-manager-by-hand',
    'a profile of NetworkManager would make a tun device, by hand only',
    (root) =>
      root.put(
        '/etc/NetworkManager/system-connections/tun3.nmconnection',
        '[connection]\nid=tun3\nuuid=7c1f3b1e-2a3b-4c5d-8e9f-0a1b2c3d4e5f\ntype=tun\nautoconnect=false\ninterface-name=tun3\n[tun]\nmode=1\n[ipv4]\nmethod=manual\naddress1=10.3.3.1/24\n[ipv6]\nmethod=disabled\n',
        0o600,
      ),
  ),
  {
    id: 'netplan',
    on: 'debian12-netplan',
    what: 'netplan has networkd make a tunnel',
    put: (root) =>
      root.put(
        '/etc/netplan/60-tunnel.yaml',
        'network:\n  version: 2\n  tunnels:\n    sit0x:\n      mode: sit\n      local: 203.0.113.124\n      remote: 192.0.2.9\n      addresses: ["2001:db8::1/64"]\n',
        0o600,
      ),
    is: 'tunnel',
    by: { source: 'netplan, networkd.c: a tunnel becomes a .netdev, which networkd makes at boot' },
    speaks,
  },
  {
    id: 'netplan-wireguard',
    on: 'debian12-netplan',
    what: 'netplan has networkd make wg0',
    put: (root) =>
      root.put(
        '/etc/netplan/60-wg.yaml',
        `network:\n  version: 2\n  tunnels:\n    wg0:\n      mode: wireguard\n      addresses: [10.9.0.2/24]\n      key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n`,
        0o600,
      ),
    is: 'tunnel',
    by: { source: 'netplan, networkd.c: a tunnel becomes a .netdev, which networkd makes at boot' },
    speaks,
  },
  {
    id: 'prepared',
    on,
    what: 'openvpn, wg-quick and a script of rc.local, and prepare is run',
    put: (root) => {
      enable(
        shortStandIn(root.take(wgQuick), wgQuick)
          .put('/etc/openvpn/office.conf', openvpnConfig)
          .put('/etc/wireguard/wg0.conf', wireguard),
        'wg-quick@wg0.service',
      );
      root.script('/etc/rc.local', 'wg-quick up wg1', 'exit 0');
    },
    prepared: true,
    is: 'quiet',
  },
  {
    id: 'prepared-timer',
    on,
    what: 'a timer starts a unit that runs wg-quick, and prepare is run',
    put: (root) =>
      shortStandIn(root.take(wgQuick), wgQuick)
        .unit('vpn-up.service', '[Service]', 'Type=oneshot', 'ExecStart=/usr/bin/wg-quick up wg0')
        .unit('vpn-up.timer', '[Timer]', 'OnBootSec=1s', '[Install]', 'WantedBy=timers.target')
        .want('vpn-up.timer', 'timers.target'),
    prepared: true,
    is: 'quiet',
  },
]);
