import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { networkLeftovers } from '../images/guest/cloud-init/leftovers.js';
import { type Finding, defineCheck } from './lib/check.js';
import { article, troubleshooting } from './lib/references.js';

export const networkLeftoversCheck = defineCheck({
  meta: {
    id: 'network-leftovers',
    title: 'nothing is left that competes with what cloud-init sets up',
    failureTitle: 'addresses of another server are left',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    messages: {
      address:
        '{{by}} gives {{device}} an address or a route here, besides those that cloud-init sets up for the new server',
      dhcp: '{{by}} asks a DHCP server for an address of {{device}} here, besides those that cloud-init sets up; where none answers, the boot waits for it',
    },
    docs: {
      why: 'cloud-init writes its configuration into a file of its own and leaves the others as they are. ifup applies every stanza that an interface has, in whichever file it is, and netplan merges its files. What nova-agent or an installer wrote for the server that the image was taken from (stanzas in /etc/network/interfaces, /etc/netplan/rackspace-cloud.yaml) then counts as well: every new server has the address of the old one besides its own, two default routes or, where the second is refused, an interface that fails to come up.',
      remedy:
        'Take the stanzas of network cards out of /etc/network/interfaces (the loopback interface and the `source` line stay), and the files other than 50-cloud-init.yaml out of /etc/netplan. Hallmark does so once no nova-agent starts that would write them again.',
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
      const severity = gives === 'dhcp' ? ({ severity: 'warning' } as const) : {};
      yield { message: gives, data: { device, by }, evidence, ...severity };
    }
  },
});
