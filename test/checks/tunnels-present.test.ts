import { tunnelsPresent, example } from '../../checks/tunnels-present.js';
import { agent1, agent2 } from '../support/facts.js';
import { elsewhere, notRunning } from '../support/live-facts.js';
import { testRule } from '../support/rule-tester.js';

const tun = { name: 'tun0', kind: 'tun', hasAddress: false };

testRule(tunnelsPresent, {
  example,
  pass: [
    { name: 'none', facts: { agents: [agent1({ version: '1.39.0' })], runningSystem: true, tunnels: [] } },
  ],
  fail: [
    {
      name: 'under an agent that survives it',
      facts: { agents: [agent2()], runningSystem: true, tunnels: [tun] },
      findings: [{ message: 'present', severity: 'info', path: '/sys/class/net/tun0' }],
    },
    {
      name: 'under one that does not; a tap device does it no harm',
      facts: {
        agents: [agent1({ version: '1.39.0' })],
        runningSystem: true,
        tunnels: [tun, { name: 'tun1', kind: 'tap', hasAddress: true }],
      },
      findings: [
        { message: 'kills-agent', severity: 'warning', text: 'nova-agent 1.39.0' },
        { message: 'present', severity: 'info' },
      ],
    },
  ],
  notApplicable: [{ ...elsewhere, facts: { agents: [], ...notRunning, tunnels: [] } }],
});
