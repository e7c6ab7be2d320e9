import { agentVersion, example } from '../../checks/agent-version.js';
import { aVpn, agent1, agent2, anOs, centos72, somePackages } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const facts = { agents: [agent2()], os: anOs(), packages: somePackages(), vpns: [] };
const el8 = centos72({ version: '8.4.2105' });

testRule(agentVersion, {
  example,
  pass: [
    { name: 'the newest 2.x', facts },
    { name: '1.39.1 beside a VPN', facts: { ...facts, agents: [agent1()], vpns: [aVpn()] } },
    { name: 'a packaged 1.39.1', facts: { ...facts, agents: [agent1({ version: '1.39.1-2' })] } },
    {
      name: '2.1.13 with netplan needs no update for it',
      facts: { ...facts, agents: [agent2({ version: '2.1.14' })], packages: somePackages('netplan.io') },
    },
    {
      name: '2.1.24 where there is no NetworkManager',
      facts: { ...facts, agents: [agent2({ version: '2.1.24' })], os: centos72() },
    },
  ],
  fail: [
    {
      name: '1.39.0 with a tunnel',
      facts: { ...facts, agents: [agent1({ version: '1.39.0' })], vpns: [aVpn()] },
      findings: [
        { message: 'tunnel-crash', severity: 'error', path: '/usr/sbin/nova-agent', text: '1.39.1 does not' },
      ],
    },
    {
      name: '1.39, which is older than 1.39.1, with a VPN that makes no tunnel',
      facts: { ...facts, agents: [agent1({ version: '1.39' })], vpns: [aVpn({ tunnelLink: false })] },
      findings: [{ message: 'tunnel-crash', severity: 'warning' }],
    },
    {
      name: 'the 0.0.1 line',
      facts: { ...facts, agents: [agent1({ version: '0.0.1.38' })] },
      findings: [{ message: 'tunnel-crash', severity: 'warning' }],
    },
    {
      name: 'unknown',
      facts: { ...facts, agents: [agent2({ version: undefined, versionFrom: undefined })] },
      findings: [{ message: 'unknown', severity: 'warning', path: '/usr/bin/nova-agent' }],
    },
    {
      name: '2.1.12 beside netplan',
      facts: { ...facts, agents: [agent2({ version: '2.1.12' })], packages: somePackages('netplan.io') },
      findings: [
        { message: 'readiness', severity: 'info', text: '2.1.14 does' },
        { message: 'netplan', severity: 'warning', text: '2.1.13 writes' },
      ],
    },
    {
      name: '2.1.24 on Enterprise Linux 8',
      facts: { ...facts, agents: [agent2({ version: '2.1.24' })], os: el8 },
      findings: [{ message: 'network-manager', severity: 'warning', text: '2.1.25 can' }],
    },
  ],
  notApplicable: [
    { name: 'no agent', facts: { ...facts, agents: [] }, reason: 'no nova-agent is installed' },
  ],
});
