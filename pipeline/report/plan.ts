import type { Report, ReportedChange } from './report.js';
import { visible, visibleLines } from '../../images/base/visible.js';
import { installationInWords, listed, unlistedInWords } from './installed.js';
import { leftOut } from './left-out.js';
import { type Paint, type Style, painter } from './paint.js';
import { changeInWords, notShownInWords } from './change-words.js';
import { type FixerGroup, byFixer } from './changes-by-fixer.js';
import { count } from './english.js';
import { nextSteps } from './next-steps.js';
import { reachesThreshold, worstFirst } from './result-words.js';
import { fill } from './fill.js';
import { Page, type RenderOptions } from './page.js';

export interface PlanOptions extends RenderOptions {
  /** Whether to say what to do next; not when that is about to be asked. */
  readonly steps?: boolean | undefined;
}

/**
 * What `prepare` would do, for a person at a terminal: changes under the repair that asked for them, each file with
 * its diff, and what to do next. Only the tabs and lines of a diff are the image's own; everything else in it is made
 * visible. The lines of a diff stay whole, and so do paths and commands: somebody may copy them.
 */
export function planText(
  report: Report,
  { color = false, columns, steps: withSteps = true }: PlanOptions = {},
): string {
  const paint = painter(color);
  const page = new Page(columns);
  const groups = byFixer(report);
  const left = leftOut(report, page, paint);
  const steps = (withSteps ? nextSteps(report) : []).map(({ say, run }) =>
    [page.text(visible(say)), ...run.map((line) => `  ${visible(line)}`)].join('\n'),
  );
  const blocks =
    groups.length === 0
      ? [nothingToDo(report, page), ...left, ...steps]
      : [
          ...groups.map((group) => groupBlock(group, page, paint)),
          ...left,
          page.text(summary(report, groups)),
          ...steps,
        ];
  return `${blocks.join('\n\n')}\n`;
}

/** An empty plan: there is nothing to repair, or nothing that can be repaired from here. */
function nothingToDo(report: Report, page: Page): string {
  const left = worstFirst(report).filter(
    (result) => result.outcome === 'error' || reachesThreshold(report, result),
  );
  if (left.length === 0) return page.text('Nothing would be changed.');
  const ids = left.map(({ id }) => id).join(', ');
  return page.text(
    `Nothing would be changed. A person has to resolve what is left ("hallmark check" says how): ${visible(ids)}.`,
  );
}

function groupBlock(
  { fixer, title, risk, changes, properties, installations }: FixerGroup,
  page: Page,
  paint: Paint,
): string {
  const caution = risk === 'reviewed' ? ', reviewed: look at it before you agree' : risk ? `, ${risk}` : '';
  const head = page.text(`${visible(title)} [${fixer}${caution}]`);
  const lines = [
    head
      .split('\n')
      .map((line) => paint('bold', line))
      .join('\n'),
  ];
  for (const each of installations) lines.push(page.text(visible(installationInWords(each)), '  '));
  for (const change of listed(changes)) lines.push(changeBlock(change, page, paint));
  const rest = unlistedInWords(changes);
  if (rest !== undefined) lines.push(page.text(visible(rest), '  '));
  for (const { name, was, value } of properties) {
    const from = was === null ? 'not set' : JSON.stringify(was);
    const to = value === null ? 'removed' : JSON.stringify(value);
    const words = ['property', `${visible(name)}:`, visible(from), '->', visible(to)];
    lines.push(fill(words, page.columns, '  ', '    '));
  }
  return lines.join('\n');
}

/** One change with its diff. */
export function changeBlock(change: ReportedChange, page: Page, paint: Paint): string {
  const also = change.fixers.slice(1);
  const lines = [
    `  ${paint('cyan', visible(change.path))}`,
    page.text(visible(changeInWords(change)), '    '),
  ];
  if (also.length > 0) lines.push(page.text(`also for ${also.join(', ')}`, '    '));
  const hidden = notShownInWords(change);
  if (hidden !== undefined) lines.push(page.text(hidden, '    '));
  for (const line of visibleLines(change.diff ?? '')) lines.push(`    ${paintDiff(line, paint)}`);
  return lines.join('\n');
}

function paintDiff(line: string, paint: Paint): string {
  const style = diffStyle(line);
  return style ? paint(style, line) : line;
}

function diffStyle(line: string): Style | undefined {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return 'dim';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : undefined;
}

/** "3 repairs would change 5 paths and 1 image property." */
function summary(report: Report, groups: readonly FixerGroup[]): string {
  const what = [
    ...(report.changes.length > 0 ? [count(report.changes.length, 'path')] : []),
    ...(report.properties.changes.length > 0
      ? [count(report.properties.changes.length, 'image property', 'image properties')]
      : []),
  ].join(' and ');
  const repairs = groups.filter(({ fixer }) => fixer !== '').length;
  return repairs === 0 ? `${what} would change.` : `${count(repairs, 'repair')} would change ${what}.`;
}
