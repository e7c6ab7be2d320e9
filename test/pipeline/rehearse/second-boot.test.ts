import assert from 'node:assert/strict';
import { claimed, unproven } from '../../../pipeline/rehearse/evidence/claim.js';
import { notAgain } from '../../../pipeline/rehearse/second-boot.js';

describe('a second boot', () => {
  const proven = claimed('password', 'root has the password', true, 'it is');
  const open = unproven('order', 'the utilities come first', 'nobody knows');

  it('is held where the first has refuted nothing', () => {
    assert.equal(notAgain([]), undefined);
    assert.equal(notAgain([proven, open]), undefined);
  });

  it('is left out where the first has refuted the image, and says so', () => {
    const refuted = claimed('host-name', 'its name is web', false, 'its name is image');
    assert.deepEqual(notAgain([proven, refuted, open]), {
      id: 'second-boot',
      claim: 'the server comes up again after a reboot',
      outcome: 'not-proven',
      seen: 'it was not booted again: the first boot has refuted it',
    });
  });
});
