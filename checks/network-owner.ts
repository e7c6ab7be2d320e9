import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStart } from '../images/guest/agents/agent-start.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article, troubleshooting } from './lib/references.js';

export const networkOwner = defineCheck({
  meta: {
    id: 'network-owner',
    title: 'either nova-agent or cloud-init configures the network, not both',
    failureTitle: 'the wrong agent, both agents, or neither configures the network',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      both: 'nova-agent ({{agent}}) and cloud-init both configure the network; only {{target}} should',
      neither: 'neither nova-agent nor cloud-init configures the network at boot; {{target}} should',
      other: '{{owner}} configures the network, not {{target}}',
    },
    docs: {
      why: 'One image can have both nova-agent and cloud-init, but only one of them may write the network configuration. Otherwise both write it at the first boot, into different files (interfaces and interfaces.d/50-cloud-init, 50-cloud-init.yaml and rackspace-cloud.yaml, ifcfg-eth0), and it depends on timing which of them wins; a CentOS 7.4 update once switched servers to DHCP this way. If neither writes it, the server keeps the addresses of the image. An image with both tells cloud-init `network: {config: disabled}`, so that nova-agent configures the network; an image without the agent must not say that.',
      remedy:
        'For nova-agent: put `network: {config: disabled}` into a file in /etc/cloud/cloud.cfg.d that comes last, and enable the agent. For cloud-init: remove that stanza from every file in /etc/cloud/cloud.cfg.d (and `network-config=disabled` from the kernel command line), and disable or remove nova-agent. Hallmark does that with `--target cloud-init --agent disable` or `--agent remove`; without either it leaves a starting agent alone.',
      references: [
        article(agentArticle, 'When does nova-agent run?'),
        article(agentArticle, 'Installing nova-agent on Linux'),
        article(troubleshooting, 'How does nova-agent affect my server?'),
        {
          title: 'cloud-init documentation',
          where: 'Network configuration: Disabling network configuration',
        },
      ],
    },
  },
  needs: { agentStart, cloudInit, installedAgents },
  appliesTo: ({ cloudInit, installedAgents }) =>
    cloudInit.installed || installedAgents.length > 0 || 'neither nova-agent nor cloud-init is installed',
  *run({ agentStart: start, cloudInit, installedAgents }, { target }): Iterable<Finding> {
    const all = installedAgents.flatMap(({ services }) => services);
    const cloud = cloudInit.installed && cloudInit.enabled && cloudInit.network.enabled;
    const evidence = start?.evidence ?? cloudInit.network.evidence ?? all[0]?.evidence[0];
    if (start && cloud) {
      const agent = 'service' in start ? start.service.id : start.evidence.path;
      yield { message: 'both', data: { agent, target }, evidence };
    } else if (!start && !cloud) yield { message: 'neither', data: { target }, evidence };
    else {
      const owner = start ? 'nova-agent' : 'cloud-init';
      if (owner !== target) yield { message: 'other', data: { owner, target }, evidence };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': false },
    says: [
      'nova-agent (nova-agent.service) and cloud-init both configure the network; only nova-agent should',
    ],
  },
  good: {
    files: {
      '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': 'network: {config: disabled}\n',
    },
  },
};
