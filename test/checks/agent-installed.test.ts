import { agentInstalled, example } from '../../checks/agent-installed.js';
import { agent1, agent2, anOs, centos72 } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(agentInstalled, {
  example,
  pass: [
    { name: 'a 2.x agent', facts: { agents: [agent2()], os: anOs() } },
    { name: 'a 1.x agent on a system that could have 2.x', facts: { agents: [agent1()], os: centos72() } },
  ],
  fail: [
    {
      name: 'none on Debian',
      facts: { agents: [], os: anOs() },
      findings: [{ message: 'missing', severity: 'error', text: 'apt-get install python3-nova-agent' }],
    },
    {
      name: 'none on CentOS',
      facts: { agents: [], os: centos72() },
      findings: [{ message: 'missing', text: 'on CentOS Linux: yum install nova-agent' }],
    },
    {
      name: 'none on Alpine, which 2.x supports without a package',
      facts: { agents: [], os: anOs({ family: 'alpine', id: 'alpine', name: 'Alpine Linux' }) },
      findings: [{ message: 'missing-by-hand', text: '2.x supports Alpine Linux' }],
    },
    {
      name: 'none on a system that 2.x does not support',
      facts: { agents: [], os: anOs({ family: 'gentoo', id: 'gentoo', name: 'Gentoo', version: undefined }) },
      findings: [{ message: 'missing-unpackaged', text: '2.x does not support Gentoo' }],
    },
  ],
  notApplicable: [
    {
      name: 'for cloud-init the agent is not asked for',
      facts: { agents: [], os: anOs() },
      context: { target: 'cloud-init' },
      reason: 'not asked for the target cloud-init',
    },
  ],
});
