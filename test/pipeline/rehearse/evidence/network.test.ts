import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressesOf } from '../../../../pipeline/rehearse/evidence/network.js';

describe('the addresses in a file', () => {
  it('are found whatever is around them, in the form that ip prints', () => {
    const text = [
      'iface eth0 inet6 static',
      '    address 2001:DB8:0:0:0::1',
      "IPADDR='203.0.113.5'",
      'addresses: [203.0.113.6/24, "fe80::def"]',
      '# address 192.0.2.1',
      'nameserver 192.0.2.2.',
      'version 1.2.3, 12:30:45',
    ].join('\n');
    assert.deepEqual(addressesOf(text), [
      '2001:db8::1',
      '203.0.113.5',
      '203.0.113.6',
      'fe80::def',
      '192.0.2.2',
    ]);
  });

  it('are found for every address, IPv4 or IPv6', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        assert.equal(addressesOf(`  address "${address}"\n`).length, 1);
      }),
    );
  });
});
