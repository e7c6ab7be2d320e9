import { type GuestName, agentUnit } from '../guests.js';
import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

const service = ['network-service', 'network-owner', 'cloud-init-network', 'agent-runnable'];
const leftovers = ['network-leftovers', 'network-service', 'cloud-init-network'];

const unlink = (root: Root, unit: string): Root => {
  for (const target of ['multi-user.target', 'network-online.target', 'dbus-org.freedesktop.network1']) {
    const path = `/etc/systemd/system/${target}.wants/${unit}`;
    if (root.has(path) || isLink(root, path)) root.take(path);
  }
  return root;
};

function isLink(root: Root, path: string): boolean {
  try {
    root.run('readlink', path);
    return true;
  } catch {
    return false;
  }
}

/** With what the unit names in Also=: a socket, and the unit that waits for the network, would start it all the same. */
const disable = (root: Root, unit: string): Root => {
  root.run('systemctl', 'disable', unit);
  return root;
};

/** Without NetworkManager, cloud-init writes for systemd-networkd (cloudinit/net/network_manager.py, available()). */
const named = (unit: string): RegExp =>
  unit === 'NetworkManager.service'
    ? /NetworkManager|systemd-networkd/
    : new RegExp(unit.replace(/\.service$/, ''));

const off = (
  id: string,
  on: Draft['on'],
  unit: string,
  disabled: (root: Root, unit: string) => Root = disable,
): readonly Draft[] => [
  {
    id: `${id}-disabled`,
    on,
    what: `${unit} is disabled: nothing configures the network after a reboot`,
    put: (root) => disabled(root, unit),
    is: 'broken',
    speaks: service,
    says: named(unit),
  },
  {
    id: `${id}-masked`,
    on: typeof on === 'string' ? on : (on[0] as GuestName),
    what: `${unit} is masked`,
    put: (root) => root.mask(unit),
    is: 'broken',
    speaks: service,
    says: named(unit),
  },
];

const stanza = (device: string, address: string): string =>
  `auto ${device}\niface ${device} inet static\n  address ${address}\n  netmask 255.255.255.0\n`;
const keyfile = (id: string, device: string, extra = ''): string =>
  `[connection]\nid=${id}\nuuid=6f3a1c1e-3a3c-4d0e-9f7e-1f2e3d4c5b6a\ntype=ethernet\ninterface-name=${device}\n${extra}[ipv4]\nmethod=manual\naddress1=198.51.100.10/24,198.51.100.1\n`;
const nm = '/etc/NetworkManager/system-connections';
const netFile = (match: string): string =>
  `[Match]\nName=${match}\n[Network]\nAddress=198.51.100.10/24\nGateway=198.51.100.1\n`;
const planFile = (device: string): string =>
  `network:\n  version: 2\n  ethernets:\n    ${device}:\n      addresses: [198.51.100.10/24]\n`;

export const network = rowsOf('network', [
  ...off('networking', ['debian11', 'debian12', 'debian13', 'debian12-both'], 'networking.service', unlink),
  ...off('networking-cloud-init', ['debian12-ci', 'debian13-ci'], 'networking.service', unlink),
  ...off('networkd', 'debian12-ci-networkd', 'systemd-networkd.service'),
  {
    id: 'networkd-left-to-netplan',
    on: 'debian12-ci-netplan',
    what: 'systemd-networkd.service is disabled, and netplan starts it',
    put: (root) => disable(root, 'systemd-networkd.service'),
    is: 'works',
    guards: service,
  },
  {
    id: 'networkd-masked',
    on: 'debian12-ci-netplan',
    what: 'systemd-networkd.service is masked, so that netplan cannot start it',
    put: (root) => root.mask('systemd-networkd.service'),
    is: 'broken',
    speaks: service,
    says: /systemd-networkd/,
  },
  ...off('network-manager', 'debian12-ci-nm', 'NetworkManager.service'),
  {
    id: 'networkd-waited-for',
    on: ['debian12-ci-networkd', 'debian12-ci-netplan'],
    what: 'nothing wants systemd-networkd.service, and network-online.target wants the unit that requires it',
    put: (root) => unlink(root, 'systemd-networkd.service'),
    is: 'works',
    guards: service,
  },
  {
    id: 'network-manager-waited-for',
    on: 'debian12-ci-nm',
    what: 'nothing wants NetworkManager.service, and a unit requires it: cloud-init asks systemctl is-enabled',
    put: (root) => unlink(root, 'NetworkManager.service'),
    is: 'broken',
    speaks: service,
    says: /systemd-networkd/,
  },
  {
    id: 'networking-prepared',
    on: ['debian12', 'debian13'],
    what: 'networking.service is disabled, and prepare is run',
    put: (root) => unlink(root, 'networking.service'),
    prepared: true,
    is: 'works',
  },
  {
    id: 'networkd-not-needed',
    on: ['debian12', 'debian12-ci'],
    what: 'systemd-networkd.service is masked, and ifupdown configures the network',
    put: (root) => root.mask('systemd-networkd.service'),
    is: 'works',
    guards: service,
  },
  {
    id: 'networking-sysv',
    on: 'debian12-sysv',
    what: 'the script networking is in no runlevel',
    put: (root) => root.run('update-rc.d', 'networking', 'remove'),
    is: 'broken',
    speaks: service,
    says: /networking/,
  },
  {
    id: 'interfaces-left',
    on: ['debian12-ci', 'debian13-ci'],
    what: 'interfaces.d has the address of the source server for eth0',
    put: (root) => root.put('/etc/network/interfaces.d/eth0', stanza('eth0', '198.51.100.10')),
    is: 'broken',
    speaks: leftovers,
    says: /interfaces\.d\/eth0/,
  },
  {
    id: 'interfaces-left-agent',
    on: ['debian12', 'debian13'],
    what: 'interfaces has the address of the source server, and the agent writes it anew',
    put: (root) => root.append('/etc/network/interfaces', stanza('eth0', '198.51.100.10')),
    is: 'works',
    guards: leftovers,
    may: leftovers,
  },
  {
    id: 'interfaces-of-another',
    on: 'debian12-ci',
    what: 'interfaces.d has an address for dummy0, which no cloud configures',
    put: (root) =>
      root.put(
        '/etc/network/interfaces.d/dummy0',
        'iface dummy0 inet static\n  address 198.51.100.10\n  netmask 255.255.255.0\n',
      ),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'interfaces-put-aside',
    on: 'debian12-ci',
    what: 'interfaces.d has a file that ifupdown does not read, by its name',
    put: (root) =>
      root
        .put('/etc/network/interfaces.d/eth0.dpkg-old~', stanza('eth0', '198.51.100.10'))
        .edit(
          '/etc/network/interfaces',
          'source /etc/network/interfaces.d/*',
          'source-directory /etc/network/interfaces.d',
        ),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'interfaces-not-sourced',
    on: ['debian12-ci', 'debian13-ci'],
    what: 'interfaces does not read interfaces.d, where cloud-init writes',
    put: (root) => root.put('/etc/network/interfaces', 'auto lo\niface lo inet loopback\n'),
    is: 'broken',
    speaks: ['cloud-init-network', ...leftovers],
    says: /interfaces/,
  },
  {
    id: 'keyfile-left',
    on: 'debian12-ci-nm',
    what: "a profile of NetworkManager has the source server's address for eth0",
    put: (root) =>
      root.put(`${nm}/eth0.nmconnection`, keyfile('eth0', 'eth0', 'autoconnect-priority=10\n'), 0o600),
    is: 'broken',
    speaks: leftovers,
    says: /eth0\.nmconnection/,
  },
  {
    id: 'keyfile-of-another',
    on: 'debian12-ci-nm',
    what: 'a profile of NetworkManager has an address for eth9, which is not there',
    put: (root) => root.put(`${nm}/eth9.nmconnection`, keyfile('eth9', 'eth9'), 0o600),
    is: 'works',
    guards: leftovers,
    may: leftovers,
  },
  {
    id: 'keyfile-manual',
    on: 'debian12-ci-nm',
    what: 'a profile of NetworkManager for eth0 is brought up by hand only',
    put: (root) => root.put(`${nm}/eth0.nmconnection`, keyfile('eth0', 'eth0', 'autoconnect=false\n'), 0o600),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'keyfile-unused',
    on: 'debian12-ci',
    what: 'a profile of NetworkManager is left, which is not installed',
    put: (root) => root.put(`${nm}/eth0.nmconnection`, keyfile('eth0', 'eth0'), 0o600),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'networkd-left',
    on: 'debian12-ci-networkd',
    what: "00-static.network has the source server's address, and is the first that matches",
    put: (root) => root.put('/etc/systemd/network/00-static.network', netFile('en* eth*')),
    is: 'broken',
    speaks: leftovers,
    says: /00-static\.network/,
  },
  {
    id: 'networkd-later',
    on: 'debian12-ci-networkd',
    what: "90-static.network has the source server's address, and comes after that of cloud-init",
    put: (root) => root.put('/etc/systemd/network/90-static.network', netFile('en* eth*')),
    is: 'works',
    guards: leftovers,
    may: leftovers,
  },
  {
    id: 'networkd-bridge',
    on: 'debian12-ci-networkd',
    what: '00-docker.network has an address for docker0',
    put: (root) => root.put('/etc/systemd/network/00-docker.network', netFile('docker0')),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'networkd-unused',
    on: ['debian12', 'debian12-ci'],
    what: 'a .network of the source server is left, and networkd is off',
    put: (root) => root.put('/etc/systemd/network/00-static.network', netFile('eth0')),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'netplan-left',
    on: 'debian12-ci-netplan',
    what: "a file of netplan has the source server's address for eth0",
    put: (root) => root.put('/etc/netplan/60-static.yaml', planFile('eth0'), 0o600),
    is: 'broken',
    speaks: leftovers,
    says: /60-static\.yaml/,
  },
  {
    id: 'netplan-of-another',
    on: 'debian12-ci-netplan',
    what: 'a file of netplan has an address for eth9, which is not there',
    put: (root) => root.put('/etc/netplan/60-static.yaml', planFile('eth9'), 0o600),
    is: 'works',
    guards: leftovers,
    may: leftovers,
  },
  {
    id: 'netplan-put-aside',
    on: 'debian12-ci-netplan',
    what: 'a file of netplan does not end in .yaml',
    put: (root) => root.put('/etc/netplan/60-static.yaml.bak', planFile('eth0'), 0o600),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'persistent-names',
    on: ['debian12', 'debian12-ci'],
    what: '70-persistent-net.rules names the hardware address of the source server eth0',
    put: (root) =>
      root.put(
        '/etc/udev/rules.d/70-persistent-net.rules',
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="bc:76:4e:00:11:22", ATTR{type}=="1", KERNEL=="eth*", NAME="eth0"\n',
      ),
    is: 'works',
    by: {
      manual:
        'udev(7): the rule is for another address; since systemd 197 nothing writes a further one for the new server',
    },
    guards: leftovers,
    may: leftovers,
  },
  {
    id: 'persistent-names-empty',
    on: ['debian12', 'debian12-ci'],
    what: '70-persistent-net.rules is empty',
    put: (root) => root.put('/etc/udev/rules.d/70-persistent-net.rules', ''),
    is: 'works',
    guards: leftovers,
  },
  {
    id: 'both-configure',
    on: ['debian12-both', 'debian13-both'],
    what: 'agent and cloud-init both configure the network',
    put: (root) => root.take('/etc/cloud/cloud.cfg.d/99-agent.cfg'),
    is: 'broken',
    by: {
      source:
        'cloud-init, stages.py: apply_network_config renders the fallback (DHCP) at each first boot, beside what the agent writes',
    },
    speaks: 'network-owner',
  },
  {
    id: 'both-configure-agent-off',
    on: 'debian12-ci',
    what: 'cloud-init configures the network, and no agent is there',
    is: 'works',
    guards: 'network-owner',
  },
  {
    id: 'both-left-to-agent',
    on: 'debian13-both',
    what: 'the network is left to the agent by another file',
    put: (root) =>
      root
        .take('/etc/cloud/cloud.cfg.d/99-agent.cfg')
        .put(
          '/etc/cloud/cloud.cfg.d/zz-network.cfg',
          'network:\n  config: disabled\npreserve_hostname: true\n',
        ),
    is: 'works',
    guards: 'network-owner',
  },
  {
    id: 'agent-before-networking',
    on: 'debian12',
    what: 'the agent is ordered after networking.service',
    put: (root) => root.dropIn(agentUnit, '[Unit]', 'After=networking.service'),
    is: 'works',
    guards: service,
  },
]);
