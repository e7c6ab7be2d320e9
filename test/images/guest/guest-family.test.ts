import assert from 'node:assert/strict';
import { guestFamilyOf } from '../../../images/guest/guest-family.js';

describe('the family of a guest', () => {
  it('is FreeBSD for FreeBSD, and Linux for every distribution, known or not', () => {
    assert.equal(guestFamilyOf({ family: 'freebsd' }), 'FreeBSD');
    for (const family of ['debian', 'redhat', 'suse', 'arch', 'gentoo', 'alpine', 'other'] as const)
      assert.equal(guestFamilyOf({ family }), 'Linux');
  });
});
