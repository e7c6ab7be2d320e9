import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { networkLeftovers } from '../images/guest/cloud-init/leftovers.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { article, troubleshooting } from './lib/references.js';

export const networkLeftoversCheck = defineCheck({
  meta: {
    id: 'network-leftovers',
    title: 'no leftover configuration competes with cloud-init',
    failureTitle: 'the image contains the network configuration of another server',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      address:
        '{{by}} gives {{device}} an address or a route here, in addition to those that cloud-init sets for the new server',
      dhcp: '{{by}} asks a DHCP server for an address of {{device}} here, in addition to those that cloud-init sets; where no server answers, the boot waits',
    },
    docs: {
      why: 'cloud-init writes its configuration into a file of its own and leaves the others alone. ifup applies every stanza of an interface, in whichever file it is, and netplan merges its files. So whatever nova-agent or an installer wrote for the original server (stanzas in /etc/network/interfaces, /etc/netplan/rackspace-cloud.yaml) also takes effect. Every new server then has the address of the old one in addition to its own, and two default routes; where the second route is refused, the interface fails to come up.',
      remedy:
        'Remove the stanzas of network cards from /etc/network/interfaces (keep the loopback interface and the `source` line), and the files other than 50-cloud-init.yaml from /etc/netplan. Hallmark does this once no nova-agent starts, because an agent would write them again.',
      references: [
        article(troubleshooting, 'How does nova-agent affect my server?'),
        { title: 'interfaces(5)', where: 'IFACE STANZAS' },
        { title: 'netplan documentation', where: 'netplan generate: file order and merging' },
      ],
    },
  },
  needs: { cloudInit, networkLeftovers },
  appliesTo: ({ cloudInit }) => {
    if (!cloudInit.installed) return 'cloud-init is not installed';
    return cloudInit.network.enabled || 'cloud-init does not configure the network';
  },
  *run({ networkLeftovers }): Iterable<Finding> {
    for (const { device, gives, by, ...evidence } of networkLeftovers) {
      const severity = gives === 'dhcp' ? 'warning' : undefined;
      yield { message: gives, data: { device, by }, evidence, severity };
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
