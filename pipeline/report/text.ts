import type { CheckResult } from '../../checks/lib/result.js';
import { type Report, isRepair } from './report.js';
import { visible } from '../../images/base/visible.js';
import { type Paint, painter, severityStyles, verdictStyles } from './paint.js';
import { leftOut } from './left-out.js';
import { rehearsalBlocks } from './text-rehearsal.js';
import { count, firstSentence } from './english.js';
import { nextSteps } from './next-steps.js';
import {
  reachesThreshold,
  headline,
  isRepairable,
  placeOf,
  resultsWith,
  ruleOf,
  worstFirst,
} from './result-words.js';
import { imageInWords, checksInWords, verdictSentence, verdictWords } from './verdict-words.js';
import { fill } from './fill.js';
import { Page, type RenderOptions } from './page.js';

/** Findings of one check that are shown; a log can have hundreds. */
const shownFindings = 8;

/** Of what is repaired, the first findings tell enough. */
const shownRepaired = 3;

/**
 * A report for a person at a terminal with little time: the worst first, each with what, where, why and what to do;
 * the verdict and the next step at the end, where the eye is when the output stops.
 * @param columns - the width to write for: 80 unless given; paths and commands are never broken
 * @param color - no colours unless asked for
 */
export function text(report: Report, { color = false, columns }: RenderOptions = {}): string {
  const paint = painter(color);
  const page = new Page(columns);
  const blocks = [
    headOf(report, page),
    ...unjudgedBlocks(report, page, paint),
    ...worstFirst(report)
      .filter(({ outcome }) => outcome !== 'error')
      .map((result) => resultBlock(report, result, page, paint)),
    ...leftOut(report, page, paint),
    asideOf(report, page, paint),
    ...(report.rehearsal ? rehearsalBlocks(report.rehearsal, page, paint) : []),
    verdictBlock(report, page, paint),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function headOf(report: Report, page: Page): string {
  const { target } = report;
  const lines = [page.labelled(report.command, [visible(report.image.source)])];
  if (!report.error) lines.push(page.labelled('image', visible(imageInWords(report))));
  if (target) {
    const chosen = target.requested === 'auto' ? `${target.chosen} (${target.reason})` : target.chosen;
    lines.push(page.labelled('target', visible(chosen)));
  }
  return lines.join('\n');
}

/** What could not be judged, a block for each reason: one file that cannot be read can be the reason of many. */
function unjudgedBlocks(report: Report, page: Page, paint: Paint): string[] {
  const byReason = new Map<string, CheckResult[]>();
  for (const result of resultsWith(report, 'error')) {
    const reason = result.reason ?? 'no reason was given';
    byReason.set(reason, [...(byReason.get(reason) ?? []), result]);
  }
  const label = 'unjudged';
  return [...byReason].map(([reason, results]) => {
    const titles = results.map((result, at) =>
      page.labelled(at === 0 ? label : '', `${visible(headline(result))} [${result.id}]`),
    );
    return [...titles, page.under('', visible(reason))].join('\n').replace(label, paint('magenta', label));
  });
}

function resultBlock(report: Report, result: CheckResult, page: Page, paint: Paint): string {
  const rule = ruleOf(report, result.id);
  const label = result.severity;
  const title = page.labelled(label, `${visible(headline(result))} [${result.id}]`);
  const lines = [title.replace(label, paint(severityStyles[label], label))];
  for (const finding of result.findings.slice(0, shownFindings)) {
    const place = placeOf(finding);
    if (place !== undefined) lines.push(page.indent + paint('bold', visible(place)));
    lines.push(page.text(visible(finding.message), place === undefined ? page.indent : `${page.indent}  `));
  }
  const more = result.findings.length - shownFindings;
  if (more > 0)
    lines.push(page.under('', `and ${count(more, 'more finding')}; the other formats list all of them`));
  if (rule) {
    lines.push(page.under('why: ', visible(firstSentence(rule.why))));
    const repair = isRepairable(report, result) ? rule.repair : undefined;
    const remedy = repair && !isRepair(report.command) ? `${repair.title} (hallmark prepare)` : rule.remedy;
    lines.push(page.under('do:  ', visible(remedy)));
  }
  if (!reachesThreshold(report, result)) lines.push(page.under('', `below the threshold "${report.failOn}"`));
  return lines.join('\n');
}

/** What a repair did away with: whoever only sees that a check passes now does not know what the server suffered from. */
function whatWas({ findings }: CheckResult, page: Page): string[] {
  const shown = findings.slice(0, shownRepaired).map(({ message }) => page.under('was: ', visible(message)));
  const more = findings.length - shown.length;
  return more > 0 ? [...shown, page.under('', `and ${count(more, 'more finding')}`)] : shown;
}

/** What went well, or was set aside with a reason, in one line each. */
function asideOf(report: Report, page: Page, paint: Paint): string {
  const line = (label: string, style: 'green' | 'yellow', { id, title, reason }: CheckResult): string => {
    const words = `${visible(title)} [${id}]${reason === undefined ? '' : `: ${visible(reason)}`}`;
    return page.labelled(label, words).replace(label, paint(style, label));
  };
  return [
    ...resultsWith(report, 'fixed').flatMap((result) => [
      line('repaired', 'green', result),
      ...whatWas(result, page),
    ]),
    ...resultsWith(report, 'waived').map((result) => line('waived', 'yellow', result)),
  ].join('\n');
}

function verdictBlock(report: Report, page: Page, paint: Paint): string {
  const word = verdictWords[report.verdict];
  const sentence = fill(visible(verdictSentence(report)), page.columns, `${word}  `, '');
  const lines = [sentence.replace(word, paint(verdictStyles[report.verdict], word))];
  if (!report.error) lines.push(page.text(`${checksInWords(report)}.`));
  if (report.output) {
    const { path, size, sha256 } = report.output;
    lines.push(
      fill(['Written:', visible(path), `(${size}`, 'bytes)'], page.columns),
      fill(sha256, page.columns, 'sha256   ', '  '),
    );
  }
  for (const { name, durationMs } of report.stages) {
    if (durationMs === undefined) continue;
    lines.push(page.labelled(visible(name), [`${String(durationMs).padStart(8)} ms`]));
  }
  for (const { say, run } of nextSteps(report)) {
    lines.push('', page.text(visible(say)), ...run.map((line) => `  ${paint('bold', visible(line))}`));
  }
  return lines.join('\n');
}
