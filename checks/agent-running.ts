import { installedAgents } from '../images/guest/agents/agent-services.js';
import { processes, processesOf } from '../images/live/processes.js';
import { runningSystem } from '../images/live/running-system.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { preferredAgent } from './lib/preferred-agent.js';
import { agentArticle, article, troubleshooting } from './lib/references.js';
import { named } from './lib/words.js';

export const agentRunning = defineCheck({
  meta: {
    id: 'agent-running',
    title: 'nova-agent is running',
    failureTitle: 'nova-agent is not running',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'snapshot',
    live: true,
    messages: {
      'not-running': '{{agent}} is installed, but no process runs {{program}}',
    },
    docs: {
      why: 'An agent that does not run on this server will most likely not run on the servers built from its snapshot, because the snapshot contains the cause. Those servers keep the addresses and the password of this one. This server itself gets neither the addresses of networks that you add nor a new password.',
      remedy:
        'Find out why it ended (`systemctl status nova-agent` or `systemctl status python3-nova-agent`, and /var/log/nova-agent.log). Start it (`systemctl start nova-agent`, `service nova-agent start`). Take the snapshot once it keeps running.',
      references: [
        article(troubleshooting, 'Check the nova-agent status on Linux servers'),
        article(troubleshooting, 'Start and enable nova-agent on Linux servers'),
        article(agentArticle, 'What happens when nova-agent is broken or missing?'),
      ],
    },
  },
  needs: { installedAgents, processes, runningSystem },
  appliesTo: ({ installedAgents, runningSystem }) => {
    if (runningSystem !== true) return runningSystem;
    return installedAgents.length > 0 || 'no nova-agent is installed';
  },
  *run({ installedAgents, processes }) {
    if (processesOf(processes, 'nova-agent').length > 0) return;
    const agent = preferredAgent(installedAgents);
    if (!agent) return;
    const { program } = agent;
    yield { message: 'not-running', data: { agent: named(agent), program }, evidence: { path: program } };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    running: { processes: [{ pid: 1, program: '/lib/systemd/systemd', args: [] }] },
    says: ['nova-agent 2.1.25 is installed, but no process runs /usr/bin/nova-agent'],
  },
  good: {
    running: { processes: [{ pid: 812, program: '/usr/bin/nova-agent', args: ['--no-fork=True'] }] },
  },
};
