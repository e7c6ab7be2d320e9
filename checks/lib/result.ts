import type { Gather } from '../../images/guest/fact.js';
import { sha256 } from '../../images/base/sha256.js';
import { HallmarkError } from '../../images/base/errors.js';
import {
  type Check,
  type CheckContext,
  type Finding,
  type Gathered,
  type Needs,
  type Severity,
  atLeast,
} from './check.js';

export type Outcome = 'pass' | 'fail' | 'fixed' | 'waived' | 'not-applicable' | 'error';

/** A finding as the report has it: with its message filled in, and a fingerprint that survives moved lines. */
export interface ReportedFinding {
  readonly messageId: string;
  readonly message: string;
  readonly severity: Severity;
  readonly path?: string;
  readonly line?: number;
  /**
   * 16 hex digits of the check's id, the message's id, the path and the data: stable between images and releases, since
   * neither the line number nor the wording of the message counts. Waivers name it, so the data of a finding is kept
   * as it is when its message is worded anew.
   */
  readonly fingerprint: string;
  readonly data: Readonly<Record<string, string | number>>;
  /** The check's repair can do nothing about it. */
  readonly byHand?: true;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** Of the gravest finding; of a check without findings, the check's own. */
  readonly severity: Severity;
  readonly findings: readonly ReportedFinding[];
  /** Why it does not apply, was waived, or could not be judged. */
  readonly reason?: string;
}

/** Runs one check. Never throws: what goes wrong inside becomes the outcome `error` (docs/decisions.md#fail-closed). */
export async function runCheck(check: Check, get: Gather, context: CheckContext): Promise<CheckResult> {
  const { id, title, failureTitle, severity } = check.meta;
  const base = { id, severity, findings: [] };
  if (!check.meta.targets.includes(context.target)) {
    return {
      ...base,
      title,
      outcome: 'not-applicable',
      reason: `not asked for the target ${context.target}`,
    };
  }
  if (!check.meta.families.includes(context.family)) {
    const reason = `it judges ${check.meta.families.join(' and ')} guests; this one is ${context.family}`;
    return { ...base, title, outcome: 'not-applicable', reason };
  }
  try {
    const facts = await gatherAll(check.needs, get);
    const applies = check.appliesTo?.(facts, context) ?? true;
    if (applies !== true) return { ...base, title, outcome: 'not-applicable', reason: applies };
    const findings: ReportedFinding[] = [];
    for await (const finding of check.run(facts, context)) findings.push(report(check, finding));
    if (findings.length === 0) return { ...base, title, outcome: 'pass' };
    findings.sort(byPlace);
    return { id, title: failureTitle, outcome: 'fail', severity: gravest(findings), findings };
  } catch (error) {
    return { ...base, title, outcome: 'error', reason: reasonOf(error) };
  }
}

/** Asks for every declared fact, by the names under which they were declared. */
export async function gatherAll<N extends Needs>(needs: N, get: Gather): Promise<Gathered<N>> {
  const facts: Record<string, unknown> = {};
  for (const [name, fact] of Object.entries(needs)) facts[name] = await get(fact);
  return facts as Gathered<N>;
}

/** The text of a message with its `{{placeholders}}` filled. A placeholder without data is a bug, so it throws. */
export function fill(template: string, data: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = data[name];
    if (value === undefined) throw new Error(`the message "${template}" lacks data for ${name}`);
    return String(value);
  });
}

function report(check: Check, finding: Finding): ReportedFinding {
  const template = check.meta.messages[finding.message];
  if (template === undefined) throw new Error(`${check.meta.id} has no message ${finding.message}`);
  const data = finding.data ?? {};
  const { path, line } = finding.evidence ?? {};
  const identity = JSON.stringify([
    check.meta.id,
    finding.message,
    path ?? null,
    Object.entries(data).sort(),
  ]);
  let fingerprint: string | undefined;
  return {
    messageId: finding.message,
    message: fill(template, data),
    severity: finding.severity ?? check.meta.severity,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    // Made when it is asked for: the text report has none, and node's cryptography takes a while to load.
    get fingerprint() {
      return (fingerprint ??= sha256(identity).slice(0, 16));
    },
    data,
    ...(finding.byHand ? { byHand: true } : {}),
  };
}

function gravest(findings: readonly ReportedFinding[]): Severity {
  return findings.reduce<Severity>(
    (worst, { severity }) => (atLeast(severity, worst) ? severity : worst),
    'info',
  );
}

function byPlace(a: ReportedFinding, b: ReportedFinding): number {
  const [placeA, placeB] = [a.path ?? '', b.path ?? ''];
  if (placeA !== placeB) return placeA < placeB ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.message < b.message ? -1 : a.message > b.message ? 1 : 0);
}

function reasonOf(error: unknown): string {
  if (error instanceof HallmarkError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
