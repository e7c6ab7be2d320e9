import assert from 'node:assert/strict';
import type { Check, CheckContext, Severity } from '../../checks/lib/check.js';
import type { Example } from '../../checks/lib/example.js';
import { type CheckResult, runCheck } from '../../checks/lib/result.js';
import type { Fact, Gather } from '../../images/guest/fact.js';
import { testExample } from './example-tester.js';

/** What one finding must be. What is left out is not compared. */
interface ExpectedFinding {
  readonly message: string;
  readonly severity?: Severity;
  readonly path?: string;
  readonly line?: number;
  /** Must occur in the filled-in message. */
  readonly text?: string | RegExp;
}

export interface RuleCase {
  readonly name: string;
  /** A value for every fact that the check declares, by the name under which it declares it. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly context?: Partial<CheckContext>;
}

export interface RuleCases {
  /** What the rule's file exports beside the check. */
  readonly example: Example;
  readonly pass: readonly RuleCase[];
  readonly fail: readonly (RuleCase & { readonly findings: readonly ExpectedFinding[] })[];
  readonly notApplicable?: readonly (RuleCase & { readonly reason: string | RegExp })[];
}

/**
 * Tests a check against a table of cases, after ESLint's RuleTester. Beyond the cases themselves it demands that
 * the check can pass, that every one of its messages is triggered by some case, and that its example is true.
 */
export function testRule(check: Check, cases: RuleCases): void {
  describe(check.meta.id, () => {
    for (const each of cases.pass) {
      it(`passes: ${each.name}`, async () => {
        const result = await judge(check, each);
        assert.deepEqual(
          result.findings.map(({ message }) => message),
          [],
        );
        assert.equal(result.outcome, 'pass', result.reason);
      });
    }
    for (const each of cases.fail) {
      it(`fails: ${each.name}`, async () => {
        const result = await judge(check, each);
        assert.equal(result.outcome, 'fail', result.reason);
        compareFindings(result, each.findings);
      });
    }
    for (const each of cases.notApplicable ?? []) {
      it(`does not apply: ${each.name}`, async () => {
        const result = await judge(check, each);
        assert.equal(result.outcome, 'not-applicable', result.reason);
        assertText(result.reason ?? '', each.reason);
      });
    }
    testExample(check, cases.example);
    it('can pass, and every message has a case that triggers it', () => {
      assert.deepEqual(gaps(check, cases), []);
    });
  });
}

/** What a table of cases leaves untested: no passing case, messages that no case expects, cases that expect none. */
export function gaps(check: Check, cases: Pick<RuleCases, 'pass' | 'fail'>): string[] {
  const expected = new Set(cases.fail.flatMap(({ findings }) => findings.map(({ message }) => message)));
  const missing = cases.pass.length === 0 ? ['no case passes'] : [];
  for (const message of Object.keys(check.meta.messages)) {
    if (!expected.has(message)) missing.push(`no case triggers the message ${message}`);
  }
  for (const { name, findings } of cases.fail) {
    if (findings.length === 0) missing.push(`the case "${name}" expects no finding`);
  }
  return missing;
}

/** Runs a check on the facts of a case. */
export async function judge(check: Check, { facts, context }: RuleCase): Promise<CheckResult> {
  const target = check.meta.targets[0];
  assert.ok(target, 'a check is asked for at least one target');
  return runCheck(check, gatherFrom(check, facts), {
    target,
    family: 'Linux',
    metadata: undefined,
    today: '2026-01-15',
    ...context,
  });
}

/** Answers for facts by the names under which something declares them. */
export function gatherFrom(
  { needs }: { readonly needs: Readonly<Record<string, Fact<unknown>>> },
  facts: Readonly<Record<string, unknown>>,
): Gather {
  for (const name of Object.keys(facts))
    assert.ok(name in needs, `the case gives ${name}, which is not declared`);
  return async <T>(fact: Fact<T>): Promise<T> => {
    const name = Object.keys(needs).find((key) => needs[key] === fact);
    assert.ok(name !== undefined && name in facts, `the case gives no ${name ?? fact.name}`);
    return facts[name] as T;
  };
}

function compareFindings(result: CheckResult, expected: readonly ExpectedFinding[]): void {
  const shown = result.findings.map(({ messageId, message, severity, path, line }) => ({
    messageId,
    message,
    severity,
    path,
    line,
  }));
  assert.deepEqual(
    shown.map(({ messageId }) => messageId),
    expected.map(({ message }) => message),
    JSON.stringify(shown, undefined, 2),
  );
  for (const [index, wanted] of expected.entries()) {
    const found = shown[index];
    assert.ok(found);
    if (wanted.severity !== undefined) assert.equal(found.severity, wanted.severity, found.message);
    if (wanted.path !== undefined) assert.equal(found.path, wanted.path, found.message);
    if (wanted.line !== undefined) assert.equal(found.line, wanted.line, found.message);
    if (wanted.text !== undefined) assertText(found.message, wanted.text);
  }
}

function assertText(actual: string, wanted: string | RegExp): void {
  const matches = typeof wanted === 'string' ? actual.includes(wanted) : wanted.test(actual);
  assert.ok(matches, `"${actual}" lacks ${String(wanted)}`);
}
