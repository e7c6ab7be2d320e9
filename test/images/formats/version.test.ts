import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareDebianVersions,
  compareDottedVersions,
  compareRpmVersions,
} from '../../../images/formats/version.js';

type Compare = (a: string, b: string) => number;

/** Each row in ascending order; `=` joins versions that are equal. */
const tables: readonly {
  readonly name: string;
  readonly compare: Compare;
  readonly rows: readonly string[][];
}[] = [
  {
    name: 'Debian versions',
    compare: compareDebianVersions,
    rows: [
      ['1.0~beta1', '1.0~rc1', '1.0', '1.0-1', '1.0-1.1', '1.0-2', '1.0+b1', '1.0.1', '1.9', '1.10', '1:0.1'],
      ['2.1.22-1', '2.1.23~1', '2.1.23', '2.1.25-1~deb11u1', '2.1.25-1'],
      ['a', 'a0.', 'a+'],
      ['1.0=01.0=1.00', '1.0-1'],
      ['0:1.0=1.0', '1:0'],
      ['1.0-0=1.0', '1.0-0a'],
      ['1.2-3-4', '1.2-3-5'],
      ['99999999999999999999', '100000000000000000000'],
    ],
  },
  {
    name: 'RPM versions',
    compare: compareRpmVersions,
    rows: [
      ['1.0~rc1', '1.0', '1.0^git1', '1.0.1', '1.9', '1.10', '1:0.1'],
      ['219-19.el7', '219-19.el7_2.3', '219-19.el7_2.13', '219-20.el7', '219-30.el7'],
      ['1.39.1', '1.39.1-1', '1.39.1-2.el7'],
      ['5.5p1', '5.5p2', '5.5p10', '5.6'],
      ['1.a', '1.b', '1.1'],
      ['1.0=1_0=1..0=01.0', '1.0.0'],
      ['0:1.0-1=1.0-1', '1:0'],
    ],
  },
  {
    name: 'dotted versions',
    compare: compareDottedVersions,
    rows: [
      [
        'nonsense=',
        '0.0.1.37',
        '0.0.1.38',
        '1.39=1.39.0',
        '1.39.1=1.39.1-2.el7',
        '2.0.3',
        '2.1.9',
        '2.1.23',
        '2.1.25',
      ],
    ],
  },
];

describe('versions', () => {
  for (const { name, compare, rows } of tables) {
    describe(name, () => {
      for (const row of rows) {
        it(row.join(' < '), () => {
          const ranks = row.map((equals) => equals.split('='));
          for (const [i, one] of ranks.entries()) {
            for (const [j, other] of ranks.entries()) {
              for (const a of one)
                for (const b of other) assert.equal(Math.sign(compare(a, b)), Math.sign(i - j), `${a} ${b}`);
            }
          }
        });
      }

      it('is an order', () => {
        const version = fc.string({
          unit: fc.constantFrom('0', '1', '12', 'a', 'Z', '.', '~', '+', '-', ':'),
          maxLength: 6,
        });
        fc.assert(
          fc.property(version, version, version, (a, b, c) => {
            assert.equal(compare(a, a), 0);
            assert.equal(Math.sign(compare(a, b)), -Math.sign(compare(b, a)) + 0);
            if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0);
          }),
        );
      });
    });
  }
});
