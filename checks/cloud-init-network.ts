import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type CloudInitNetwork, cloudInitNetwork } from '../images/guest/cloud-init/network.js';
import { interfaces } from '../images/guest/network/left-ifupdown.js';
import { os } from '../images/guest/os.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { obstacleMessages } from './lib/obstacles.js';

export const cloudInitNetworkCheck = defineCheck({
  meta: {
    id: 'cloud-init-network',
    title: 'cloud-init can bring up the network',
    failureTitle: 'cloud-init cannot bring up the network',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      'no-renderer':
        'this image has no network software that cloud-init can configure: it looks for {{order}} and takes the first that is complete',
      'not-started':
        'cloud-init writes configuration for {{renderer}}, but nothing starts that at boot: {{starters}}',
      'start-refused':
        'cloud-init writes configuration for {{renderer}}, and {{service}} is enabled, but the boot does not start it: {{because}}',
      'start-undecided': obstacleMessages['start-undecided'],
      'no-route':
        'cloud-init’s configuration for ifupdown sets routes with route(8), which is not installed: the server would have no default route',
      'not-taken-in': 'cloud-init writes {{file}}, but no `source` line makes ifup read it',
    },
    docs: {
      why: 'cloud-init does not set addresses itself. It writes configuration for the network software in the image (ifupdown, the network scripts, netplan, NetworkManager or systemd-networkd, in this order unless its own configuration says otherwise), and expects the boot to start that software. If there is none, if it is not enabled, or if it does not read what cloud-init writes, the first boot reports success and the server has no network. For ifupdown, cloud-init sets routes with `route`, which no dependency of cloud-init installs. The error is ignored, and only the default route is missing.',
      remedy:
        'Install the software that cloud-init configures: on Debian `apt-get install ifupdown net-tools` (Hallmark does so with `--target cloud-init`), on Red Hat systems NetworkManager. Enable its service: networking, systemd-networkd or NetworkManager. Add `source /etc/network/interfaces.d/*` to /etc/network/interfaces; nova-agent may have written the file without it.',
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
    const { renderer, order, orderFrom, starters, started, obstacles, lacksRoute, notTakenIn } = network;
    if (!renderer) {
      yield { message: 'no-renderer', data: { order: order.join(', ') }, evidence: orderFrom };
      return;
    }
    if (!started) {
      const isThere = network.starter === undefined ? 'is not there' : 'is not enabled';
      const words = `${network.starter ?? starters.join(' or ')} ${isThere}`;
      yield { message: 'not-started', data: { renderer: inWords[renderer], starters: words } };
    }
    for (const { service, found } of obstacles) {
      for (const { certain, because, evidence } of found) {
        if (certain) {
          const data = { renderer: inWords[renderer], service, because };
          yield { message: 'start-refused', data, evidence, byHand: true };
        } else
          yield {
            message: 'start-undecided',
            severity: 'warning',
            data: { service, because },
            evidence,
            byHand: true,
          };
      }
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

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: { '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n' },
    says: [
      'cloud-init writes /etc/network/interfaces.d/50-cloud-init, but no `source` line makes ifup read it',
    ],
  },
  good: {
    files: {
      '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
    },
  },
};
