import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseOsRelease } from '../../../images/formats/os-release.js';

describe('os-release', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['K=debian', 'debian'],
    ['K="Debian GNU/Linux"', 'Debian GNU/Linux'],
    ["K='Gentoo Linux'", 'Gentoo Linux'],
    ['K="a \\"b\\" \\$c \\\\ \\`d\\`"', 'a "b" $c \\ `d`'],
    ["K='a\\b'", 'a\\b'],
    ['K="x" # why', 'x'],
    ['K="never ends', 'never ends'],
    ['K=Alpine Linux', 'Alpine Linux'],
    ['K=', ''],
    ['  K=x\r', 'x'],
    ['#K=x', undefined],
    ['=x', undefined],
    ['K', undefined],
    ['K=first\nK=last', 'last'],
  ];
  for (const [text, value] of table) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(parseOsRelease(text).get('K'), value);
    });
  }

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseOsRelease(text)));
  });
});
