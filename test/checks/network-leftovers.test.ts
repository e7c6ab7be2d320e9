import { networkLeftoversCheck, example } from '../../checks/network-leftovers.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const eth0 = { path: '/etc/network/interfaces', line: 6, device: 'eth0', by: 'ifupdown' } as const;

testRule(networkLeftoversCheck, {
  example,
  pass: [{ name: 'nothing left', facts: { cloudInit: aCloudInit(), networkLeftovers: [] } }],
  fail: [
    {
      name: 'an address, and a DHCP client',
      facts: {
        cloudInit: aCloudInit(),
        networkLeftovers: [
          { ...eth0, gives: 'address' },
          { ...eth0, line: 9, gives: 'dhcp' },
        ],
      },
      findings: [
        { message: 'address', severity: 'error', line: 6, text: 'ifupdown gives eth0' },
        { message: 'dhcp', severity: 'warning', line: 9 },
      ],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { cloudInit: noCloudInit, networkLeftovers: [] },
      reason: 'cloud-init is not installed',
    },
    {
      name: 'the network is another’s',
      facts: {
        cloudInit: aCloudInit({ network: { enabled: false, evidence: undefined } }),
        networkLeftovers: [{ ...eth0, gives: 'address' }],
      },
      reason: 'cloud-init does not configure the network',
    },
  ],
});
