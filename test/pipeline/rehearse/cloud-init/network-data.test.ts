import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type NetworkData, networkData } from '../../../../pipeline/rehearse/cloud-init/network-data.js';
import { expectedOf } from '../../../../pipeline/rehearse/nova/vm-data.js';
import type { Interface } from '../../../../pipeline/rehearse/scenario.js';

const publicOne: Interface = {
  device: 'eth0',
  mac: 'BC:76:4E:04:CF:E5',
  label: 'public',
  ipv4: ['203.0.113.124/24', '203.0.113.125/24'],
  ipv6: ['2001:db8::1/64', '2001:db8:0:1::1/48'],
  gateway: '203.0.113.1',
  gateway6: 'fe80::def',
  dns: ['192.0.2.241', '2001:db8::53'],
};

const privateOne: Interface = {
  device: 'eth1',
  mac: 'BC:76:4E:04:D9:36',
  label: 'private',
  ipv4: ['10.181.30.181/17'],
  dns: ['192.0.2.241'],
  routes: [{ to: '10.208.0.0/12', via: '10.181.0.1' }],
};

/** Ids that are made anew each time, by the order in which they come. */
function numbered(data: NetworkData): unknown {
  const seen: string[] = [];
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const text = JSON.stringify(data).replace(uuid, (id) => {
    if (!seen.includes(id)) seen.push(id);
    return `id ${seen.indexOf(id)}`;
  });
  return JSON.parse(text);
}

const dns = (...addresses: string[]) => addresses.map((address) => ({ type: 'dns', address }));

describe('network_data.json', () => {
  it('has a link for each interface, and a network for each address', () => {
    const link = { type: 'phy', mtu: 1500 };
    const [v4, v6] = [
      { network_id: 'id 2', link: 'interface0', type: 'ipv4', netmask: '255.255.255.0' },
      { network_id: 'id 2', link: 'interface0', type: 'ipv6' },
    ];
    assert.deepEqual(numbered(networkData([publicOne, privateOne])), {
      links: [
        { id: 'interface0', vif_id: 'id 0', ethernet_mac_address: 'bc:76:4e:04:cf:e5', ...link },
        { id: 'interface1', vif_id: 'id 1', ethernet_mac_address: 'bc:76:4e:04:d9:36', ...link },
      ],
      networks: [
        {
          id: 'network0',
          ...v4,
          ip_address: '203.0.113.124',
          routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '203.0.113.1' }],
          services: dns('192.0.2.241'),
        },
        { id: 'network1', ...v4, ip_address: '203.0.113.125', routes: [], services: [] },
        {
          id: 'network2',
          ...v6,
          ip_address: '2001:db8::1',
          netmask: 'ffff:ffff:ffff:ffff::',
          routes: [{ network: '::', netmask: '::', gateway: 'fe80::def' }],
          services: dns('2001:db8::53'),
        },
        {
          id: 'network3',
          ...v6,
          ip_address: '2001:db8:0:1::1',
          netmask: 'ffff:ffff:ffff::',
          routes: [],
          services: [],
        },
        {
          id: 'network4',
          network_id: 'id 3',
          link: 'interface1',
          type: 'ipv4',
          ip_address: '10.181.30.181',
          netmask: '255.255.128.0',
          routes: [{ network: '10.208.0.0', netmask: '255.240.0.0', gateway: '10.181.0.1' }],
          services: dns('192.0.2.241'),
        },
      ],
      services: dns('192.0.2.241', '2001:db8::53'),
    });
  });

  it('tells every address with its prefix, whatever that is', () => {
    const one = fc.record({
      four: fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      six: fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    });
    fc.assert(
      fc.property(one, ({ four, six }) => {
        const given = { ...privateOne, routes: [], ipv4: [four.join('/')], ipv6: [six.join('/')] };
        const { networks } = networkData([given]);
        const told = networks.map(({ ip_address, netmask }) => `${ip_address}/${bitsOf(netmask)}`);
        assert.deepEqual(told, expectedOf(given).addresses);
      }),
    );
  });
});

/** The ones of a netmask, counted; they must come first. */
function bitsOf(netmask: string): number {
  const groups = netmask.includes(':') ? hextets(netmask) : netmask.split('.').map(Number);
  const width = netmask.includes(':') ? 16 : 8;
  const bits = groups.map((group) => group.toString(2).padStart(width, '0')).join('');
  assert.match(bits, /^1*0*$/);
  return bits.replaceAll('0', '').length;
}

function hextets(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const of = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
  if (tail === undefined) return of(head);
  const [first, last] = [of(head), of(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}
