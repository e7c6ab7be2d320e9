import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import {
  broadcast,
  canonical,
  cidr,
  netmask,
  networkOf,
  parseCidr,
} from '../../../../pipeline/rehearse/nova/network.js';

describe('network', () => {
  it('reads addresses with a prefix, and nothing else', () => {
    assert.deepEqual(parseCidr('10.181.30.181/17'), { family: 4, address: '10.181.30.181', prefix: 17 });
    assert.deepEqual(parseCidr('2001:4800:7810:0512::CFE5/64'), {
      family: 6,
      address: '2001:4800:7810:512::cfe5',
      prefix: 64,
    });
    for (const text of [
      '',
      '/',
      '10.0.0.1',
      '10.0.0.1/',
      '10.0.0.1/33',
      '10.0.0/8',
      '::1/129',
      'fe80::1%eth0/64',
      ' ::1/64',
    ])
      assert.equal(parseCidr(text), undefined, text);
    assert.throws(() => cidr('x'), RangeError);
  });

  it('knows the masks that the documents show', () => {
    assert.equal(netmask(17), '255.255.128.0');
    assert.equal(netmask(0), '0.0.0.0');
    assert.equal(netmask(32), '255.255.255.255');
    assert.equal(broadcast(cidr('10.181.30.181/17')), '10.181.127.255');
    assert.equal(broadcast(cidr('166.78.10.124/24')), '166.78.10.255');
  });

  it("agrees with node's own idea of a subnet", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, other, prefix) => {
        const subnet = new BlockList();
        subnet.addSubnet(address, prefix);
        const network = (one: string): string => networkOf({ family: 4, address: one, prefix });
        assert.equal(network(address) === network(other), subnet.check(other));
        assert.ok(subnet.check(broadcast({ family: 4, address, prefix })));
      }),
    );
  });

  it('writes every IPv6 address in one way', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const once = canonical(address) ?? '';
        const one = new BlockList();
        one.addAddress(address, 'ipv6');
        assert.ok(one.check(once, 'ipv6'), `${address} became ${once}`);
        assert.equal(canonical(once), once);
        assert.equal(canonical(address.toUpperCase()), once);
      }),
    );
  });
});
