import type { TimelineEntry } from './rehearsal.js';
import { type Markup, markup } from './markup.js';
import { seconds, tookInWords } from './rehearsal-words.js';
import { type TimelineItem, type TimelineLane, layOutTimeline } from './timeline-layout.js';

/** The time begins right of the names of the lanes, and ends before half a label of the last tick. */
const plot = { left: 92, right: 34, top: 30, width: 754 };
const rowHeight = 22;
const lanePadding = 7;
const bar = { height: 14 };
/** A character of the style's 12 px monospace. */
const measure = { width: plot.width, character: 7.25, mark: 16, point: 6 };

const laneNames: Readonly<Record<TimelineEntry['kind'], string>> = {
  boot: 'boot',
  start: 'services',
  command: 'commands',
  change: 'changes',
  evidence: 'evidence',
};

/** What an outcome is called for those who see neither its colour nor its mark. */
const outcomeWords = { pass: ', passed', fail: ', failed' };

/**
 * A rehearsal's timeline as SVG: a lane for each kind of entry, commands as bars as long as they took. It takes its
 * colours from the page by class names; a tick or a cross before the name says what came of it, so that nothing
 * depends on colour alone.
 */
export function timelineSvg(timeline: readonly TimelineEntry[]): Markup {
  const { axis, x, lanes } = layOutTimeline(timeline, measure);
  const tops = lanes.map((_, at) =>
    lanes.slice(0, at).reduce((sum, { rows }) => sum + laneHeight(rows), plot.top),
  );
  const size = {
    width: plot.left + plot.width + plot.right,
    height: lanes.reduce((sum, { rows }) => sum + laneHeight(rows), plot.top) + 1,
  };
  const ticks = axis.ticks.map(({ at, label }) => {
    const tickX = round(plot.left + x(at));
    return markup`<g class="tick"><path d="M${tickX} ${plot.top}V${size.height}"/><text x="${tickX}" y="${plot.top - 10}">${label}</text></g>
`;
  });
  return markup`<svg class="timeline" role="img" aria-labelledby="timeline-title" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" xmlns="http://www.w3.org/2000/svg">
<title id="timeline-title">What happened in the rehearsal, and when</title>
${ticks}${lanes.map((lane, at) => laneGroup(lane, tops[at] ?? plot.top, size.width))}</svg>`;
}

function laneHeight(rows: number): number {
  return rows * rowHeight + 2 * lanePadding;
}

function laneGroup({ kind, items }: TimelineLane, top: number, width: number): Markup {
  const middle = (row: number): number => top + lanePadding + (row + 0.5) * rowHeight;
  return markup`<g class="lane"><path d="M0 ${top}H${width}"/><text x="0" y="${middle(0) + 4}">${laneNames[kind]}</text></g>
${items.map((item) => itemGroup(kind, item, middle(item.row)))}`;
}

function itemGroup(kind: TimelineEntry['kind'], item: TimelineItem, y: number): Markup {
  const { entries, outcome, from, to, caption } = item;
  const start = plot.left + caption.x;
  const isBar = entries[0]?.durationMs !== undefined;
  const shape = isBar
    ? markup`<rect class="shape" x="${round(plot.left + from)}" y="${y - bar.height / 2}" width="${round(Math.max(2, to - from))}" height="${bar.height}" rx="2"/>`
    : markup`<path class="shape" d="${point(kind, round(plot.left + from), y)}"/>`;
  const textStart = outcome === undefined ? start : start + measure.mark;
  return markup`<g class="item ${outcome ?? 'other'} ${caption.side}"><title>${entries.map(tooltip).join('; ')}</title>${shape}${
    outcome && markup`<path class="mark" d="${mark(outcome, round(start), y)}"/>`
  }<text x="${round(textStart)}" y="${y + 4}">${caption.text}</text></g>
`;
}

function tooltip(entry: TimelineEntry): string {
  const { atMs, what, outcome, detail } = entry;
  const took = tookInWords(entry);
  const words = [`${what} at ${seconds(atMs)}`, took === '' ? '' : `, took ${took}`];
  if (outcome) words.push(outcomeWords[outcome]);
  if (detail !== undefined) words.push(`: ${detail}`);
  return words.join('');
}

/** What stands for an entry that takes no time: another form for each kind. */
function point(kind: TimelineEntry['kind'], x: number, y: number): string {
  const r = measure.point - 1;
  switch (kind) {
    case 'start':
      return `M${round(x - r + 1)} ${y - r}L${round(x + r)} ${y}L${round(x - r + 1)} ${y + r}z`;
    case 'change':
      return `M${x} ${y - r}L${round(x + r)} ${y}L${x} ${y + r}L${round(x - r)} ${y}z`;
    case 'evidence':
      return `M${round(x - r)} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 'boot':
    case 'command':
      return `M${round(x - r)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}

/** A tick or a cross. */
function mark(outcome: 'pass' | 'fail', x: number, y: number): string {
  return outcome === 'pass' ? `M${x + 1} ${y}l3.5 4l6-8` : `M${x + 1} ${y - 4}l8 8m0-8l-8 8`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
