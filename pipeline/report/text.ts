import type { CheckResult } from '../../checks/lib/result.js';
import { type Report, isRepair } from './report.js';
import { visible } from '../../images/base/visible.js';
import { type Paint, painter, severityStyles, verdictStyles } from './paint.js';
import { leftOut } from './left-out.js';
import { rehearsalBlocks } from './text-rehearsal.js';
import {
  counts,
  firstSentence,
  headline,
  imageInWords,
  nextSteps,
  outcomesInWords,
  placeOf,
  resultsWith,
  ruleOf,
  verdictSentence,
  verdictWords,
  worstFirst,
} from './wording.js';
import { wrap } from './wrap.js';

/** Width of the column with the severity. */
const margin = 10;
/** Findings of one check that are shown; a log can have hundreds. */
const shownFindings = 8;

const indent = ' '.repeat(margin);

/**
 * A report for a person at a terminal with little time: the worst first, each with what, where, why and what to do;
 * the verdict and the next step at the end, where the eye is when the output stops. 80 columns, no colours unless
 * asked for.
 */
export function text(report: Report, { color = false } = {}): string {
  const paint = painter(color);
  const blocks = [
    headOf(report),
    ...unjudgedBlocks(report, paint),
    ...worstFirst(report)
      .filter(({ outcome }) => outcome !== 'error')
      .map((result) => resultBlock(report, result, paint)),
    ...leftOut(report, paint, margin),
    asideOf(report, paint),
    ...(report.rehearsal ? rehearsalBlocks(report.rehearsal, margin, paint) : []),
    verdictBlock(report, paint),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function headOf(report: Report): string {
  const { target } = report;
  const chosen = target.requested === 'auto' ? `${target.chosen} (${target.reason})` : target.chosen;
  return [
    wrap(visible(report.image.source), `${report.command} `.padEnd(margin)),
    wrap(visible(imageInWords(report)), 'image'.padEnd(margin)),
    wrap(visible(chosen), 'target'.padEnd(margin)),
  ].join('\n');
}

/** What could not be judged, a block for each reason: one file that cannot be read can be the reason of many. */
function unjudgedBlocks(report: Report, paint: Paint): string[] {
  const byReason = new Map<string, CheckResult[]>();
  for (const result of resultsWith(report, 'error')) {
    const reason = result.reason ?? 'no reason was given';
    byReason.set(reason, [...(byReason.get(reason) ?? []), result]);
  }
  const label = 'unjudged';
  return [...byReason].map(([reason, results]) => {
    const titles = results.map((result, at) =>
      wrap(`${visible(headline(result))} [${result.id}]`, (at === 0 ? label : '').padEnd(margin), indent),
    );
    return [...titles, wrap(visible(reason), indent)].join('\n').replace(label, paint('magenta', label));
  });
}

function resultBlock(report: Report, result: CheckResult, paint: Paint): string {
  const rule = ruleOf(report, result.id);
  const label = result.severity;
  const title = wrap(`${visible(headline(result))} [${result.id}]`, label.padEnd(margin), indent);
  const lines = [title.replace(label, paint(severityStyles[label], label))];
  for (const finding of result.findings.slice(0, shownFindings)) {
    const place = placeOf(finding);
    if (place !== undefined) lines.push(indent + paint('bold', visible(place)));
    lines.push(wrap(visible(finding.message), place === undefined ? indent : `${indent}  `));
  }
  const more = result.findings.length - shownFindings;
  if (more > 0) lines.push(`${indent}and ${more} more, which the other formats list`);
  if (rule) {
    lines.push(wrap(visible(firstSentence(rule.why)), `${indent}why: `));
    const remedy =
      rule.repair && !isRepair(report.command) ? `${rule.repair.title} (hallmark prepare)` : rule.remedy;
    lines.push(wrap(visible(remedy), `${indent}do:  `));
  }
  if (!counts(report, result)) lines.push(wrap(`below the threshold "${report.failOn}"`, indent));
  return lines.join('\n');
}

/** What went well, or was set aside with a reason, in one line each. */
function asideOf(report: Report, paint: Paint): string {
  const line = (label: string, style: 'green' | 'yellow', { id, title, reason }: CheckResult): string => {
    const words = `${visible(title)} [${id}]${reason === undefined ? '' : `: ${visible(reason)}`}`;
    return wrap(words, label.padEnd(margin)).replace(label, paint(style, label));
  };
  return [
    ...resultsWith(report, 'fixed').map((result) => line('repaired', 'green', result)),
    ...resultsWith(report, 'waived').map((result) => line('waived', 'yellow', result)),
  ].join('\n');
}

function verdictBlock(report: Report, paint: Paint): string {
  const word = verdictWords[report.verdict];
  const lines = [
    wrap(verdictSentence(report), `${word}  `, '').replace(word, paint(verdictStyles[report.verdict], word)),
    wrap(`${outcomesInWords(report)}.`, ''),
  ];
  if (report.output) {
    const { path, size, sha256 } = report.output;
    lines.push(`Written: ${visible(path)} (${size} bytes)`, `sha256   ${sha256}`);
  }
  for (const { name, durationMs } of report.stages) {
    if (durationMs !== undefined)
      lines.push(`${visible(name).padEnd(margin)}${String(durationMs).padStart(8)} ms`);
  }
  for (const { say, run } of nextSteps(report)) {
    lines.push('', wrap(visible(say)), ...run.map((line) => `  ${paint('bold', visible(line))}`));
  }
  return lines.join('\n');
}
