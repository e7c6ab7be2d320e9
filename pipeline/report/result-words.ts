import { atLeast } from '../../checks/lib/check.js';
import type { CheckResult } from '../../checks/lib/result.js';
import type { Report, ReportedRule } from './report.js';

/** What every format says alike of the result of a check. Nothing here is escaped yet: that is for the format. */

/** A file of the guest, and a line in it; without a path the image as a whole. */
export interface Place {
  readonly path?: string | undefined;
  readonly line?: number | undefined;
}

/** "/etc/init.d/nova-agent:3"; undefined for a finding about the image as a whole. */
export function placeOf({ path, line }: Place): string | undefined {
  return path === undefined ? undefined : line === undefined ? path : `${path}:${line}`;
}

/** Results that somebody has to look at, the worst first: not judged, then failures by severity, then by id. */
export function worstFirst({ results }: Report): CheckResult[] {
  const ranks = { error: 3, warning: 2, info: 1 };
  const rank = ({ outcome, severity }: CheckResult): number => (outcome === 'error' ? 4 : ranks[severity]);
  return results
    .filter(({ outcome }) => outcome === 'error' || outcome === 'fail')
    .sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1));
}

export function resultsWith({ results }: Report, outcome: CheckResult['outcome']): CheckResult[] {
  return results.filter((result) => result.outcome === outcome);
}

export function ruleOf({ rules }: Report, id: string): ReportedRule | undefined {
  return rules.find((rule) => rule.id === id);
}

/** Whether a failure weighs enough to keep the image from being golden. */
export function reachesThreshold({ failOn }: Report, { severity }: CheckResult): boolean {
  return atLeast(severity, failOn);
}

/** What a result is about: of one that was not judged, only the question is known. */
export function headline({ outcome, title }: Pick<CheckResult, 'outcome' | 'title'>): string {
  return outcome === 'error' ? `whether ${title}` : title;
}

/** Whether the repair of a check can do something about what it found. */
export function isRepairable(report: Report, { id, findings }: CheckResult): boolean {
  return ruleOf(report, id)?.repair !== undefined && findings.some(({ byHand }) => !byHand);
}
