import type { ProvenClaim, Rehearsal, RehearsalOutcome, TimelineEntry } from './rehearsal.js';
import { visible } from '../../images/base/visible.js';
import type { Paint, Style } from './paint.js';
import {
  circumstancesInWords,
  claimsInWords,
  claimsWorstFirst,
  seconds,
  tookInWords,
} from './rehearsal-words.js';
import { capitalised } from './wording.js';
import { wrap } from './wrap.js';

const outcomeStyles: Readonly<Record<RehearsalOutcome, Style>> = {
  passed: ['bold', 'green'],
  failed: ['bold', 'red'],
  impossible: ['bold', 'magenta'],
};

const claimLabels: Readonly<Record<ProvenClaim['outcome'], readonly [string, Style]>> = {
  fail: ['FAIL', ['bold', 'red']],
  'not-proven': ['unproven', 'magenta'],
  pass: ['pass', 'green'],
};

/** Widths of the columns of the timeline between the margin and what happened. */
const columns = { took: 11, kind: 10, mark: 6 };

/**
 * What came of the rehearsal, what happened when, and each claim with what was seen: refuted ones first.
 * @param margin - width of the column with the labels
 */
export function rehearsalBlocks(rehearsal: Rehearsal, margin: number, paint: Paint): string[] {
  const indent = ' '.repeat(margin);
  const blocks = [headOf(rehearsal, indent, paint)];
  if (rehearsal.timeline.length > 0) {
    const headings = `${'at'.padStart(margin - 1)} ${'took'.padStart(columns.took - 2)}`;
    blocks.push(
      [paint('dim', headings), ...rehearsal.timeline.map((entry) => entryLine(entry, margin, paint))].join(
        '\n',
      ),
    );
  }
  const claims = claimsWorstFirst(rehearsal);
  if (claims.length > 0) blocks.push(claims.map((claim) => claimLines(claim, indent, paint)).join('\n'));
  return blocks;
}

function headOf(rehearsal: Rehearsal, indent: string, paint: Paint): string {
  const { outcome, reason, kept } = rehearsal;
  const head = wrap(
    `${outcome}${reason === undefined ? '' : `: ${visible(reason)}`}`,
    'rehearsal'.padEnd(indent.length),
    indent,
  );
  return [
    head.replace(outcome, paint(outcomeStyles[outcome], outcome)),
    wrap(`${visible(circumstancesInWords(rehearsal))} ${capitalised(claimsInWords(rehearsal))}.`, indent),
    ...(kept === undefined ? [] : [wrap(`Logs and changed files of the guest: ${visible(kept)}`, indent)]),
  ].join('\n');
}

function entryLine(entry: TimelineEntry, margin: number, paint: Paint): string {
  const { atMs, kind, what, outcome, detail } = entry;
  const [mark, style] = outcome === undefined ? ['', 'dim' as const] : claimLabels[outcome];
  const before = [
    `${seconds(atMs).padStart(margin - 1)} `,
    `${tookInWords(entry).padStart(columns.took - 2)}  `,
    kind.padEnd(columns.kind),
    mark.padEnd(columns.mark),
  ].join('');
  const line = wrap(
    visible(detail === undefined ? what : `${what}: ${detail}`),
    before,
    ' '.repeat(before.length),
  );
  return mark === '' ? line : line.replace(mark, paint(style, mark));
}

function claimLines({ id, claim, outcome, seen }: ProvenClaim, indent: string, paint: Paint): string {
  const [label, style] = claimLabels[outcome];
  const first = label.padEnd(indent.length);
  // What was proven is told in passing; of the rest a reader wants to know what was there instead.
  const lines =
    outcome === 'pass'
      ? wrap(`${visible(claim)}: ${visible(seen)}`, first, indent)
      : `${wrap(`${visible(claim)} [${visible(id)}]`, first, indent)}\n${wrap(visible(seen), `${indent}seen: `)}`;
  return lines.replace(label, paint(style, label));
}
