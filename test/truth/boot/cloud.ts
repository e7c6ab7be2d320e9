import type { Interface, Scenario } from '../../../pipeline/rehearse/scenario.js';

/** The network that every server of the corpus has: addresses for documentation. */
export const network: Interface & { readonly address: string } = {
  device: 'eth0',
  label: 'public',
  mac: 'BC:76:4E:04:CF:E5',
  ipv4: ['203.0.113.124/24'],
  address: '203.0.113.124',
  gateway: '203.0.113.1',
  dns: ['192.0.2.241', '192.0.2.240'],
};

export const hostName = 'truth-server';

/** What the cloud knows of the server. */
export const scenario: Scenario = {
  name: 'truth',
  hostName,
  provider: { name: 'Rackspace', region: 'DFW' },
  interfaces: [network],
  limits: { version: 60, call: 30, resetnetwork: 60, total: 300 },
  rounds: [],
};
