import assert from 'node:assert/strict';
import { type Check, type CheckContext, type Finding, defineCheck } from '../../checks/lib/check.js';
import { fill, runCheck } from '../../checks/lib/result.js';
import { ImageError } from '../../images/base/errors.js';
import { type Fact, factsOf } from '../../images/guest/fact.js';
import { memoryImage } from '../../images/image/memory.js';
import { judge, select, waive } from '../../pipeline/judge.js';

const context: CheckContext = { target: 'nova-agent', family: 'Linux', metadata: undefined, today: '2026-11-20' };
const none = factsOf(memoryImage({}));

function check(id: string, findings: readonly Finding[], more: Partial<Check> = {}): Check {
  return defineCheck({
    meta: {
      id,
      title: `${id} is well`,
      failureTitle: `${id} is ill`,
      category: 'agent',
      severity: 'error',
      targets: ['nova-agent'],
      families: ['Linux'],
      scope: 'image',
      messages: { bad: '{{what}} is bad', worse: 'worse' },
      docs: { why: '', remedy: '', references: [] },
    },
    needs: {},
    run: () => findings,
    ...more,
  });
}

describe('a check', () => {
  it('passes when it finds nothing', async () => {
    const result = await runCheck(check('a', []), none, context);
    assert.deepEqual(result, {
      id: 'a',
      title: 'a is well',
      outcome: 'pass',
      severity: 'error',
      findings: [],
    });
  });

  it('fails with its findings in order of place, as grave as the gravest', async () => {
    const result = await runCheck(
      check('a', [
        { message: 'worse', evidence: { path: '/b' }, severity: 'info' },
        { message: 'bad', data: { what: 'it' }, evidence: { path: '/a', line: 9 }, severity: 'warning' },
        { message: 'bad', data: { what: 'that' }, evidence: { path: '/a', line: 2 }, severity: 'info' },
      ]),
      none,
      context,
    );
    assert.equal(result.outcome, 'fail');
    assert.equal(result.title, 'a is ill');
    assert.equal(result.severity, 'warning');
    assert.deepEqual(
      result.findings.map(({ message }) => message),
      ['that is bad', 'it is bad', 'worse'],
    );
  });

  it('has the same fingerprint when only the line moves', async () => {
    const at = async (line: number): Promise<string | undefined> => {
      const found = check('a', [{ message: 'worse', evidence: { path: '/a', line } }]);
      return (await runCheck(found, none, context)).findings[0]?.fingerprint;
    };
    assert.equal(await at(1), await at(7));
    assert.match((await at(1)) ?? '', /^[0-9a-f]{16}$/);
  });

  const failures: [string, Partial<Check>, RegExp][] = [
    [
      'throws',
      {
        run: () => {
          throw new Error('boom');
        },
      },
      /Error: boom/,
    ],
    [
      'names a message that it does not have',
      { run: () => [{ message: 'nonsense' }] },
      /has no message nonsense/,
    ],
    ['leaves a placeholder empty', { run: () => [{ message: 'bad' }] }, /lacks data for what/],
    [
      'needs a fact that cannot be had',
      {
        needs: {
          broken: {
            name: 'broken',
            inputs: [],
            gather: () => Promise.reject(new ImageError('too-large', '/x is too large')),
          } satisfies Fact<never>,
        },
      },
      /^\/x is too large$/,
    ],
  ];
  for (const [what, more, reason] of failures) {
    it(`that ${what} ends in error, never in a pass`, async () => {
      const result = await runCheck(check('a', [], more), none, context);
      assert.equal(result.outcome, 'error');
      assert.match(result.reason ?? '', reason);
    });
  }

  it('says why it does not apply', async () => {
    const inapplicable = check('a', [{ message: 'worse' }], { appliesTo: () => 'nothing to look at' });
    const result = await runCheck(inapplicable, none, context);
    assert.equal(result.outcome, 'not-applicable');
    assert.equal(result.reason, 'nothing to look at');
    const other = await runCheck(check('a', [{ message: 'worse' }]), none, {
      ...context,
      target: 'cloud-init',
    });
    assert.equal(other.outcome, 'not-applicable');
  });

  it('fills a message from data', () => {
    assert.equal(fill('{{a}} and {{b}}', { a: 1, b: '{{a}}' }), '1 and {{a}}');
  });
});

describe('judge', () => {
  it('runs what is selected, sorted by id', async () => {
    const checks = [check('c', []), check('a', []), check('b', [])];
    const results = await judge(select(checks, { skip: ['b'] }), none, context, []);
    assert.deepEqual(
      results.map(({ id }) => id),
      ['a', 'c'],
    );
    assert.deepEqual(
      select(checks, { only: ['b'] }).map(({ meta }) => meta.id),
      ['b'],
    );
  });

  it('waives what a waiver covers, until it expires', async () => {
    const failed = await runCheck(check('a', [{ message: 'worse' }]), none, context);
    const waiver = { check: 'a', reason: 'on purpose', expires: '2026-11-20' };
    const waived = waive(failed, [waiver], '2026-11-20');
    assert.equal(waived.outcome, 'waived');
    assert.equal(waived.reason, 'on purpose (until 2026-11-20)');
    assert.equal(waive(failed, [waiver], '2026-11-21').outcome, 'fail');
    assert.equal(waive(failed, [{ ...waiver, check: 'b' }], '2026-11-20').outcome, 'fail');
  });

  it('waives by fingerprint only when every finding is covered', async () => {
    const two = check('a', [{ message: 'worse' }, { message: 'bad', data: { what: 'it' } }]);
    const failed = await runCheck(two, none, context);
    const waivers = failed.findings.map(({ fingerprint }) => ({
      check: 'a',
      reason: 'r',
      expires: '2027-01-01',
      fingerprint,
    }));
    assert.equal(waive(failed, waivers.slice(0, 1), '2026-11-20').outcome, 'fail');
    assert.equal(waive(failed, waivers, '2026-11-20').outcome, 'waived');
  });
});
