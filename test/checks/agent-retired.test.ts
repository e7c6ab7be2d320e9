import { agentRetired, example } from '../../checks/agent-retired.js';
import { aService, agent1, agent2, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const none = { agentStarters: [], agentTraces: [], agentUnitStarters: [], installedAgents: [] };
const idle = installed(agent2(), [aService({ state: 'disabled' })]);
const disable = { agentFate: 'disable' } as const;
const remove = { agentFate: 'remove' } as const;

testRule(agentRetired, {
  example,
  pass: [
    { name: 'disabled', facts: { ...none, installedAgents: [idle] }, context: disable },
    { name: 'nothing to disable', facts: none, context: disable },
    { name: 'removed', facts: none, context: remove },
  ],
  fail: [
    {
      name: 'a service and a line that start it',
      facts: {
        ...none,
        agentStarters: [{ path: '/etc/rc.local', line: 2 }],
        installedAgents: [installed()],
      },
      context: disable,
      findings: [
        { message: 'starts', path: '/etc/rc.local', line: 2 },
        { message: 'starts', severity: 'error', text: 'nova-agent.service' },
      ],
    },
    {
      name: 'a timer that starts it',
      facts: {
        ...none,
        agentUnitStarters: [
          {
            by: 'late.timer',
            because: 'OnBootSec=5',
            service: aService({ state: 'static' }),
            evidence: { path: '/etc/systemd/system/late.timer', line: 2 },
          },
        ],
        installedAgents: [idle],
      },
      context: disable,
      findings: [{ message: 'starts', path: '/etc/systemd/system/late.timer', line: 2, text: 'late.timer' }],
    },
    {
      name: 'two that are still there, with a line that starts one',
      facts: {
        agentStarters: [{ path: '/etc/rc.local', line: 2 }],
        agentTraces: ['/usr/share/nova-agent'],
        agentUnitStarters: [],
        installedAgents: [idle, installed(agent1({ version: undefined }), [])],
      },
      context: remove,
      findings: [
        { message: 'remains', path: '/etc/rc.local', line: 2 },
        { message: 'installed', path: '/usr/bin/nova-agent', text: 'nova-agent 2.1.25 is installed' },
        { message: 'installed', path: '/usr/sbin/nova-agent', text: 'nova-agent is installed' },
      ],
    },
    {
      name: 'a link that outlived it',
      facts: { ...none, agentTraces: ['/etc/rc0.d/K01nova-agent'] },
      context: remove,
      findings: [{ message: 'remains', path: '/etc/rc0.d/K01nova-agent' }],
    },
  ],
  notApplicable: [
    {
      name: '--agent was not given',
      facts: { ...none, installedAgents: [installed()] },
      reason: '--agent was not given, so the agent is left alone',
    },
  ],
});
