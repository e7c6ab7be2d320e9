import { agentUnique, example } from '../../checks/agent-unique.js';
import { aScript, aService, agent1, agent2, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const python3 = aService({ name: 'python3-nova-agent' });

testRule(agentUnique, {
  example,
  pass: [
    { name: 'one agent', facts: { installedAgents: [installed()] } },
    {
      name: 'one agent with a second service that is disabled',
      facts: { installedAgents: [installed(agent2(), [python3, aService({ state: 'disabled' })])] },
    },
  ],
  fail: [
    {
      name: 'two generations, both started',
      facts: { installedAgents: [installed(agent2(), [python3]), installed(agent1(), [aScript()])] },
      findings: [
        {
          message: 'race',
          severity: 'error',
          path: '/etc/rc2.d/S02nova-agent',
          text: 'python3-nova-agent.service and nova-agent both',
        },
      ],
    },
    {
      name: 'one agent, started twice',
      facts: { installedAgents: [installed(agent2(), [python3, aService()])] },
      findings: [{ message: 'race', severity: 'error' }],
    },
    {
      name: 'two generations, one started',
      facts: {
        installedAgents: [
          installed(agent2(), [python3]),
          installed(agent1(), [aScript({ state: 'disabled' })]),
        ],
      },
      findings: [
        {
          message: 'left-over',
          severity: 'warning',
          path: '/usr/sbin/nova-agent',
          text: 'nova-agent 2.1.25 (/usr/bin/nova-agent) and nova-agent 1.39.1 (/usr/sbin/nova-agent)',
        },
      ],
    },
  ],
  notApplicable: [{ name: 'no agent', facts: { installedAgents: [] }, reason: 'no nova-agent is installed' }],
});
