import type { Report, ReportedChange } from './report.js';
import { visible, visibleLines } from '../../images/base/visible.js';
import { installationInWords, listed, unlistedInWords } from './installed.js';
import { leftOut } from './left-out.js';
import { type Paint, type Style, painter } from './paint.js';
import {
  type FixerGroup,
  byFixer,
  changeInWords,
  count,
  counts,
  nextSteps,
  notShownInWords,
  worstFirst,
} from './wording.js';
import { wrap } from './wrap.js';

/**
 * What `prepare` would do, for a person at a terminal: changes under the repair that asked for them, each file with
 * its diff, and what to do next unless that is about to be asked. Only the tabs and lines of a diff are the image's own; everything else in it is made visible.
 */
export function planText(report: Report, { color = false, steps: withSteps = true } = {}): string {
  const paint = painter(color);
  const groups = byFixer(report);
  const left = leftOut(report, paint, 'left out'.length + 2);
  const steps = (withSteps ? nextSteps(report) : []).map(({ say, run }) =>
    [wrap(visible(say)), ...run.map((line) => `  ${visible(line)}`)].join('\n'),
  );
  const blocks =
    groups.length === 0
      ? [nothingToDo(report), ...left, ...steps]
      : [...groups.map((group) => groupBlock(group, paint)), ...left, summary(report, groups), ...steps];
  return `${blocks.join('\n\n')}\n`;
}

/** An empty plan: there is nothing to repair, or nothing that can be repaired from here. */
function nothingToDo(report: Report): string {
  const left = worstFirst(report).filter((result) => result.outcome === 'error' || counts(report, result));
  if (left.length === 0) return 'Nothing would be changed.';
  const ids = left.map(({ id }) => id).join(', ');
  return wrap(
    `Nothing would be changed. What is wrong needs a person ("hallmark check" says what to do): ${visible(ids)}.`,
  );
}

function groupBlock(
  { fixer, title, risk, changes, properties, installations }: FixerGroup,
  paint: Paint,
): string {
  const caution = risk === 'reviewed' ? ', reviewed: look at it before you agree' : risk ? `, ${risk}` : '';
  const head = wrap(`${visible(title)} [${fixer}${caution}]`);
  const lines = [
    head
      .split('\n')
      .map((line) => paint('bold', line))
      .join('\n'),
  ];
  for (const each of installations) lines.push(wrap(visible(installationInWords(each)), '  '));
  for (const change of listed(changes)) lines.push(changeBlock(change, paint));
  const rest = unlistedInWords(changes);
  if (rest !== undefined) lines.push(wrap(visible(rest), '  '));
  for (const { name, was, value } of properties) {
    const from = was === null ? 'not set' : JSON.stringify(was);
    lines.push(
      `  property ${visible(name)}: ${visible(from)} -> ${value === null ? 'removed' : visible(JSON.stringify(value))}`,
    );
  }
  return lines.join('\n');
}

/** One change with its diff. */
export function changeBlock(change: ReportedChange, paint: Paint): string {
  const also = change.fixers.slice(1);
  const lines = [`  ${paint('cyan', visible(change.path))}`, wrap(visible(changeInWords(change)), '    ')];
  if (also.length > 0) lines.push(wrap(`also for ${also.join(', ')}`, '    '));
  const hidden = notShownInWords(change);
  if (hidden !== undefined) lines.push(wrap(hidden, '    '));
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

function summary(report: Report, groups: readonly FixerGroup[]): string {
  const numbers = [
    count(report.changes.length, 'change'),
    ...(report.properties.changes.length > 0
      ? [`${report.properties.changes.length} of the image's properties`]
      : []),
  ];
  return wrap(
    `${numbers.join(' and ')} by ${count(groups.filter(({ fixer }) => fixer !== '').length, 'repair')}.`,
  );
}
