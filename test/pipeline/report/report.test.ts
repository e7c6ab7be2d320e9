import assert from 'node:assert/strict';
import type { Severity } from '../../../checks/lib/check.js';
import type { CheckResult, Outcome } from '../../../checks/lib/result.js';
import {
  type Command,
  type ReportParts,
  assembleReport,
  exitCodeOf,
  verdictOf,
} from '../../../pipeline/report/report.js';
import { validateReport } from '../../../pipeline/report/validate.js';
import type { RehearsalOutcome } from '../../../pipeline/report/rehearsal.js';
import {
  failedRehearsal,
  hostileRehearsal,
  impossibleRehearsal,
  passedRehearsal,
} from './rehearsal-samples.js';
import { failingReport, goldenReport, hostileReport, incompleteReport, planReport } from './samples.js';

function result(outcome: Outcome, severity: Severity = 'error', id = 'a'): CheckResult {
  const finding = { messageId: 'm', message: 'm', severity, fingerprint: '0'.repeat(16), data: {} };
  const found = outcome === 'fail' || outcome === 'waived' || outcome === 'fixed';
  return { id, title: id, outcome, severity, findings: found ? [finding, finding] : [] };
}

function parts(results: readonly CheckResult[], more: Partial<ReportParts> = {}): ReportParts {
  return {
    version: '1.2.3',
    command: 'check',
    failOn: 'warning',
    image: { kind: 'memory', source: 'memory' },
    target: { chosen: 'nova-agent', requested: 'nova-agent', reason: 'it was asked for' },
    results,
    rules: [],
    ...more,
  };
}

describe('the verdict', () => {
  const cases: readonly (readonly [string, readonly CheckResult[], Severity, string])[] = [
    ['no results', [], 'info', 'incomplete'],
    ['all pass', [result('pass')], 'info', 'golden'],
    ['an error outcome', [result('error', 'info')], 'error', 'incomplete'],
    ['an error outcome beside a failure', [result('fail'), result('error')], 'error', 'incomplete'],
    ['a failure at the threshold', [result('fail', 'warning')], 'warning', 'not-golden'],
    ['a failure above the threshold', [result('fail', 'error')], 'warning', 'not-golden'],
    ['a failure below the threshold', [result('fail', 'info')], 'warning', 'golden'],
    ['the same with a lower threshold', [result('fail', 'info')], 'info', 'not-golden'],
    ['a waived failure', [result('waived')], 'info', 'golden'],
    ['a repaired failure', [result('fixed')], 'info', 'golden'],
    ['what does not apply', [result('not-applicable')], 'info', 'incomplete'],
    ['what does not apply beside a pass', [result('not-applicable'), result('pass')], 'info', 'golden'],
  ];
  for (const [name, results, failOn, verdict] of cases) {
    it(`of ${name} with fail-on ${failOn} is ${verdict}`, () => {
      assert.equal(verdictOf(results, failOn), verdict);
    });
  }
});

describe('the verdict over a rehearsal', () => {
  const cases: readonly (readonly [RehearsalOutcome, Outcome, string])[] = [
    ['passed', 'pass', 'golden'],
    ['passed', 'fail', 'not-golden'],
    ['passed', 'error', 'incomplete'],
    ['passed', 'not-applicable', 'incomplete'],
    ['failed', 'pass', 'not-golden'],
    ['failed', 'fail', 'not-golden'],
    ['failed', 'error', 'incomplete'],
    ['impossible', 'pass', 'incomplete'],
    ['impossible', 'fail', 'incomplete'],
    ['impossible', 'error', 'incomplete'],
  ];
  for (const [outcome, check, verdict] of cases) {
    it(`that ${outcome === 'impossible' ? 'was impossible' : outcome}, with a check that ended in ${check}, is ${verdict}`, () => {
      assert.equal(verdictOf([result(check)], 'warning', { outcome }), verdict);
    });
  }
});

describe('the exit code', () => {
  const change = {
    path: '/a',
    kind: 'remove',
    fixers: [],
    before: { type: 'link', target: 'b' },
    after: { type: 'absent' },
  } as const;
  const property = {
    fixer: 'f',
    change: { kind: 'property', name: 'vm_mode', value: 'hvm', was: undefined },
  } as const;
  const unverified = [{ fixer: 'f', reason: 'r' }];
  const rehearsal = (outcome: RehearsalOutcome): Partial<ReportParts> => ({
    rehearsal: { ...passedRehearsal().rehearsal!, outcome },
  });
  const cases: readonly (readonly [string, Command, readonly CheckResult[], Partial<ReportParts>, number])[] =
    [
      ['a golden image', 'check', [result('pass')], {}, 0],
      ['findings', 'check', [result('fail')], {}, 1],
      ['an unjudged check', 'check', [result('error'), result('fail')], {}, 3],
      ['a plan with nothing to do', 'plan', [result('pass')], {}, 0],
      ['a plan with changes', 'plan', [result('pass')], { changes: [change] }, 1],
      ['a plan with properties', 'plan', [result('pass')], { properties: [property] }, 1],
      ['a plan with findings that no repair helps', 'plan', [result('fail')], {}, 1],
      ['a plan over an unjudged check', 'plan', [result('error')], { changes: [change] }, 3],
      ['a prepared image', 'prepare', [result('fixed')], { changes: [change] }, 0],
      ['a prepared image with findings left', 'prepare', [result('fail')], { changes: [change] }, 1],
      ['an unverified repair', 'prepare', [result('fail')], { unverified }, 4],
      ['an unverified repair beside an unjudged check', 'prepare', [result('error')], { unverified }, 4],
      ['a rehearsal that passed', 'rehearse', [result('pass')], rehearsal('passed'), 0],
      ['a rehearsal that passed beside findings', 'rehearse', [result('fail')], rehearsal('passed'), 0],
      [
        'a rehearsal that passed beside an unjudged check',
        'rehearse',
        [result('error')],
        rehearsal('passed'),
        0,
      ],
      ['a rehearsal that failed', 'rehearse', [result('pass')], rehearsal('failed'), 1],
      [
        'a rehearsal that failed beside an unjudged check',
        'rehearse',
        [result('error')],
        rehearsal('failed'),
        1,
      ],
      ['a rehearsal that was impossible', 'rehearse', [result('pass')], rehearsal('impossible'), 3],
      ['a rehearsal that never was', 'rehearse', [result('pass')], {}, 3],
      ['a prepared image that passed', 'prepare', [result('fixed')], rehearsal('passed'), 0],
      ['a prepared image that failed', 'prepare', [result('fixed')], rehearsal('failed'), 1],
      [
        'a prepared image that could not be rehearsed',
        'prepare',
        [result('fixed')],
        rehearsal('impossible'),
        3,
      ],
      [
        'an unverified repair of an image that failed',
        'prepare',
        [result('fixed')],
        { ...rehearsal('failed'), unverified },
        4,
      ],
    ];
  for (const [name, command, results, more, code] of cases) {
    it(`of ${name} (${command}) is ${code}`, () => {
      assert.equal(exitCodeOf(assembleReport(parts(results, { ...more, command }))), code);
    });
  }
});

describe('assembleReport', () => {
  it('sorts by id and counts outcomes and what remains', () => {
    const report = assembleReport(
      parts([result('waived', 'error', 'c'), result('fail', 'warning', 'b'), result('fixed', 'error', 'a')]),
    );
    assert.deepEqual(
      report.results.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(report.counts, {
      outcomes: { pass: 0, fail: 1, fixed: 1, waived: 1, 'not-applicable': 0, error: 0 },
      findings: { error: 0, warning: 2, info: 0 },
    });
  });

  it('gives the same report for the same parts in another order', () => {
    const results = [result('pass', 'error', 'b'), result('fail', 'info', 'a'), result('pass', 'info', 'c')];
    assert.deepEqual(assembleReport(parts(results)), assembleReport(parts(results.toReversed())));
  });
});

describe('the published schema', () => {
  const samples = {
    goldenReport,
    failingReport,
    planReport,
    incompleteReport,
    hostileReport,
    passedRehearsal,
    failedRehearsal,
    impossibleRehearsal,
    hostileRehearsal,
  };
  for (const [name, make] of Object.entries(samples)) {
    it(`fits ${name}`, async () => {
      assert.deepEqual(await validateReport(make()), []);
    });
  }

  it('finds what does not belong there, and what is missing', async () => {
    const { verdict, ...rest } = { ...goldenReport(), secrets: 'x' };
    assert.equal(verdict, 'golden');
    const problems = await validateReport(rest as never);
    assert.deepEqual(problems.sort(), [
      '/ must NOT have additional properties (secrets)',
      "/ must have required property 'verdict'",
    ]);
  });

  it('is as strict with a rehearsal', async () => {
    const report = failedRehearsal();
    const { way, ...rest } = report.rehearsal!;
    assert.equal(way, 'boot');
    const [entry] = rest.timeline;
    const rehearsal = {
      ...rest,
      password: 'x',
      timeline: [{ ...entry, atMs: -1, secret: 'x' }],
      evidence: [{ id: 'a', claim: 'b', outcome: 'maybe' }],
    };
    const problems = await validateReport({ ...report, rehearsal } as never);
    assert.deepEqual(problems.sort(), [
      '/rehearsal must NOT have additional properties (password)',
      "/rehearsal must have required property 'way'",
      "/rehearsal/evidence/0 must have required property 'seen'",
      '/rehearsal/evidence/0/outcome must be equal to one of the allowed values',
      '/rehearsal/timeline/0 must NOT have additional properties (secret)',
      '/rehearsal/timeline/0/atMs must be >= 0',
    ]);
  });

  it('refuses a line 0, a mode that is no mode and an outcome that is none', async () => {
    const report = JSON.parse(
      JSON.stringify(planReport()).replaceAll('"line":3', '"line":0').replaceAll('0755', '755'),
    ) as never;
    const problems = (await validateReport(report)).join('\n');
    assert.match(problems, /\/results\/3\/findings\/0\/line must be >= 1/);
    assert.match(problems, /\/changes\/0\/before\/mode must match pattern/);
    const odd = JSON.parse(
      JSON.stringify(goldenReport()).replace('"outcome":"pass"', '"outcome":"fine"'),
    ) as never;
    assert.match((await validateReport(odd)).join('\n'), /\/results\/0\/outcome must be equal to one of/);
  });
});
