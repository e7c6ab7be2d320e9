import type { ReportedBoot } from './boot.js';
import { visible } from '../../images/base/visible.js';
import { type Route, type Spot, layOut } from './boot-layout.js';
import { type Markup, markup } from './markup.js';

const box = { width: 252, height: 40 };
const gap = { x: 28, y: 52 };
const border = 16;
/** Characters of a name that fit into a box; the whole name is in its tooltip. */
const nameLength = 30;

/** What an edge means, for those who cannot see its colour. */
const markWords = { given: '', wrong: ' (wrong)', missing: ' (missing)' };

/**
 * A boot graph as SVG, what starts first on top. It takes its colours from the page by class names; an edge that is
 * wrong is also thicker, one that is missing is dashed, so that nothing depends on colour alone.
 */
export function bootSvg(boot: ReportedBoot): Markup {
  const layout = layOut(boot);
  const columns = Math.max(1, ...layout.rows.map(({ length }) => length));
  const pitch = { x: box.width + gap.x, y: box.height + gap.y };
  const size = {
    width: columns * pitch.x - gap.x + 2 * border,
    height: layout.rows.length * pitch.y - gap.y + 2 * border,
  };
  const centre = ({ row, column }: Spot): Point => ({
    x: size.width / 2 + column * pitch.x,
    y: border + row * pitch.y + box.height / 2,
  });
  const id = `boot-${boot.name.replace(/[^a-z0-9]+/gi, '-')}`;
  const title = `Boot order of ${boot.name}`;
  return markup`<svg class="boot" role="img" aria-labelledby="${id}-title" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" xmlns="http://www.w3.org/2000/svg">
<title id="${id}-title">${title}</title>
<defs>${(['given', 'wrong', 'missing'] as const).map((mark) => arrow(id, mark))}</defs>
${[...layout.routes].sort((a, b) => weight(a) - weight(b)).map((route) => edgeLine(id, route, centre))}${boot.nodes.map(
    (node) => {
      const spot = layout.nodes.get(node.id);
      return spot ? nodeBox(node, centre(spot)) : undefined;
    },
  )}</svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is wrong is drawn last, on top. */
function weight({ edge }: Route): number {
  return { given: 0, missing: 1, wrong: 2 }[edge.mark];
}

function arrow(id: string, mark: 'given' | 'wrong' | 'missing'): Markup {
  return markup`<marker id="${id}-${mark}" class="arrow ${mark}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`;
}

function edgeLine(id: string, { edge, spots }: Route, centre: (spot: Spot) => Point): Markup {
  const points = spots.map(centre);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return markup``;
  const down = last.y > first.y;
  const bends = points.slice(1, -1);
  const level = last.y === first.y;
  const path = level
    ? arc(first, last)
    : curve([touch(first, down, down), ...bends, touch(last, !down, down)]);
  const where =
    edge.path === undefined ? '' : `, ${edge.path}${edge.line === undefined ? '' : `:${edge.line}`}`;
  const words = `${edge.first} before ${edge.then}${markWords[edge.mark]}: ${edge.because}${where}`;
  return markup`<g class="edge ${edge.mark}"><title>${words}</title><path d="${path}" marker-end="url(#${id}-${edge.mark})"/></g>
`;
}

/** Where a line touches a box: its lower or upper side, in the middle; one that leads up keeps beside those that lead down. */
function touch({ x, y }: Point, below: boolean, down: boolean): Point {
  return { x: down ? x : x + box.width / 4, y: y + (below ? 1 : -1) * (box.height / 2 + 1) };
}

/** Through all points, vertical at each. */
function curve(points: readonly Point[]): string {
  return points.reduce((path, { x, y }, at) => {
    const before = points[at - 1];
    if (!before) return `M${round(x)} ${round(y)}`;
    const middle = round((before.y + y) / 2);
    return `${path}C${round(before.x)} ${middle} ${round(x)} ${middle} ${round(x)} ${round(y)}`;
  }, '');
}

/** Between two boxes of one row: a bow below them, or a straight line between neighbours. */
function arc(from: Point, to: Point): string {
  const right = to.x > from.x;
  const [start, end] = [
    from.x + (right ? 1 : -1) * (box.width / 2 + 1),
    to.x - (right ? 1 : -1) * (box.width / 2 + 1),
  ];
  if (Math.abs(end - start) <= gap.x + 2)
    return `M${round(start)} ${round(from.y)}L${round(end)} ${round(to.y)}`;
  const below = from.y + box.height / 2 + 1;
  return `M${round(from.x)} ${round(below)}C${round(from.x)} ${round(below + 36)} ${round(to.x)} ${round(below + 36)} ${round(to.x)} ${round(below)}`;
}

function nodeBox({ id, role }: ReportedBoot['nodes'][number], { x, y }: Point): Markup {
  const name = visible(id);
  const shown = name.length > nameLength ? `${name.slice(0, nameLength - 1)}…` : name;
  return markup`<g class="node ${role ?? 'other'}"><title>${name}</title><rect x="${round(x - box.width / 2)}" y="${round(y - box.height / 2)}" width="${box.width}" height="${box.height}" rx="6"/><text x="${round(x)}" y="${round(y + 4.5)}">${shown}</text></g>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
