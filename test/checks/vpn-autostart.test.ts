import { vpnAutostart, example } from '../../checks/vpn-autostart.js';
import { aVpn, agent1, agent2 } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(vpnAutostart, {
  example,
  pass: [{ name: 'none', facts: { agents: [agent1({ version: '1.39.0' })], vpns: [] } }],
  fail: [
    {
      name: 'a tunnel under 1.39.0',
      facts: { agents: [agent1({ version: '1.39.0' })], vpns: [aVpn()] },
      findings: [
        {
          message: 'kills-agent',
          severity: 'error',
          path: '/etc/default/openvpn',
          line: 14,
          text: 'kills nova-agent 1.39.0',
        },
      ],
    },
    {
      name: 'a tunnel under a 1.x of unknown version',
      facts: { agents: [agent1({ version: undefined })], vpns: [aVpn()] },
      findings: [{ message: 'kills-agent', severity: 'error', text: 'of unknown version' }],
    },
    {
      name: 'each VPN by itself: no tunnel is only a warning',
      facts: {
        agents: [agent1({ version: '1.39.0' })],
        vpns: [
          aVpn(),
          aVpn({ product: 'strongswan', name: 'ipsec', tunnelLink: false, evidence: { path: '/etc/z' } }),
        ],
      },
      findings: [
        { message: 'kills-agent', severity: 'error' },
        { message: 'starts', severity: 'warning', path: '/etc/z' },
      ],
    },
    {
      name: 'a tunnel under 2.x',
      facts: { agents: [agent2()], vpns: [aVpn()] },
      findings: [
        { message: 'starts', severity: 'warning', text: 'openvpn client1 starts at boot (AUTOSTART="all")' },
      ],
    },
    {
      name: 'what a timer starts by the calendar',
      facts: { agents: [agent2()], vpns: [aVpn({ isLater: true })] },
      findings: [{ message: 'starts', severity: 'warning', text: 'openvpn client1 starts by itself (' }],
    },
    {
      name: 'a tunnel under 1.39.1',
      facts: { agents: [agent1()], vpns: [aVpn()] },
      findings: [{ message: 'starts', severity: 'warning' }],
    },
  ],
  notApplicable: [
    {
      name: 'for cloud-init',
      facts: { agents: [], vpns: [aVpn()] },
      context: { target: 'cloud-init' },
      reason: 'not asked for the target',
    },
  ],
});
