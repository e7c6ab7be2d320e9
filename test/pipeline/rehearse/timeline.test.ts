import assert from 'node:assert/strict';
import { progressOf } from '../../../pipeline/rehearse/progress.js';
import type { TimelineEntry } from '../../../pipeline/report/rehearsal.js';
import { claimed, unproven } from '../../../pipeline/rehearse/evidence/claim.js';
import { Timeline } from '../../../pipeline/rehearse/timeline.js';

describe('the timeline of a rehearsal', () => {
  it('tells each thing as it happens, and all of them in the order of time', () => {
    const told: TimelineEntry[] = [];
    const timeline = new Timeline((entry) => told.push(entry));
    timeline.enter({ atMs: 20, kind: 'start', what: 'later' });
    timeline.enter({ atMs: 10, kind: 'boot', what: 'earlier' });
    assert.deepEqual(
      told.map(({ what }) => what),
      ['later', 'earlier'],
    );
    assert.deepEqual(
      timeline.entries.map(({ what }) => what),
      ['earlier', 'later'],
    );
  });

  it('sums up a look at the guest by what failed first', () => {
    const timeline = new Timeline(undefined);
    timeline.enterEvidence('a look', 0, [claimed('a', 'A', true, 'yes'), claimed('b', 'B', false, 'no')]);
    timeline.enterEvidence('another', 0, [claimed('a', 'A', true, 'yes'), unproven('c', 'C', 'why')]);
    const [first, second] = timeline.entries;
    assert.deepEqual([first?.outcome, first?.detail], ['fail', 'expected: B; seen: no']);
    assert.deepEqual([second?.outcome, second?.detail], ['pass', '1 of 2 claims proven']);
  });

  it('is shown to whoever waits, a line each', () => {
    const entry = { atMs: 900, durationMs: 350, kind: 'command', what: 'password' } as const;
    assert.equal(progressOf({ ...entry, outcome: 'pass' }), 'rehearse  1.3 s  password ✔');
    assert.equal(progressOf({ ...entry, outcome: 'fail', detail: 'no' }), 'rehearse  1.3 s  password ✘ no');
  });
});
