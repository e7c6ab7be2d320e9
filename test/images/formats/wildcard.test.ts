import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isPattern, matches } from '../../../images/formats/wildcard.js';

describe('formats/wildcard', () => {
  const table: [string, string, boolean][] = [
    ['*', 'eth0', true],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['*.cfg', 'a.cfg', true],
    ['*.cfg', 'a.cfg.bak', false],
    ['e?h*', 'eth0', true],
    ['[a-f]*', 'eth0', true],
    ['[!a-f]*', 'eth0', false],
    ['[]x]', ']', true],
    ['[', '[', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['', '', true],
    ['a**b', 'ab', true],
  ];
  for (const [pattern, name, expected] of table) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${name}`, () => {
      assert.equal(matches(pattern, name), expected);
    });
  }

  it('takes any name that is no pattern for itself', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        fc.pre(!isPattern(name) && !name.includes('\\'));
        assert.ok(matches(name, name));
      }),
    );
  });

  it('never throws, and does not run away on many stars', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => typeof matches(pattern, name) === 'boolean'),
    );
    assert.equal(matches('*a'.repeat(200), 'a'.repeat(2000) + 'b'), false);
  });
});
