import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type Finding, defineCheck } from './lib/check.js';
import { agentArticle, article, troubleshooting } from './lib/references.js';

export const networkOwner = defineCheck({
  meta: {
    id: 'network-owner',
    title: 'exactly one of nova-agent and cloud-init configures the network',
    failureTitle: 'it is not settled who configures the network',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    messages: {
      both: 'nova-agent ({{agent}}) and cloud-init both configure the network; {{target}} is to do it alone',
      neither: 'neither nova-agent nor cloud-init configures the network at boot; {{target}} is to do it',
      other: '{{owner}} configures the network, not {{target}}',
    },
    docs: {
      why: 'nova-agent and cloud-init can live in one image, but only one of them may write the network configuration. Both write it at the first boot, into different files (interfaces and interfaces.d/50-cloud-init, 50-cloud-init.yaml and rackspace-cloud.yaml, ifcfg-eth0), and which of them wins is a matter of time; a CentOS 7.4 update once turned servers to DHCP this way. With neither, the server keeps the addresses of the image. Images with both give the network to nova-agent and tell cloud-init `network: {config: disabled}`; an image without the agent must not say that.',
      remedy:
        'For nova-agent: put `network: {config: disabled}` into a file in /etc/cloud/cloud.cfg.d that comes last, and enable the agent. For cloud-init: remove that stanza from every file in /etc/cloud/cloud.cfg.d (and `network-config=disabled` from the kernel command line), and disable or remove nova-agent: Hallmark does what `--target cloud-init --agent disable` or `--agent remove` says, and without either leaves an agent that starts as it is.',
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
  needs: { agentStarters, cloudInit, installedAgents },
  appliesTo: ({ cloudInit, installedAgents }) =>
    cloudInit.installed || installedAgents.length > 0 || 'neither nova-agent nor cloud-init is installed',
  *run({ agentStarters, cloudInit, installedAgents }, { target }): Iterable<Finding> {
    const all = installedAgents.flatMap(({ services }) => services);
    const service = all.find(({ state }) => state === 'enabled');
    const agent = service?.evidence[0] ?? agentStarters[0];
    const cloud = cloudInit.installed && cloudInit.enabled && cloudInit.network.enabled;
    const place = agent ?? cloudInit.network.evidence ?? all[0]?.evidence[0];
    const evidence = place ? { evidence: place } : {};
    if (agent && cloud) {
      yield { message: 'both', data: { agent: service?.id ?? agent.path, target }, ...evidence };
    } else if (!agent && !cloud) yield { message: 'neither', data: { target }, ...evidence };
    else {
      const owner = agent ? 'nova-agent' : 'cloud-init';
      if (owner !== target) yield { message: 'other', data: { owner, target }, ...evidence };
    }
  },
});
