import assert from 'node:assert/strict';
import { rest, share } from './share.js';

describe('a share of many cases', () => {
  it('has the first, the last and what lies evenly between them', () => {
    assert.deepEqual(share(10, 4), [1, 4, 7, 10]);
    assert.deepEqual(share(3, 4), [1, 2, 3]);
  });

  it('is each case once, together with the rest', () => {
    for (const count of [1, 5, 6, 7, 98, 144])
      assert.deepEqual(
        [...share(count, 6), ...rest(count, 6)].sort((one, other) => one - other),
        Array.from({ length: count }, (_, at) => at + 1),
      );
  });
});
