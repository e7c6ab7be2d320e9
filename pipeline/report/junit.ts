import type { CheckResult } from '../../checks/lib/result.js';
import type { Report, RunFailure } from './report.js';
import { type Markup, markup } from './markup.js';
import { type RehearsalPoint, claimInWords, failedClaimInWords, pointsOf } from './rehearsal-words.js';
import { reachesThreshold, placeOf, ruleOf } from './result-words.js';
import { imageInWords } from './verdict-words.js';

/**
 * JUnit XML as the common CI servers read it: a suite with a case for each check and, of a rehearsal, one with a case
 * for the whole and for each claim. A failure below the threshold is a passing case with its findings as output, so
 * that the CI agrees with the exit code. Characters that XML 1.0 does not allow are spelled out, as everywhere.
 */
export function junit(report: Report): string {
  const { outcomes } = report.counts;
  const points = report.rehearsal ? pointsOf(report.rehearsal) : [];
  const checks: Totals = {
    tests: report.results.length + (report.error ? 1 : 0),
    failures: report.results.filter((result) => isFailure(report, result)).length,
    errors: outcomes.error + (report.error ? 1 : 0),
    skipped: outcomes['not-applicable'] + outcomes.waived,
  };
  const claims: Totals = {
    tests: points.length,
    failures: points.filter(({ outcome }) => outcome === 'fail').length,
    errors: points.filter(({ outcome }) => outcome === 'impossible').length,
    skipped: points.filter(({ outcome }) => outcome === 'not-proven').length,
  };
  const all: Totals = {
    tests: checks.tests + claims.tests,
    failures: checks.failures + claims.failures,
    errors: checks.errors + claims.errors,
    skipped: checks.skipped + claims.skipped,
  };
  const suites = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hallmark"${totals(all)}>
  <testsuite name="${report.image.source}"${totals(checks)}>
    <properties>
      <property name="verdict" value="${report.verdict}"/>
${
  report.target &&
  markup`      <property name="target" value="${report.target.chosen}"/>
`
}${
    report.error
      ? undefined
      : markup`      <property name="image" value="${imageInWords(report)}"/>
`
  }    </properties>
${report.error && failureCase(report.error)}${report.results.map((result) => testCase(report, result))}  </testsuite>
${points.length > 0 ? rehearsalSuite(report, points, claims) : undefined}</testsuites>
`;
  return suites.text;
}

interface Totals {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function totals({ tests, failures, errors, skipped }: Totals): Markup {
  return markup` tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

function rehearsalSuite({ image }: Report, points: readonly RehearsalPoint[], claims: Totals): Markup {
  return markup`  <testsuite name="${`rehearsal of ${image.source}`}"${totals(claims)}>
${points.map(
  (
    point,
  ) => markup`    <testcase classname="hallmark.rehearsal" name="${point.id}">${claimBody(point)}</testcase>
`,
)}  </testsuite>
`;
}

function claimBody(point: RehearsalPoint): Markup | undefined {
  const words = claimInWords(point);
  switch (point.outcome) {
    case 'pass':
      return undefined;
    case 'fail':
      return markup`<failure type="rehearsal" message="${failedClaimInWords(point)}">${`${words.claim}\n${words.seen}`}</failure>`;
    case 'not-proven':
      return markup`<skipped message="${words.seen}"/>`;
    case 'impossible':
      return markup`<error type="rehearsal" message="${words.seen}"/>`;
  }
}

function isFailure(report: Report, result: CheckResult): boolean {
  return result.outcome === 'fail' && reachesThreshold(report, result);
}

function failureCase({ code, message, hint }: RunFailure): Markup {
  return markup`    <testcase classname="hallmark" name="run"><error type="${code}" message="${message}">${hint}</error></testcase>
`;
}

function testCase(report: Report, result: CheckResult): Markup {
  const category = ruleOf(report, result.id)?.category ?? 'check';
  return markup`    <testcase classname="hallmark.${category}" name="${result.id}">${body(report, result)}</testcase>
`;
}

function body(report: Report, result: CheckResult): Markup | undefined {
  const { outcome, title, reason, severity } = result;
  switch (outcome) {
    case 'pass':
      return undefined;
    case 'error':
      return markup`<error type="error" message="${reason ?? 'could not be judged'}"/>`;
    case 'not-applicable':
      return markup`<skipped message="${reason ?? 'does not apply'}"/>`;
    case 'waived':
      return markup`<skipped message="${`waived: ${reason ?? title}`}"/>`;
    case 'fixed':
      return markup`<system-out>repaired: ${title}
${findings(result)}</system-out>`;
    case 'fail': {
      const remedy = ruleOf(report, result.id)?.remedy;
      if (!isFailure(report, result))
        return markup`<system-out>${severity}: ${title}
${findings(result)}</system-out>`;
      return markup`<failure type="${severity}" message="${title}">${findings(result)}${remedy}</failure>`;
    }
  }
}

function findings(result: CheckResult): Markup[] {
  return result.findings.map((finding) => {
    const place = placeOf(finding);
    return markup`${place === undefined ? undefined : `${place}: `}${finding.message}
`;
  });
}
