import assert from 'node:assert/strict';
import {
  type Check,
  type CheckContext,
  type Needs,
  type Severity,
  defineCheck,
} from '../../checks/lib/check.js';
import type { CheckResult } from '../../checks/lib/result.js';
import { type Fixer, type FixerContext, type Repair, defineFixer } from '../../fixers/lib/fixer.js';
import { write } from '../../images/image/change.js';
import { ImageError } from '../../images/base/errors.js';
import { type Fact, factsOf } from '../../images/guest/fact.js';
import type { GuestPath } from '../../images/image/image.js';
import { memoryImage } from '../../images/image/memory.js';
import { judge } from '../../pipeline/judge.js';
import { type Plan, isWorse, makePlan } from '../../pipeline/plan.js';

const context: CheckContext = { target: 'nova-agent', family: 'Linux', metadata: undefined, today: '2026-11-20' };

/** A check that wants a word in a file. */
function wants(id: string, path: GuestPath, word: string, severity: Severity = 'error'): Check {
  const text: Fact<string> = {
    name: path,
    inputs: [path],
    gather: async (image) => (await image.readText(path)) ?? '',
  };
  return defineCheck({
    meta: {
      id,
      title: 'ok',
      failureTitle: 'not ok',
      category: 'agent',
      severity,
      targets: ['nova-agent'],
      families: ['Linux'],
      scope: 'image',
      messages: { lacks: `${path} lacks ${word}` },
      docs: { why: '', remedy: '', references: [] },
    },
    needs: { text },
    *run({ text: content }) {
      if (!content.includes(word)) yield { message: 'lacks', evidence: { path } };
    },
  });
}

function fixer(id: string, plan: (context: FixerContext<Needs>) => Promise<readonly Repair[]>): Fixer {
  return defineFixer({
    meta: { id, title: id, risk: 'safe', docs: '', phase: 'enable' },
    needs: {},
    async *plan(given) {
      yield* await plan(given);
    },
  });
}

const writes = (id: string, path: GuestPath, text: string): Fixer =>
  fixer(id, ({ image }) => write(image, path, text));

async function planFor(
  checks: readonly Check[],
  fixers: readonly Fixer[],
  files: Record<string, string> = {},
): Promise<Plan> {
  const image = memoryImage(files);
  const before = await judge(checks, factsOf(image), context, []);
  return makePlan({ image, checks, fixers, context, waivers: [], before });
}

describe('plan', () => {
  it('keeps a repair whose check then passes', async () => {
    const plan = await planFor([wants('a', '/a', 'yes')], [writes('a', '/a', 'yes')]);
    assert.deepEqual(
      plan.changes.map(({ path }) => path),
      ['/a'],
    );
    assert.equal(plan.after[0]?.outcome, 'pass');
    assert.deepEqual(plan.rejected, []);
  });

  it('leaves alone what passes', async () => {
    const plan = await planFor([wants('a', '/a', 'yes')], [writes('a', '/a', 'yes, twice')], { '/a': 'yes' });
    assert.deepEqual(plan.steps, []);
  });

  it('rejects a repair that does not repair', async () => {
    const plan = await planFor([wants('a', '/a', 'yes')], [writes('a', '/a', 'no')]);
    assert.deepEqual(plan.changes, []);
    assert.match(plan.rejected[0]?.reason ?? '', /its own check still fails: \/a lacks yes/);
  });

  it('rejects a repair that makes another check worse, and keeps the others', async () => {
    const plan = await planFor(
      [wants('a', '/a', 'yes'), wants('b', '/b', 'keep'), wants('c', '/c', 'yes')],
      [
        writes('c', '/c', 'yes'),
        fixer('a', async ({ image }) => [
          ...(await write(image, '/a', 'yes')),
          ...(await write(image, '/b', 'lost')),
        ]),
      ],
      { '/b': 'keep' },
    );
    assert.deepEqual(
      plan.changes.map(({ path }) => path),
      ['/c'],
    );
    assert.match(plan.rejected[0]?.reason ?? '', /b would get worse/);
  });

  it('rejects the repair that made another check worse, not the last one', async () => {
    const plan = await planFor(
      [wants('a', '/a', 'yes'), wants('b', '/b', 'keep'), wants('c', '/c', 'yes')],
      [
        fixer('a', async ({ image }) => [
          ...(await write(image, '/a', 'yes')),
          ...(await write(image, '/b', 'lost')),
        ]),
        writes('c', '/c', 'yes'),
      ],
      { '/b': 'keep' },
    );
    assert.deepEqual(
      plan.rejected.map((rejection) => rejection.fixer.id),
      ['a'],
    );
    assert.deepEqual(
      plan.changes.map(({ path }) => path),
      ['/c'],
    );
  });

  it('leaves out a fixer that the image keeps from saying what it would do, and keeps the others', async () => {
    const refuses = fixer('a', () => Promise.reject(new ImageError('unsupported', '/a is odd')));
    const plan = await planFor(
      [wants('a', '/a', 'yes'), wants('c', '/c', 'yes')],
      [refuses, writes('c', '/c', 'yes')],
    );
    assert.deepEqual(
      plan.rejected.map(({ fixer: { id }, reason }) => [id, reason]),
      [['a', '/a is odd']],
    );
    assert.deepEqual(
      plan.changes.map(({ path }) => path),
      ['/c'],
    );
  });

  it('does not hide a bug in a fixer', async () => {
    const broken = fixer('a', () => Promise.reject(new TypeError('undefined is not a function')));
    await assert.rejects(planFor([wants('a', '/a', 'yes')], [broken]), TypeError);
  });

  it('shows each fixer what the ones before it did, and brings it down to one change a path', async () => {
    const plan = await planFor(
      [wants('a', '/a', 'one'), wants('b', '/a', 'two')],
      [
        writes('a', '/a', 'one'),
        fixer('b', async ({ image }) => write(image, '/a', `${(await image.readText('/a')) ?? ''} two`)),
      ],
    );
    assert.equal(plan.steps.length, 2);
    assert.equal(plan.changes.length, 1);
    assert.deepEqual(plan.changes[0]?.expect, { type: 'absent' });
    assert.ok(plan.after.every(({ outcome }) => outcome === 'pass'));
  });

  it('does not repair what is waived', async () => {
    const image = memoryImage({});
    const checks = [wants('a', '/a', 'yes')];
    const waivers = [{ check: 'a', reason: 'r', expires: '2027-01-01' }];
    const before = await judge(checks, factsOf(image), context, waivers);
    const plan = await makePlan({
      image,
      checks,
      fixers: [writes('a', '/a', 'yes')],
      context,
      waivers,
      before,
    });
    assert.deepEqual(plan.steps, []);
  });

  it('carries properties into the context in which it verifies', async () => {
    const check = defineCheck({
      ...wants('m', '/m', ''),
      *run(_, { metadata }) {
        if (metadata?.['vm_mode'] !== 'hvm') yield { message: 'lacks' };
      },
    });
    const set = fixer('m', async () => [{ kind: 'property', name: 'vm_mode', value: 'hvm', was: undefined }]);
    const plan = await planFor([check], [set]);
    assert.deepEqual(plan.context.metadata, { vm_mode: 'hvm' });
    assert.equal(plan.after[0]?.outcome, 'pass');
  });
});

describe('isWorse', () => {
  const result = (outcome: CheckResult['outcome'], severity: Severity = 'error'): CheckResult => ({
    id: 'a',
    title: '',
    outcome,
    severity,
    findings: [],
  });
  const finding = { messageId: 'm', message: '', severity: 'error', fingerprint: '', data: {} } as const;
  const failing = (count: number): CheckResult => ({
    ...result('fail'),
    findings: Array.from({ length: count }, () => finding),
  });
  const table: [CheckResult, CheckResult, boolean][] = [
    [failing(1), failing(2), true],
    [failing(2), failing(1), false],
    [failing(2), failing(2), false],
    [result('pass'), result('fail'), true],
    [result('pass'), result('error'), true],
    [result('fail'), result('error'), true],
    [result('fail', 'warning'), result('fail', 'error'), true],
    [result('fail', 'error'), result('fail', 'warning'), false],
    [result('fail'), result('fail'), false],
    [result('not-applicable'), result('fail'), false],
    [result('not-applicable'), result('error'), true],
    [result('error'), result('fail'), false],
    [result('waived'), result('fail'), true],
    [result('fail'), result('pass'), false],
  ];
  for (const [before, after, expected] of table) {
    it(`${before.outcome} (${before.severity}) to ${after.outcome} (${after.severity}): ${expected}`, () => {
      assert.equal(isWorse(before, after), expected);
    });
  }
});
