import type { TimelineEntry } from './rehearsal.js';
import { visible } from '../../images/base/visible.js';
import { tookInWords } from './rehearsal-words.js';
import { type TimeAxis, timeAxis } from './time-axis.js';

/** Something drawn: one entry or, of looks at the guest that saw what they should, several. Lengths are in pixels. */
export interface TimelineItem {
  readonly entries: readonly TimelineEntry[];
  readonly outcome: TimelineEntry['outcome'];
  readonly row: number;
  /** Where it begins and ends; the same for what takes no time. */
  readonly from: number;
  readonly to: number;
  readonly caption: Caption;
}

/** Its words, and where they and the mark before them begin: beside it, or within a long bar. */
interface Caption {
  readonly text: string;
  readonly x: number;
  readonly width: number;
  readonly side: 'right' | 'left' | 'within';
}

export interface TimelineLane {
  readonly kind: TimelineEntry['kind'];
  readonly rows: number;
  readonly items: readonly TimelineItem[];
}

export interface TimelineLayout {
  readonly axis: TimeAxis;
  /** Where a moment stands. */
  readonly x: (ms: number) => number;
  /** Those that have something to show, from above. */
  readonly lanes: readonly TimelineLane[];
}

/** Lengths of a drawing, in pixels. */
export interface TimelineMeasure {
  /** Of the whole time. */
  readonly width: number;
  /** Of a character, all being equally wide. */
  readonly character: number;
  /** Of the mark for pass or fail before a caption, with its gap. */
  readonly mark: number;
  /** Half of what stands for an entry that takes no time. */
  readonly point: number;
}

const kinds = ['boot', 'start', 'command', 'change', 'evidence'] as const;

/** Between an entry and its caption, and between neighbours in a row. */
const gap = 8;

/** Characters of a caption; the tooltip has them all. */
const longest = 56;

/** Looks at the guest that are closer than this are told together. */
const together = 40;

/**
 * Puts a timeline into lanes by kind, and within a lane into the first row where nothing is in the way. A caption
 * stands to the right, where it has no room there to the left, or else within its bar; where it has none at all it is
 * shortened to the largest, which is a third of the width or more.
 */
export function layOutTimeline(timeline: readonly TimelineEntry[], measure: TimelineMeasure): TimelineLayout {
  const last = timeline.reduce((end, { atMs, durationMs = 0 }) => Math.max(end, atMs + durationMs), 0);
  const axis = timeAxis(last);
  const x = (ms: number): number => (ms / axis.end) * measure.width;
  const lanes = kinds.flatMap((kind) => {
    const entries = timeline.filter((entry) => entry.kind === kind).sort((a, b) => a.atMs - b.atMs);
    if (entries.length === 0) return [];
    const groups = kind === 'evidence' ? gathered(entries, x) : entries.map((entry) => [entry]);
    const items = stack(
      groups.map((group) => itemOf(group, x, measure)),
      measure,
    );
    return [{ kind, items, rows: Math.max(...items.map(({ row }) => row)) + 1 }];
  });
  return { axis, x, lanes };
}

/** What failed stands alone; other looks join those near them with the same outcome. */
function gathered(entries: readonly TimelineEntry[], x: (ms: number) => number): TimelineEntry[][] {
  const groups: TimelineEntry[][] = [];
  for (const entry of entries) {
    const group = groups.findLast(([first]) => first?.outcome === entry.outcome);
    const [first] = group ?? [];
    const near = first !== undefined && x(entry.atMs) - x(first.atMs) <= together;
    if (group && near && entry.outcome !== 'fail') group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

type Unstacked = Omit<TimelineItem, 'row'>;

function itemOf(
  entries: readonly TimelineEntry[],
  x: (ms: number) => number,
  measure: TimelineMeasure,
): Unstacked {
  const [first] = entries;
  const from = x(first?.atMs ?? 0);
  const to = x((first?.atMs ?? 0) + (first?.durationMs ?? 0));
  const half = first?.durationMs === undefined ? measure.point : 0;
  const outcome = first?.outcome;
  const mark = outcome === undefined ? 0 : measure.mark;
  const room = {
    right: measure.width - to - half - gap - mark,
    left: from - half - gap - mark,
    within: to - from - 2 * gap - mark,
  };
  const sides = ['right', 'left', 'within'] as const;
  const whole = charactersIn(captionOf(entries, longest)) * measure.character;
  const side = sides.find((one) => room[one] >= whole) ?? sides.reduce((a, b) => (room[b] > room[a] ? b : a));
  const text = captionOf(entries, Math.min(longest, Math.floor(room[side] / measure.character)));
  const width = charactersIn(text) * measure.character + mark;
  const starts = { right: to + half + gap, left: from - half - gap - width, within: from + gap };
  return { entries, outcome, from, to, caption: { text, x: starts[side], width, side } };
}

/** Not its length, which counts a character beyond the basic plane twice. */
const charactersIn = (text: string): number => Array.from(text).length;

/** What it is and how long it took, the former shortened where there is no room for it. */
function captionOf(entries: readonly TimelineEntry[], room: number): string {
  const [first] = entries;
  if (!first) return '';
  if (entries.length > 1) return `${entries.length} ${first.outcome === 'pass' ? 'passed' : 'looked at'}`;
  const took = tookInWords(first);
  const end = took === '' ? '' : `, ${took}`;
  const what = Array.from(visible(first.what));
  const left = room - end.length;
  return (what.length > left ? `${what.slice(0, left - 1).join('')}…` : what.join('')) + end;
}

/** Gives each the first row where it is clear of those that are there. */
function stack(items: readonly Unstacked[], { point }: TimelineMeasure): TimelineItem[] {
  const rows: (readonly [number, number])[][] = [];
  return items.map((item) => {
    const { from, to, caption } = item;
    const start = Math.min(from - point, caption.x);
    const end = Math.max(to + point, caption.x + caption.width) + gap;
    const clear = rows.findIndex((taken) => taken.every(([a, b]) => end <= a || start >= b));
    const row = clear < 0 ? rows.length : clear;
    (rows[row] ??= []).push([start, end]);
    return { ...item, row };
  });
}
