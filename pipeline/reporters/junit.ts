import type { CheckResult } from '../../checks/lib/result.js';
import type { Report } from '../report.js';
import { type Markup, markup } from './markup.js';
import { counts, imageInWords, placeOf, ruleOf } from './wording.js';

/**
 * JUnit XML as the common CI servers read it: one suite, one case for each check. A failure below the threshold is
 * a passing case with its findings as output, so that the CI agrees with the exit code. Characters that XML 1.0 does
 * not allow are spelled out, as everywhere.
 */
export function junit(report: Report): string {
  const { outcomes } = report.counts;
  const failures = report.results.filter((result) => isFailure(report, result)).length;
  const skipped = outcomes['not-applicable'] + outcomes.waived;
  const suite = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hallmark" tests="${report.results.length}" failures="${failures}" errors="${outcomes.error}" skipped="${skipped}">
  <testsuite name="${report.image.source}" tests="${report.results.length}" failures="${failures}" errors="${outcomes.error}" skipped="${skipped}">
    <properties>
      <property name="verdict" value="${report.verdict}"/>
      <property name="target" value="${report.target.chosen}"/>
      <property name="image" value="${imageInWords(report)}"/>
    </properties>
${report.results.map((result) => testCase(report, result))}  </testsuite>
</testsuites>
`;
  return suite.text;
}

function isFailure(report: Report, result: CheckResult): boolean {
  return result.outcome === 'fail' && counts(report, result);
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
