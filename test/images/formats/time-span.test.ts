import assert from 'node:assert/strict';
import { parseTimeSpan } from '../../../images/formats/time-span.js';

describe('formats/time-span', () => {
  // systemd-analyze timespan (systemd 252)
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['10', 10],
    ['10s', 10],
    ['1min 30s', 90],
    ['2h', 7200],
    ['1h30min', 5400],
    ['500ms', 0.5],
    ['0.5 min', 30],
    ['1M', 2_629_800],
    ['1 d', 86_400],
    ['infinity', Infinity],
    ['0', 0],
    ['', undefined],
    ['soon', undefined],
    ['5 parsecs', undefined],
    ['5s!', undefined],
  ];
  for (const [text, seconds] of cases)
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(parseTimeSpan(text), seconds);
    });
});
