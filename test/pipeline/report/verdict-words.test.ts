import assert from 'node:assert/strict';
import { count } from '../../../pipeline/report/english.js';
import { formats, render } from '../../../pipeline/report/index.js';
import { planText } from '../../../pipeline/report/plan.js';
import { claimsInWords } from '../../../pipeline/report/rehearsal-words.js';
import type { Report } from '../../../pipeline/report/report.js';
import { checksInWords, verdictSentence } from '../../../pipeline/report/verdict-words.js';
import {
  failedRehearsal,
  hostileRehearsal,
  impossibleRehearsal,
  passedRehearsal,
} from './rehearsal-samples.js';
import { failingReport, goldenReport, hostileReport, incompleteReport, planReport } from './samples.js';

const samples: readonly (() => Report)[] = [
  goldenReport,
  failingReport,
  planReport,
  incompleteReport,
  hostileReport,
  passedRehearsal,
  failedRehearsal,
  impossibleRehearsal,
  hostileRehearsal,
];

/** The total and the parts of "7 checks: 5 with findings, 1 passed, 1 not applicable". */
function totalAndParts(words: string): [number, number[]] {
  const [total = '', parts = ''] = words.split(': ');
  return [Number.parseInt(total, 10), parts.split(', ').map((part) => Number.parseInt(part, 10))];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('the counts of a report', () => {
  it('count every check once, and every claim once', () => {
    for (const make of samples) {
      const report = make();
      const [checks, outcomes] = totalAndParts(checksInWords(report));
      assert.equal(checks, report.results.length);
      assert.equal(sum(outcomes), checks);
      if (!report.rehearsal || report.rehearsal.evidence.length === 0) continue;
      const [claims, proven] = totalAndParts(claimsInWords(report.rehearsal));
      assert.equal(claims, report.rehearsal.evidence.length);
      assert.equal(sum(proven), claims);
    }
  });

  it('are the same words in every format that has them', async () => {
    for (const make of samples) {
      const report = make();
      for (const format of ['text', 'html', 'markdown', 'tap'] as const) {
        const written = (await render(format, report)).replace(/\s+/g, ' ');
        assert.ok(written.includes(checksInWords(report)), `${format}: ${checksInWords(report)}`);
        if (!report.rehearsal) continue;
        const claims = claimsInWords(report.rehearsal);
        assert.ok(written.toLowerCase().includes(claims), `${format}: ${claims}`);
      }
    }
    assert.equal(formats.length, 7);
  });

  it('tell findings from checks, and those that count from those below the threshold', () => {
    const report = failingReport();
    assert.deepEqual(report.counts.findings, { error: 4, warning: 1, info: 1 });
    assert.equal(
      verdictSentence(report),
      '5 findings (4 errors, 1 warning) to resolve; 1 finding (1 info) below the threshold "warning".',
    );
    assert.equal(
      verdictSentence({ ...report, failOn: 'error' }),
      '4 findings (4 errors) to resolve; 2 findings (1 warning, 1 info) below the threshold "error".',
    );
    const clean = {
      ...report,
      verdict: 'golden',
      counts: { ...report.counts, findings: { error: 0, warning: 0, info: 0 } },
    } as const;
    assert.equal(verdictSentence(clean), 'No findings to resolve.');
  });

  it('have a singular and a plural', () => {
    const outcomes = { error: 0, fail: 0, fixed: 0, waived: 0, pass: 0, 'not-applicable': 0 };
    const words = (some: Partial<typeof outcomes>): string =>
      checksInWords({
        ...failingReport(),
        counts: { ...failingReport().counts, outcomes: { ...outcomes, ...some } },
      });
    assert.deepEqual(
      [words({}), words({ pass: 1 }), words({ fail: 1, 'not-applicable': 2 })],
      ['0 checks', '1 check: 1 passed', '3 checks: 1 with findings, 2 not applicable'],
    );
    assert.deepEqual(
      [count(1, 'image property', 'image properties'), count(0, 'path'), count(2, 'path')],
      ['1 image property', '0 paths', '2 paths'],
    );
  });

  it('tell the paths of a plan from the properties of the image', () => {
    assert.match(planText(planReport()), /\n4 repairs would change 4 paths and 2 image properties\.\n/);
    const { properties, ...rest } = planReport();
    const [first] = rest.changes;
    const none = { changes: [], commands: [] };
    assert.match(
      planText({ ...rest, properties: none, changes: [first!] }),
      /\n1 repair would change 1 path\.\n/,
    );
    assert.match(
      planText({
        ...rest,
        changes: [],
        properties: { ...properties, changes: properties.changes.slice(0, 1) },
      }),
      /\n1 repair would change 1 image property\.\n/,
    );
  });
});
