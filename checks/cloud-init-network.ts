import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type CloudInitNetwork, cloudInitNetwork, interfaces } from '../images/guest/cloud-init/network.js';
import { os } from '../images/guest/os.js';
import { type Finding, defineCheck } from './lib/check.js';

export const cloudInitNetworkCheck = defineCheck({
  meta: {
    id: 'cloud-init-network',
    title: 'cloud-init can bring up the network',
    failureTitle: 'cloud-init cannot bring up the network',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    messages: {
      'no-renderer':
        'cloud-init finds nothing in this image that it could configure the network for: it looks for {{order}}, and takes the first that is complete',
      'not-started':
        'cloud-init configures the network for {{renderer}}, and nothing brings that up at boot: {{starters}}',
      'no-route':
        'cloud-init’s configuration for ifupdown makes its routes with route(8), and there is no such program: the server would have no default route',
      'not-taken-in': 'cloud-init writes {{file}}, and no `source` line has ifup read it',
    },
    docs: {
      why: 'cloud-init does not set addresses itself. It writes configuration for what it finds in the image (ifupdown, the network scripts, netplan, NetworkManager or systemd-networkd, in this order unless its own configuration has another), and counts on that being started by the boot. When it finds none, when that is not enabled, or when what it writes is not read, the first boot goes well and the server has no network. For ifupdown it makes routes with `route`, which no dependency of cloud-init’s brings; the error is passed over, and only the default route is missing.',
      remedy:
        'Install what cloud-init is to configure: on Debian `apt-get install ifupdown net-tools` (Hallmark does with `--target cloud-init`), on Red Hat’s systems NetworkManager. Enable its service: networking, systemd-networkd or NetworkManager. Put `source /etc/network/interfaces.d/*` into /etc/network/interfaces, where nova-agent may have written the file without it.',
      references: [
        { title: 'cloud-init documentation', where: 'Network configuration: Network output policy' },
        { title: 'interfaces(5)', where: 'INCLUDING OTHER FILES' },
      ],
    },
  },
  needs: { cloudInit, cloudInitNetwork, os },
  appliesTo: ({ cloudInit, cloudInitNetwork, os }) => {
    if (!cloudInit.installed) return 'cloud-init is not installed';
    return cloudInitNetwork.known || `how cloud-init configures the network of ${os.name} is not known`;
  },
  *run({ cloudInitNetwork: network }): Iterable<Finding> {
    const { renderer, order, orderFrom, starters, started, lacksRoute, notTakenIn } = network;
    if (!renderer) {
      const evidence = orderFrom ? { evidence: orderFrom } : {};
      yield { message: 'no-renderer', data: { order: order.join(', ') }, ...evidence };
      return;
    }
    if (!started) {
      const isThere = network.starter === undefined ? 'is not there' : 'is not enabled';
      const words = `${network.starter ?? starters.join(' or ')} ${isThere}`;
      yield { message: 'not-started', data: { renderer: inWords[renderer], starters: words } };
    }
    if (lacksRoute) yield { message: 'no-route' };
    if (notTakenIn !== undefined)
      yield { message: 'not-taken-in', data: { file: notTakenIn }, evidence: { path: interfaces } };
  },
});

const inWords: Readonly<Record<NonNullable<CloudInitNetwork['renderer']>, string>> = {
  eni: 'ifupdown',
  sysconfig: 'the network scripts',
  netplan: 'netplan',
  'network-manager': 'NetworkManager',
  networkd: 'systemd-networkd',
};
