import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timeAxis } from '../../../pipeline/report/time-axis.js';

describe('the axis of time', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0, 2 ms, 4 ms, 6 ms, 8 ms, 10 ms'],
    [50, '0, 10 ms, 20 ms, 30 ms, 40 ms, 50 ms'],
    [1100, '0, 0.2 s, 0.4 s, 0.6 s, 0.8 s, 1 s'],
    [3900, '0, 0.5 s, 1 s, 1.5 s, 2 s, 2.5 s, 3 s, 3.5 s'],
    [45_000, '0, 10 s, 20 s, 30 s, 40 s'],
    [119_000, '0, 15 s, 30 s, 45 s, 60 s, 75 s, 90 s, 105 s'],
    [200_000, '0, 0:30 min, 1:00 min, 1:30 min, 2:00 min, 2:30 min, 3:00 min'],
    [600_000, '0, 2 min, 4 min, 6 min, 8 min, 10 min'],
    [86_400_000, '0, 4 h, 8 h, 12 h, 16 h, 20 h, 24 h'],
  ];
  for (const [last, labels] of cases) {
    it(`has for ${last} ms the ticks ${labels}`, () => {
      assert.equal(
        timeAxis(last)
          .ticks.map(({ label }) => label)
          .join(', '),
        labels,
      );
    });
  }

  it('has enough ticks and not too many, all before its end and no two alike, for any time', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), (last) => {
        const { end, ticks } = timeAxis(last);
        assert.ok(end >= last);
        assert.ok(ticks.length >= 4 && ticks.length <= 9, String(ticks.length));
        assert.ok(ticks.every(({ at }) => at <= end));
        assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length);
      }),
    );
  });
});
