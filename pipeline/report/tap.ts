import type { CheckResult } from '../../checks/lib/result.js';
import type { Report, RunFailure } from './report.js';
import { visible } from '../../images/base/visible.js';
import { type RehearsalPoint, claimInWords, claimsInWords, pointsOf } from './rehearsal-words.js';
import { reachesThreshold, headline, placeOf } from './result-words.js';
import { checksInWords } from './verdict-words.js';

/**
 * TAP version 14 (testanything.org) with YAML diagnostics. What failed below the threshold is TODO, which a harness
 * counts as passing: it agrees with the exit code. A rehearsal is a point, and each of its claims; one that could not
 * be looked at is skipped.
 */
export function tap(report: Report): string {
  const { error, results, rehearsal } = report;
  if (error) return failed(error);
  const claims = rehearsal ? pointsOf(rehearsal) : [];
  const lines = ['TAP version 14', `1..${results.length + claims.length}`];
  results.forEach((result, at) => {
    lines.push(point(report, result, at + 1), ...diagnostics(result));
  });
  claims.forEach((claim, at) => {
    lines.push(...claimPoint(claim, results.length + at + 1));
  });
  lines.push(`# ${checksInWords(report)}`);
  if (rehearsal) lines.push(`# ${claimsInWords(rehearsal)}`);
  lines.push(`# verdict: ${report.verdict}`);
  return `${lines.join('\n')}\n`;
}

/** A plan and a point, so that no harness takes it for a protocol of nothing. */
function failed({ code, message, hint }: RunFailure): string {
  return [
    'TAP version 14',
    '1..1',
    `not ok 1 - run: ${description(message)}`,
    '  ---',
    '  outcome: error',
    `  code: ${quoted(code)}`,
    ...(hint === undefined ? [] : [`  hint: ${quoted(hint)}`]),
    '  ...',
    '# verdict: incomplete\n',
  ].join('\n');
}

function point(report: Report, result: CheckResult, number: number): string {
  const { outcome, id, title, reason } = result;
  const failed = outcome === 'fail' || outcome === 'error';
  const line = `${failed ? 'not ok' : 'ok'} ${number} - ${description(`${id}: ${headline(result)}`)}`;
  if (outcome === 'not-applicable') return `${line} # SKIP ${description(reason ?? 'does not apply')}`;
  if (outcome === 'waived') return `${line} # SKIP waived: ${description(reason ?? title)}`;
  return outcome === 'fail' && !reachesThreshold(report, result)
    ? `${line} # TODO below the threshold ${report.failOn}`
    : line;
}

function claimPoint(point: RehearsalPoint, number: number): string[] {
  const { id, outcome } = point;
  const { claim, seen } = claimInWords(point);
  const failed = outcome === 'fail' || outcome === 'impossible';
  const line = `${failed ? 'not ok' : 'ok'} ${number} - ${description(`${id}: ${claim}`)}`;
  if (outcome === 'not-proven') return [`${line} # SKIP ${description(seen)}`];
  if (!failed) return [line];
  const expected = outcome === 'fail' ? [`  expected: ${quoted(point.claim)}`] : [];
  return [line, '  ---', `  outcome: ${outcome}`, ...expected, `  seen: ${quoted(point.seen)}`, '  ...'];
}

/** One line, in which `#` would otherwise begin a directive. */
function description(text: string): string {
  return visible(text).replace(/[\\#]/g, '\\$&');
}

function diagnostics({ outcome, severity, reason, findings }: CheckResult): string[] {
  if (outcome !== 'fail' && outcome !== 'error' && outcome !== 'fixed') return [];
  const lines = ['  ---', `  outcome: ${outcome}`, `  severity: ${severity}`];
  if (reason !== undefined) lines.push(`  reason: ${quoted(reason)}`);
  if (findings.length > 0) lines.push('  findings:');
  for (const finding of findings) {
    const place = placeOf(finding);
    lines.push(`    - message: ${quoted(finding.message)}`);
    if (place !== undefined) lines.push(`      at: ${quoted(place)}`);
    lines.push(`      fingerprint: ${quoted(finding.fingerprint)}`);
  }
  return [...lines, '  ...'];
}

/** A double-quoted YAML scalar: of visible text, JSON's form is one. */
function quoted(text: string): string {
  return JSON.stringify(visible(text));
}
