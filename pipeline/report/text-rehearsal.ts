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
import { capitalised } from './english.js';
import { fill } from './fill.js';
import type { Page } from './page.js';

const outcomeStyles: Readonly<Record<RehearsalOutcome, Style>> = {
  passed: ['bold', 'green'],
  failed: ['bold', 'red'],
  impossible: ['bold', 'magenta'],
};

const claimLabels: Readonly<Record<ProvenClaim['outcome'], readonly [string, Style]>> = {
  fail: ['FAILED', ['bold', 'red']],
  'not-proven': ['unproven', 'magenta'],
  pass: ['passed', 'green'],
};

/** Widths of the columns of the timeline before what happened. */
const widths = { at: 9, took: 9, kind: 10, mark: 8 };
/** A terminal of fewer columns has no room for them. */
const tableColumns = 60;

/** What came of the rehearsal, what happened when, and each claim with what was seen: the failed ones first. */
export function rehearsalBlocks(rehearsal: Rehearsal, page: Page, paint: Paint): string[] {
  const blocks = [headOf(rehearsal, page, paint)];
  if (rehearsal.timeline.length > 0) blocks.push(timelineBlock(rehearsal.timeline, page, paint));
  const claims = claimsWorstFirst(rehearsal);
  if (claims.length > 0) blocks.push(claims.map((claim) => claimLines(claim, page, paint)).join('\n'));
  return blocks;
}

function headOf(rehearsal: Rehearsal, page: Page, paint: Paint): string {
  const { outcome, reason, kept } = rehearsal;
  const head = page.labelled('rehearsal', `${outcome}${reason === undefined ? '' : `: ${visible(reason)}`}`);
  return [
    head.replace(outcome, paint(outcomeStyles[outcome], outcome)),
    page.under('', `${visible(circumstancesInWords(rehearsal))} ${capitalised(claimsInWords(rehearsal))}.`),
    ...(kept === undefined ? [] : [page.under('', `Logs and changed files of the guest: ${visible(kept)}`)]),
  ].join('\n');
}

function timelineBlock(timeline: readonly TimelineEntry[], page: Page, paint: Paint): string {
  if (page.columns < tableColumns) return timeline.map((entry) => entryText(entry, page, paint)).join('\n');
  const headings = `${'at'.padStart(widths.at)} ${'took'.padStart(widths.took)}`;
  return [paint('dim', headings), ...timeline.map((entry) => entryRow(entry, page, paint))].join('\n');
}

function entryRow(entry: TimelineEntry, page: Page, paint: Paint): string {
  const { atMs, kind, outcome } = entry;
  const [mark, style] = outcome === undefined ? ['', 'dim' as const] : claimLabels[outcome];
  const before = [
    `${seconds(atMs).padStart(widths.at)} `,
    `${tookInWords(entry).padStart(widths.took)}  `,
    kind.padEnd(widths.kind),
    mark.padEnd(widths.mark),
  ].join('');
  const line = fill(happening(entry), page.columns, before);
  return mark === '' ? line : line.replace(mark, paint(style, mark));
}

/** An entry without columns: "22.200 s, 30.000 s: command FAILED: password of root". */
function entryText(entry: TimelineEntry, page: Page, paint: Paint): string {
  const { atMs, kind, outcome } = entry;
  const took = tookInWords(entry);
  const [mark, style] = outcome === undefined ? ['', 'dim' as const] : claimLabels[outcome];
  const when = `${seconds(atMs)}${took === '' ? '' : `, took ${took}`}`;
  const what = `${when}: ${kind}${mark === '' ? '' : ` ${mark}`}: ${happening(entry)}`;
  const line = fill(what, page.columns, '', page.indent);
  return mark === '' ? line : line.replace(mark, paint(style, mark));
}

function happening({ what, detail }: TimelineEntry): string {
  return visible(detail === undefined ? what : `${what}: ${detail}`);
}

function claimLines({ id, claim, outcome, seen }: ProvenClaim, page: Page, paint: Paint): string {
  const [label, style] = claimLabels[outcome];
  return linesOf().join('\n').replace(label, paint(style, label));

  function linesOf(): string[] {
    switch (outcome) {
      // A fact is told in passing; of the rest a reader wants to know what was there instead.
      case 'pass':
        return [page.labelled(label, `${visible(claim)}: ${visible(seen)}`)];
      case 'fail':
        return [
          page.labelled(label, `expected: ${visible(claim)} [${visible(id)}]`),
          page.under('seen:     ', visible(seen)),
        ];
      case 'not-proven':
        return [
          page.labelled(label, `${visible(claim)} [${visible(id)}]`),
          page.under('not proven: ', visible(seen)),
        ];
    }
  }
}
