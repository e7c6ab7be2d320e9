import type { Severity } from '../../checks/lib/check.js';
import type { CheckResult, ReportedFinding } from '../../checks/lib/result.js';
import { encode } from '../../images/base/text.js';
import { type Report, type ReportedRule, exitCodeOf } from './report.js';
import { markdown, markdownCode, markdownRule } from './escape.js';
import { visible } from '../../images/base/visible.js';
import { failedClaims, impossible, rehearsalRule } from './sarif-rehearsal.js';
import { type Place, reachesThreshold, resultsWith } from './result-words.js';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** The base of every location: the root of the guest, wherever it was at the time. */
const root = 'IMAGEROOT';

/**
 * SARIF 2.1.0 (OASIS): the findings that remain or were waived, with their places relative to the guest's root. A
 * check that could not be judged, or a rehearsal that could not run, is a notification of the tool, and the
 * invocation did not succeed. The claims that failed in a rehearsal are results of a rule of their own.
 */
export function sarif(report: Report): string {
  const { error, rehearsal } = report;
  const rules = [...report.rules.map(ruleOf), ...(rehearsal ? [rehearsalRule] : [])];
  const ruleIds = [...report.rules.map(({ id }) => id), ...(rehearsal ? [rehearsalRule.id] : [])];
  const results = report.results
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'waived')
    .flatMap((result) =>
      result.findings.map((finding) => resultOf(report, result, finding, ruleIds.indexOf(result.id))),
    );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            semanticVersion: report.tool.version,
            rules,
          },
        },
        invocations: [
          {
            executionSuccessful:
              !error && report.counts.outcomes.error === 0 && rehearsal?.outcome !== 'impossible',
            exitCode: error ? error.exitCode : exitCodeOf(report),
            toolExecutionNotifications: [
              ...(error ? [{ level: 'error', message: { text: visible(error.message) } }] : []),
              ...resultsWith(report, 'error').map(({ id, reason }) =>
                notificationOf(id, `${id} could not be judged: ${reason ?? 'no reason was given'}`, ruleIds),
              ),
              ...(rehearsal?.outcome === 'impossible'
                ? [notificationOf(rehearsalRule.id, impossible(rehearsal), ruleIds)]
                : []),
            ],
          },
        ],
        originalUriBaseIds: {
          [root]: { description: { text: `The root of the guest in ${visible(report.image.source)}` } },
        },
        automationDetails: { id: `hallmark/${report.target ? `${report.target.chosen}/` : ''}` },
        columnKind: 'utf16CodeUnits',
        results: [
          ...results,
          ...(rehearsal ? failedClaims(rehearsal, ruleIds.indexOf(rehearsalRule.id), locationOf({})) : []),
        ],
        properties: {
          verdict: report.verdict,
          target: report.target?.chosen,
          outcomes: report.counts.outcomes,
          rehearsal: rehearsal?.outcome,
        },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(rule: ReportedRule): object {
  const references = rule.references.map(({ title, where }) => `- ${markdown(title)}, ${markdown(where)}`);
  const repair = rule.repair ? `\n\n**Repair** (${rule.repair.risk}): ${markdown(rule.repair.title)}` : '';
  return {
    id: rule.id,
    name: rule.id.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase()),
    shortDescription: { text: rule.failureTitle },
    fullDescription: { text: rule.why },
    help: {
      text: `${rule.why}\n\nWhat to do: ${rule.remedy}`,
      markdown:
        `${markdownRule(rule.why)}\n\n**What to do**: ${markdownRule(rule.remedy)}${repair}\n\n${references.join('\n')}`.trim(),
    },
    defaultConfiguration: { level: levels[rule.severity] },
    properties: {
      tags: [rule.category],
      precision: 'high',
      'problem.severity': rule.severity === 'info' ? 'recommendation' : rule.severity,
    },
  };
}

function resultOf(report: Report, result: CheckResult, finding: ReportedFinding, ruleIndex: number): object {
  const waived = result.outcome === 'waived';
  return {
    ruleId: result.id,
    ruleIndex: ruleIndex < 0 ? undefined : ruleIndex,
    kind: 'fail',
    level: levels[finding.severity],
    message: {
      text: visible(finding.message),
      markdown: `${markdown(finding.message)}${finding.path === undefined ? '' : ` (${markdownCode(finding.path)})`}`,
    },
    locations: [locationOf(finding)],
    partialFingerprints: { 'hallmark/v1': finding.fingerprint },
    suppressions: waived
      ? [{ kind: 'external', status: 'accepted', justification: visible(result.reason ?? 'waived') }]
      : undefined,
    properties: { messageId: finding.messageId, belowThreshold: !reachesThreshold(report, result) },
  };
}

function locationOf({ path, line }: Place): object {
  // A finding without a place is about the guest as a whole; code scanning services insist on a location.
  const uri = path === undefined ? './' : uriOf(path);
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: root },
      region: line === undefined ? undefined : { startLine: line },
    },
  };
}

/** A relative reference (RFC 3986) from the root: every byte but the unreserved ones is percent-encoded. */
function uriOf(path: string): string {
  let uri = '';
  for (const byte of encode(path.replace(/^\/+/, ''))) {
    const character = String.fromCharCode(byte);
    uri += /[A-Za-z0-9/._~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return uri;
}

function notificationOf(id: string, text: string, ruleIds: readonly string[]): object {
  const index = ruleIds.indexOf(id);
  return {
    level: 'error',
    message: { text: visible(text) },
    associatedRule: { id, index: index < 0 ? undefined : index },
  };
}
