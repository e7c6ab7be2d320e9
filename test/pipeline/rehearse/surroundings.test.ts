import assert from 'node:assert/strict';
import { expectedOf } from '../../../pipeline/rehearse/nova/vm-data.js';
import { linkOf } from '../../../pipeline/rehearse/surroundings.js';

describe('what is at the other end of an interface', () => {
  it('has its gateways, and the way back to its addresses', () => {
    const link = linkOf(
      expectedOf({
        device: 'eth0',
        mac: 'BC:76:4E:04:CF:E5',
        label: 'public',
        ipv4: ['203.0.113.124/24', '203.0.113.125/24'],
        gateway: '203.0.113.1',
        ipv6: ['2001:DB8::2/64'],
        gateway6: 'FE80::DEF',
        routes: [{ to: '10.208.0.0/12', via: '10.181.0.1' }],
      }),
    );
    assert.deepEqual(link, {
      name: 'eth0',
      mac: 'bc:76:4e:04:cf:e5',
      addresses: ['203.0.113.124', '203.0.113.125', '2001:db8::2'],
      gateways: ['203.0.113.1', 'fe80::def'],
    });
  });

  it('has nothing for an interface without addresses', () => {
    const { addresses, gateways } = linkOf(
      expectedOf({ device: 'eth1', mac: 'BC:76:4E:04:CF:E6', label: 'private' }),
    );
    assert.deepEqual([addresses, gateways], [[], []]);
  });
});
