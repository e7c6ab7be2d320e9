import assert from 'node:assert/strict';
import { userStateDirectory } from '../../../images/write/state-directory.js';

describe('userStateDirectory', () => {
  it('follows the XDG Base Directory Specification, which ignores a relative path', () => {
    assert.equal(userStateDirectory({ XDG_STATE_HOME: '/x' }), '/x/hallmark');
    for (const environment of [{ XDG_STATE_HOME: 'relative' }, { XDG_STATE_HOME: '' }, {}])
      assert.match(userStateDirectory(environment), /^\/.*\/\.local\/state\/hallmark$/);
  });
});
