import { networkLeftoversCheck, example } from '../../checks/network-leftovers.js';
import { aCloudInit, installed, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const eth0 = {
  path: '/etc/network/interfaces',
  line: 6,
  device: 'eth0',
  usual: true,
  by: 'ifupdown',
  instead: false,
  owners: ['cloud-init'],
} as const;
const given = { cloudInit: aCloudInit(), installedAgents: [], persistentNames: [] };
const context = { target: 'cloud-init' } as const;

testRule(networkLeftoversCheck, {
  example,
  pass: [
    { name: 'nothing left', facts: { ...given, networkLeftovers: [] }, context },
    {
      name: 'what nova-agent overwrites',
      facts: { ...given, installedAgents: [installed()], networkLeftovers: [{ ...eth0, gives: 'address' }] },
    },
  ],
  fail: [
    {
      name: 'an address, and a DHCP client',
      facts: {
        ...given,
        networkLeftovers: [
          { ...eth0, gives: 'address' },
          { ...eth0, line: 9, gives: 'dhcp' },
        ],
      },
      findings: [
        { message: 'address', severity: 'error', line: 6, text: 'ifupdown gives eth0' },
        { message: 'dhcp', severity: 'warning', line: 9 },
      ],
      context,
    },
    {
      name: 'an address for a card that no new server has',
      facts: {
        ...given,
        networkLeftovers: [{ ...eth0, device: 'eth9', usual: false, gives: 'address' }],
      },
      findings: [{ message: 'another-card', severity: 'warning', line: 6, text: 'configures eth9' }],
      context,
    },
    {
      name: 'what may not be for the new server',
      facts: {
        ...given,
        networkLeftovers: [
          {
            ...{ ...eth0, gives: 'address', by: 'systemd-networkd', instead: true },
            doubt: 'only the running server knows whether Host= fits',
          },
        ],
      },
      findings: [{ message: 'doubtful', severity: 'warning', line: 6, text: 'whether Host= fits' }],
      context,
    },
    {
      name: 'what cloud-init takes instead of the config drive’s',
      facts: {
        ...given,
        networkLeftovers: [
          {
            ...{ path: '/etc/cloud/cloud.cfg.d/50-curtin-networking.cfg', line: 2, device: 'every card' },
            ...{ usual: true, gives: 'address', instead: true, by: 'cloud-init', owners: ['cloud-init'] },
          },
        ],
      },
      findings: [{ message: 'given', severity: 'error', line: 2, text: 'not that of the config drive' }],
      context,
    },
    {
      name: 'a name for a card of another server',
      facts: {
        ...given,
        networkLeftovers: [],
        persistentNames: [{ path: '/etc/udev/rules.d/70-persistent-net.rules', line: 3, name: 'eth0' }],
      },
      findings: [{ message: 'name', severity: 'warning', line: 3, text: 'the name eth0' }],
      context,
    },
    {
      name: 'what takes the place of the agent’s own',
      facts: {
        ...given,
        installedAgents: [installed()],
        networkLeftovers: (['address', 'dhcp', 'none'] as const).map((gives, line) => ({
          ...eth0,
          ...{ line: line + 1, gives, by: 'systemd-networkd', instead: true, owners: ['nova-agent'] },
        })),
      },
      findings: [
        { message: 'address-instead', severity: 'error', text: 'what nova-agent writes' },
        { message: 'dhcp-instead', severity: 'warning' },
        { message: 'none-instead', severity: 'error' },
      ],
    },
  ],
  notApplicable: [
    {
      name: 'no agent',
      facts: { ...given, networkLeftovers: [] },
      reason: 'no nova-agent is installed',
    },
    {
      name: 'not installed',
      facts: { ...given, cloudInit: noCloudInit, networkLeftovers: [] },
      context,
      reason: 'cloud-init is not installed',
    },
    {
      name: 'the network is another’s',
      context,
      facts: {
        ...given,
        cloudInit: aCloudInit({ network: { enabled: false, evidence: undefined } }),
        networkLeftovers: [{ ...eth0, gives: 'address' }],
      },
      reason: 'cloud-init does not configure the network',
    },
  ],
});
