import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TimelineEntry } from '../../../pipeline/report/rehearsal.js';
import { layOutTimeline } from '../../../pipeline/report/timeline-layout.js';

const measure = { width: 750, character: 7, mark: 16, point: 6 };

const entry = fc.record(
  {
    atMs: fc.double({ min: 0, max: 600_000, noNaN: true }),
    durationMs: fc.double({ min: 0, max: 600_000, noNaN: true }),
    kind: fc.constantFrom('boot', 'start', 'command', 'change', 'evidence'),
    what: fc.string({ unit: 'binary', maxLength: 100 }),
    outcome: fc.constantFrom('pass', 'fail'),
  },
  { requiredKeys: ['atMs', 'kind', 'what'] },
) as fc.Arbitrary<TimelineEntry>;

describe('the layout of a timeline', () => {
  it('keeps everything within the width and clear of each other, and leaves nothing out, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (timeline) => {
        const { lanes, x, axis } = layOutTimeline(timeline, measure);
        const entries = lanes.flatMap(({ items }) => items.flatMap((item) => item.entries));
        assert.deepEqual(new Set(entries), new Set(timeline));
        assert.equal(x(axis.end), measure.width);
        for (const { items, rows } of lanes) {
          const extents = items.map(({ row, from, to, caption }) => {
            assert.ok(caption.x >= 0 && caption.x + caption.width <= measure.width + 1e-9, caption.text);
            assert.ok(row < rows);
            return {
              row,
              start: Math.min(from, caption.x),
              end: Math.max(to, caption.x + caption.width),
            };
          });
          for (const a of extents) {
            for (const b of extents) {
              if (a === b || a.row !== b.row) continue;
              assert.ok(a.end <= b.start || b.end <= a.start);
            }
          }
        }
      }),
    );
  });

  it('counts a character beyond the basic plane once', () => {
    const entry = {
      atMs: 9788,
      durationMs: 9999,
      kind: 'boot',
      what: '\u{10000}'.repeat(40),
      outcome: 'pass',
    } as const;
    const [lane] = layOutTimeline([entry], measure).lanes;
    const { caption } = lane?.items[0] ?? assert.fail();
    assert.ok(caption.x >= 0 && caption.x + caption.width <= measure.width);
  });

  const shown = (timeline: readonly TimelineEntry[]): string[] =>
    layOutTimeline(timeline, measure).lanes.flatMap(({ kind, items }) =>
      items.map(({ row, caption }) => `${kind} ${row} ${caption.side} ${caption.text}`),
    );

  it('has a row for each of the commands that were sent together, and names them where there is room', () => {
    const command = { kind: 'command', outcome: 'pass' } as const;
    assert.deepEqual(
      shown([
        { ...command, atMs: 0, durationMs: 1000, what: 'version' },
        { ...command, atMs: 0, durationMs: 9900, what: 'features' },
        { ...command, atMs: 9000, durationMs: 1000, what: 'keyinit' },
      ]),
      [
        'command 0 right version, 1.000 s',
        'command 1 within features, 9.900 s',
        'command 0 left keyinit, 1.000 s',
      ],
    );
  });

  it('tells looks that are close together in one, but each that was refuted alone', () => {
    const look = { kind: 'evidence', what: 'look' } as const;
    assert.deepEqual(
      shown([
        { kind: 'boot', atMs: 10_000, what: 'stopped' },
        { ...look, atMs: 5000, outcome: 'pass' },
        { ...look, atMs: 5001, outcome: 'fail', what: 'password' },
        { ...look, atMs: 5002, outcome: 'pass' },
        { ...look, atMs: 5003, outcome: 'fail', what: 'address' },
        { ...look, atMs: 9000, outcome: 'pass' },
      ]),
      [
        'boot 0 left stopped',
        'evidence 0 right 2 passed',
        'evidence 1 right password',
        'evidence 2 right address',
        'evidence 0 right look',
      ],
    );
  });

  it('shortens what has no room anywhere, but not how long it took', () => {
    const [caption] = shown([
      { kind: 'command', atMs: 3000, durationMs: 3000, what: 'x'.repeat(99) },
      { kind: 'boot', atMs: 9000, what: 'stopped' },
    ]).filter((one) => one.startsWith('command'));
    assert.match(caption!, /^command 0 \w+ x{20,}…, 3\.000 s$/);
  });

  it('is empty when nothing happened', () => {
    assert.deepEqual(shown([]), []);
  });
});
