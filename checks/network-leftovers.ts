import { installedAgents } from '../images/guest/agents/agent-services.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { networkLeftovers } from '../images/guest/network/leftovers.js';
import { persistentNames } from '../images/guest/network/persistent-names.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { article, man, troubleshooting } from './lib/references.js';

export const networkLeftoversCheck = defineCheck({
  meta: {
    id: 'network-leftovers',
    title: 'no leftover configuration competes with that of the new server',
    failureTitle: 'the image contains the network configuration of another server',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      address:
        '{{by}} gives {{device}} an address or a route here, in addition to those that {{owner}} sets for the new server',
      'address-instead':
        '{{by}} gives {{device}} an address or a route here, and may take this file instead of what {{owner}} writes for the new server',
      dhcp: '{{by}} asks a DHCP server for an address of {{device}} here, in addition to those that {{owner}} sets; where no server answers, the boot waits',
      'dhcp-instead':
        '{{by}} asks a DHCP server for an address of {{device}} here, and may take this file instead of what {{owner}} writes; where no server answers, the card has no address',
      'none-instead':
        '{{by}} takes this file for {{device}} instead of what {{owner}} writes for the new server, and it gives no address',
      'another-card':
        '{{by}} configures {{device}} here, which the first network cards of a cloud server are not called: it has effect only on a server with such a card',
      doubtful: '{{by}} would configure {{device}} by this file, but {{doubt}}',
      given:
        'cloud-init takes the network configuration that stands here for every new server, and not that of the config drive',
      name: 'udev keeps the name {{name}} for a network card of another server here, so that the card of the new server gets another name',
    },
    docs: {
      why: 'cloud-init and nova-agent write their configuration into files of their own. What an installer, a person or the other agent wrote for the original server stays beside it. ifup applies every stanza of an interface, in whichever file it is, and netplan merges its files: every new server then has the address of the old one in addition to its own, and two default routes; where the second route is refused, the interface fails to come up. systemd-networkd applies only the first file by name that matches a card, and NetworkManager one profile of a card: then the new server has the address of the old one instead of its own. cloud-init itself takes what the kernel command line (`network-config=`) or a `network:` in its own configuration says before what the config drive says; the installer of Ubuntu leaves such a file, 50-curtin-networking.cfg.',
      remedy:
        'Remove the stanzas of network cards from /etc/network/interfaces (keep the loopback interface and the `source` line), and the files of others from /etc/netplan (a file of a package below /lib/netplan is hidden by an empty one of its name there). Set `autoconnect=false` in the profiles below /etc/NetworkManager/system-connections and `ONBOOT=no` in ifcfg files of the original server. Take `network:` out of /etc/cloud/cloud.cfg and the files of /etc/cloud/cloud.cfg.d, and `network-config=` off the kernel command line. Remove the .network files below /etc/systemd/network that match network cards. Hallmark does this, for cloud-init once no nova-agent starts, because an agent would write some of them again.',
      references: [
        article(troubleshooting, 'How does nova-agent affect my server?'),
        { title: 'interfaces(5)', where: 'IFACE STANZAS' },
        { title: 'netplan documentation', where: 'netplan generate: file order and merging' },
        { title: 'cloud-init documentation', where: 'Network configuration: Network configuration sources' },
        man('systemd.network(5)', 'DESCRIPTION'),
        man('nm-settings-nmcli(5)', 'connection.autoconnect-priority'),
      ],
    },
  },
  needs: { cloudInit, installedAgents, networkLeftovers, persistentNames },
  appliesTo: ({ cloudInit, installedAgents }, { target }) => {
    if (target === 'nova-agent') return installedAgents.length > 0 || 'no nova-agent is installed';
    if (!cloudInit.installed) return 'cloud-init is not installed';
    return cloudInit.network.enabled || 'cloud-init does not configure the network';
  },
  *run({ networkLeftovers, persistentNames }, { target: owner }): Iterable<Finding> {
    for (const { name, ...evidence } of persistentNames)
      yield { message: 'name', severity: 'warning', data: { name }, evidence };
    for (const { device, usual, gives, by, instead, owners, doubt, path, line } of networkLeftovers) {
      if (!owners.includes(owner)) continue;
      if (by === 'cloud-init') {
        yield { message: 'given', evidence: { path, line } };
        continue;
      }
      if (!usual) {
        yield {
          message: 'another-card',
          severity: 'warning',
          data: { device, by },
          evidence: { path, line },
        };
        continue;
      }
      if (doubt !== undefined) {
        yield {
          message: 'doubtful',
          severity: 'warning',
          data: { device, by, doubt },
          evidence: { path, line },
        };
        continue;
      }
      const severity = gives === 'dhcp' ? 'warning' : undefined;
      const message = instead ? `${gives}-instead` : gives;
      yield { message, data: { device, by, owner }, evidence: { path, line }, severity };
    }
  },
});

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: {
      '/etc/network/interfaces': [
        'auto lo',
        'iface lo inet loopback',
        'auto eth0',
        'iface eth0 inet static',
        '  address 192.0.2.5',
        '  netmask 255.255.255.0',
        'source /etc/network/interfaces.d/*',
        '',
      ].join('\n'),
    },
    says: [
      'ifupdown gives eth0 an address or a route here, in addition to those that cloud-init sets for the new server',
    ],
  },
  good: {
    files: {
      '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
    },
  },
};
