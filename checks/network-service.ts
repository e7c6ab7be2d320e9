import { installedAgents } from '../images/guest/agents/agent-services.js';
import { networkAtBoot } from '../images/guest/network/at-boot.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { notStarted, obstacleMessages } from './lib/obstacles.js';
import { agentArticle, article, man } from './lib/references.js';

export const networkService = defineCheck({
  meta: {
    id: 'network-service',
    title: 'the network that nova-agent sets up comes back at every boot',
    failureTitle: 'the network that nova-agent sets up is gone after a reboot',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      'not-enabled': 'nova-agent writes {{file}}, and {{what}}, which reads it at boot, is not enabled',
      masked: 'nova-agent writes {{file}}, and {{what}}, which reads it at boot, is masked',
      absent:
        'nova-agent writes {{file}}, and {{what}}, which reads it at boot, is not in the image; the network comes back only if something else reads it',
      'no-generator':
        'nova-agent writes {{file}}, and netplan’s generator, which reads it at boot, is missing or not executable',
      'not-read': 'nova-agent writes files in {{file}}, and this {{what}} has no plugin that reads them',
      'not-started': obstacleMessages['not-started'],
      'start-undecided': obstacleMessages['start-undecided'],
    },
    docs: {
      why: 'nova-agent sets the addresses of a new server by a request of the cloud (`resetnetwork`): it writes the configuration of the distribution and brings the interfaces up once. At the next boot the cloud sends no request. The service that reads the configuration must then start: networking (ifupdown), systemd-networkd by way of netplan’s generator, NetworkManager or the network script. If it is disabled or masked, the server works until its first reboot, and then has no address.',
      remedy:
        'Enable the service: `systemctl unmask networking; systemctl enable networking` on Debian, `systemctl enable network` (or `chkconfig network on`) on Red Hat systems without NetworkManager. Reinstall netplan.io if its generator is gone. Where NetworkManager no longer reads ifcfg files, install NetworkManager-initscripts-ifcfg-rh.',
      references: [
        article(agentArticle, 'When does nova-agent run?'),
        man('interfaces(5)', 'DESCRIPTION'),
        { title: 'netplan documentation', where: 'netplan generate' },
        man('systemctl(1)', 'enable, unmask'),
      ],
    },
  },
  needs: { installedAgents, networkAtBoot },
  appliesTo: ({ installedAgents, networkAtBoot }) => {
    if (installedAgents.length === 0) return 'no nova-agent is installed';
    return networkAtBoot !== undefined || 'what nova-agent writes on this distribution is not known';
  },
  *run({ networkAtBoot: network }): Iterable<Finding> {
    if (!network) return;
    const { fault, file, service, obstacles } = network;
    if (fault) {
      const { kind, what, evidence } = fault;
      // What is not there may have been replaced by what is not known here.
      const severity = kind === 'absent' ? 'warning' : undefined;
      const byHand = kind !== 'not-enabled' && kind !== 'masked';
      yield { message: kind, data: { file, what }, evidence, severity, byHand };
    }
    if (service === undefined) return;
    for (const finding of notStarted(service, obstacles)) yield { ...finding, byHand: true };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/systemd/system/multi-user.target.wants/networking.service': false },
    says: [
      'nova-agent writes /etc/network/interfaces, and networking.service, which reads it at boot, is not enabled',
    ],
  },
  good: {
    files: {
      '/etc/systemd/system/multi-user.target.wants/networking.service': {
        link: '/lib/systemd/system/networking.service',
      },
    },
  },
};
