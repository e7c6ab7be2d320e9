import { agentRunning, example } from '../../checks/agent-running.js';
import { agent1, installed } from '../support/facts.js';
import { elsewhere, notRunning, runs } from '../support/live-facts.js';
import { testRule } from '../support/rule-tester.js';

const agent = { installedAgents: [installed()], processes: runs('/usr/bin/nova-agent'), runningSystem: true };
testRule(agentRunning, {
  example,
  pass: [
    { name: '2.x', facts: agent },
    {
      name: '1.x, by its own tree',
      facts: {
        ...agent,
        installedAgents: [installed(agent1())],
        processes: runs('/usr/share/nova-agent/1.39.1/sbin/nova-agent'),
      },
    },
  ],
  fail: [
    {
      name: 'only its init script, and a look at its log',
      facts: { ...agent, processes: runs('/etc/init.d/nova-agent', '/usr/bin/tail') },
      findings: [{ message: 'not-running', path: '/usr/bin/nova-agent', text: 'nova-agent 2.1.25' }],
    },
  ],
  notApplicable: [
    { ...elsewhere, facts: { ...agent, ...notRunning, processes: [] } },
    { name: 'no agent', facts: { ...agent, installedAgents: [] }, reason: 'no nova-agent is installed' },
  ],
});
