import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { childrenSeconds, timeTable } from './time-table.js';

describe('the table of durations', () => {
  it('has the longest first, and the sum last', () => {
    const table = timeTable([
      { name: 'short', wall: 1, cpu: 0.5 },
      { name: 'long', wall: 20.04, cpu: 2 },
    ]);
    assert.deepEqual(table.trimEnd().split('\n'), [
      '    20.0 s      2.0 s processor  long',
      '     1.0 s      0.5 s processor  short',
      '    21.0 s      2.5 s processor  sum',
    ]);
  });

  it('reads what the shell says of the time of its children', () => {
    assert.equal(childrenSeconds('0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n'), 62.75);
    const said = execFileSync('sh', ['-c', 'sh -c true; times'], { encoding: 'utf8' });
    assert.ok(childrenSeconds(said) < 60);
    assert.throws(() => childrenSeconds(''), /no times/);
  });
});
