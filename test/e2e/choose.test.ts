import assert from 'node:assert/strict';
import { choose, shortName } from './choose.js';

describe('the choice of end-to-end tests', () => {
  const files = ['cli.e2e.js', 'rescue.e2e.js', 'tarball.e2e.js', 'matrix.e2e.js'];

  it('is all of them, the longest first', () => {
    assert.deepEqual(choose(files, []), ['rescue.e2e.js', 'matrix.e2e.js', 'cli.e2e.js', 'tarball.e2e.js']);
  });

  it('is what is named, however it is typed, once', () => {
    assert.deepEqual(choose(files, ['tarball', 'test/e2e/cli.e2e.ts', 'cli.e2e.js']), [
      'cli.e2e.js',
      'tarball.e2e.js',
    ]);
    assert.equal(shortName('dist/test/e2e/os-support.e2e.js'), 'os-support');
  });

  it('says which there are when a name is none of them', () => {
    assert.throws(() => choose(files, ['clo']), /"clo"\. There are: cli, matrix, rescue, tarball$/);
  });
});
