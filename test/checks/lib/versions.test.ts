import assert from 'node:assert/strict';
import fc from 'fast-check';
import { majorOf, olderThan } from '../../../checks/lib/versions.js';

describe('versions', () => {
  const table: readonly [string | undefined, string, boolean | undefined][] = [
    ['1.39.0', '1.39.1', true],
    ['1.39', '1.39.1', true],
    ['1.39-1', '1.39.1', true],
    ['1.39.1', '1.39.1', false],
    ['1.39.1-2.el7', '1.39.1', false],
    ['0.0.1.38', '1.39.1', true],
    ['2.1.9', '2.1.13', true],
    ['2.1.25', '2.1.13', false],
    ['3.2.0-4-amd64', '3.3', true],
    ['3.10.0-327.el7', '3.3', false],
    ['6.1.0', '3.3', false],
    ['v1', '1.39.1', undefined],
    ['', '1.39.1', undefined],
    [undefined, '1.39.1', undefined],
  ];
  for (const [version, limit, older] of table) {
    it(`${version ?? 'unknown'} is ${older === undefined ? 'not comparable with' : older ? 'older than' : 'not older than'} ${limit}`, () => {
      assert.equal(olderThan(version, limit), older);
    });
  }

  it('never throws, and nothing is older than itself', () => {
    fc.assert(fc.property(fc.string(), (version) => olderThan(version, version) !== true));
  });

  it('gives the first number', () => {
    assert.equal(majorOf('7.2.1511'), 7);
    assert.equal(majorOf('sid'), undefined);
  });
});
