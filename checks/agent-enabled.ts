import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { bootState, bootStateMessages } from './lib/boot-state.js';
import { defineCheck } from './lib/check.js';
import { preferredAgent } from './lib/preferred-agent.js';
import { article, man, troubleshooting } from './lib/references.js';
import { named } from './lib/words.js';

export const agentEnabled = defineCheck({
  meta: {
    id: 'agent-enabled',
    title: 'nova-agent starts at boot',
    failureTitle: 'nova-agent does not start at boot',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    messages: {
      ...bootStateMessages,
      'by-script':
        '{{path}} starts nova-agent at the end of the boot: nothing orders it after the guest utilities, or starts it again when it dies',
    },
    docs: {
      why: 'The cloud speaks to the agent during the first boot of a new server. An agent that is installed but not started then is never heard: the server keeps the addresses and the password of the image. Some packages leave the agent disabled (the RPM of 2.x uses a macro for user units, so installing it enables nothing), and insserv refuses to link a script without an LSB header.',
      remedy:
        'Enable the service: `systemctl enable python3-nova-agent` (Debian and Ubuntu; older packages call it nova-agent), `systemctl enable nova-agent` (Enterprise Linux 7 and later), `chkconfig nova-agent on` (Enterprise Linux 6), `insserv nova-agent` (Debian with SysV init). A masked unit is unmasked first: `systemctl unmask nova-agent`. All of these work in a chroot of a mounted image, too.',
      references: [
        article(troubleshooting, 'Start and enable nova-agent on Linux servers'),
        article(troubleshooting, 'Rescue Mode on a Linux Server'),
        man('systemctl(1)', 'enable, unmask'),
        man('insserv(8)', 'DESCRIPTION'),
      ],
    },
  },
  needs: { agentStarters, installedAgents },
  appliesTo: ({ installedAgents }) => installedAgents.length > 0 || 'no nova-agent is installed',
  *run({ agentStarters, installedAgents }) {
    if (installedAgents.some(({ services }) => services.some(({ state }) => state === 'enabled'))) return;
    const starter = agentStarters[0];
    if (starter) {
      yield { message: 'by-script', severity: 'warning', data: { path: starter.path }, evidence: starter };
      return;
    }
    const agent = preferredAgent(installedAgents);
    if (agent) yield* bootState(named(agent), agent.services, agent.serviceNames);
  },
});
