import assert from 'node:assert/strict';
import { ImageError } from '../../../images/base/errors.js';
import { assertPossible } from '../../../images/sandbox/requirements.js';

describe('what a sandbox needs', () => {
  it('is asked for all at once, with the packages that have it', function () {
    if (process.geteuid?.() !== 0) {
      assert.throws(() => {
        assertPossible({});
      }, /only root can/);
      return;
    }
    assert.throws(
      () => {
        assertPossible({ 'no-such-program': 'a-package', 'nor-this': 'a-package', node: 'nodejs' });
      },
      (error) => {
        assert(error instanceof ImageError);
        assert.deepEqual(
          [error.code, error.message, error.hint],
          ['missing-tool', 'not installed: no-such-program, nor-this', 'Run "apt-get install a-package".'],
        );
        return true;
      },
    );
  });
});
