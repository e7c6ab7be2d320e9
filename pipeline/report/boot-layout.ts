import type { ReportedBoot, ReportedBootEdge } from './boot.js';

/** Where a node or a bend of an edge stands: the row it is in, and its place in the row. */
export interface Spot {
  readonly row: number;
  column: number;
}

/** An edge with the spots it passes, from its first end to its second. */
export interface Route {
  readonly edge: ReportedBootEdge;
  readonly spots: readonly Spot[];
}

export interface Layout {
  readonly nodes: ReadonlyMap<string, Spot>;
  readonly routes: readonly Route[];
  /** Spots of each row, bends included, in the order of their columns. */
  readonly rows: readonly (readonly Spot[])[];
}

/** A cycle has no beginning of its own; these are where a boot begins (bootup(7)). */
const beginnings = ['sysinit.target', 'basic.target'];

/** How often the rows are ordered anew by their neighbours; it settles long before. */
const sweeps = 8;

/**
 * Layers a boot graph: what starts first stands above. Rows are the longest chains, without the edges that close a
 * cycle; an edge over several rows bends through a spot in each, so that no line runs through a node; rows are
 * ordered by the mean of their neighbours (the method of Sugiyama, Tagawa and Toda).
 */
export function layOut({ nodes, edges }: ReportedBoot): Layout {
  const ids = nodes.map(({ id }) => id);
  const row = rowsOf(ids, forwardEdges(ids, edges));
  const spots = new Map<string, Spot>(ids.map((id) => [id, { row: row.get(id) ?? 0, column: 0 }]));
  const rows: Spot[][] = [];
  const put = (spot: Spot): Spot => {
    (rows[spot.row] ??= []).push(spot);
    return spot;
  };
  for (const spot of spots.values()) put(spot);
  const routes: Route[] = [];
  for (const edge of edges) {
    const from = spots.get(edge.first);
    const to = spots.get(edge.then);
    if (!from || !to) continue;
    const step = Math.sign(to.row - from.row);
    const bends: Spot[] = [];
    for (let at = from.row + step; step !== 0 && at !== to.row; at += step)
      bends.push(put({ row: at, column: 0 }));
    routes.push({ edge, spots: [from, ...bends, to] });
  }
  order(rows, routes);
  return { nodes: spots, routes, rows };
}

/** Edges without those that lead back to a node that is still being visited: what remains has no cycle. */
function forwardEdges(ids: readonly string[], edges: readonly ReportedBootEdge[]): ReportedBootEdge[] {
  const state = new Map<string, 'open' | 'done'>();
  const forward: ReportedBootEdge[] = [];
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of edges) {
      if (edge.first !== id || state.get(edge.then) === 'open') continue;
      forward.push(edge);
      if (!state.has(edge.then)) visit(edge.then);
    }
    state.set(id, 'done');
  };
  for (const id of beginnings) if (ids.includes(id) && !state.has(id)) visit(id);
  for (const id of ids) {
    const isRoot = !edges.some(({ then }) => then === id);
    if (isRoot && !state.has(id)) visit(id);
  }
  for (const id of ids) if (!state.has(id)) visit(id);
  return forward;
}

function rowsOf(ids: readonly string[], edges: readonly ReportedBootEdge[]): Map<string, number> {
  const rows = new Map(ids.map((id) => [id, 0]));
  for (let round = 0; round < ids.length; round++) {
    for (const { first, then } of edges)
      rows.set(then, Math.max(rows.get(then) ?? 0, (rows.get(first) ?? 0) + 1));
  }
  return rows;
}

function order(rows: readonly Spot[][], routes: readonly Route[]): void {
  const neighbours = new Map<Spot, Spot[]>();
  for (const { spots } of routes) {
    for (let at = 1; at < spots.length; at++) {
      const [a, b] = [spots[at - 1], spots[at]];
      if (!a || !b) continue;
      neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
      neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
    }
  }
  const number = (row: Spot[]): void => {
    row.forEach((spot, at) => {
      spot.column = at - (row.length - 1) / 2;
    });
  };
  rows.forEach(number);
  const mean = (spot: Spot, from: number): number => {
    const near = (neighbours.get(spot) ?? []).filter(({ row }) => row === from);
    return near.length === 0 ? spot.column : near.reduce((sum, { column }) => sum + column, 0) / near.length;
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const means = new Map(row.map((spot) => [spot, mean(spot, spot.row + (down ? -1 : 1))]));
      row.sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
      number(row);
    }
  }
}
