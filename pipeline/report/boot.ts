import type { BootEdge, BootGraph } from '../../images/guest/init/boot-graph.js';
import type { Ordering } from '../../images/guest/init/service.js';

export type BootRole = 'agent' | 'xe' | 'cloud-init' | 'network';

/** given: as it is. wrong: in a cycle, or against the order that is needed. missing: needed, but nothing says so. */
type EdgeMark = 'given' | 'wrong' | 'missing';

export interface ReportedBootEdge {
  readonly first: string;
  readonly then: string;
  readonly because: string;
  readonly path?: string;
  readonly line?: number;
  readonly mark: EdgeMark;
}

/** The part of a boot that matters to the agent: what a report draws. */
export interface ReportedBoot {
  /** "default.target", or "runlevel 2". */
  readonly name: string;
  /** Other graphs with the same nodes, order and marks: the runlevels of a SysV guest are mostly alike. */
  readonly alike: readonly string[];
  /** Sorted by id. */
  readonly nodes: readonly { readonly id: string; readonly role?: BootRole }[];
  /** Sorted by their ends. */
  readonly edges: readonly ReportedBootEdge[];
}

export interface BootQuestion {
  /** The units or scripts that matter, and what they are. */
  readonly roles: ReadonlyMap<string, BootRole>;
  /** The pair whose order was asked, `first` to start before `then`, with the answers for each graph. */
  readonly wanted?:
    | {
        readonly first: string;
        readonly then: string;
        readonly orderings: readonly Ordering[];
      }
    | undefined;
  /** Cycles, each as its edges. */
  readonly cycles?: readonly (readonly BootEdge[])[];
}

/**
 * Reduces boot graphs of hundreds of units to what a person can look at: the units with a role, the shortest chains
 * that order them, and every edge that is wrong or missing. A graph that starts none of them is left
 * out; of those that look alike, the first is drawn.
 */
export function drawBoot(graphs: readonly BootGraph[], question: BootQuestion): ReportedBoot[] {
  const drawn = new Map<string, ReportedBoot>();
  for (const graph of graphs) {
    const boot = drawGraph(graph, question);
    if (boot.nodes.length === 0) continue;
    const look = JSON.stringify([boot.nodes, boot.edges.map(({ first, then, mark }) => [first, then, mark])]);
    const known = drawn.get(look);
    drawn.set(look, known ? { ...known, alike: [...known.alike, boot.name] } : boot);
  }
  return [...drawn.values()];
}

function drawGraph(graph: BootGraph, { roles, wanted, cycles = [] }: BootQuestion): ReportedBoot {
  const interest = [...roles.keys()].filter((id) => graph.nodes.has(id)).sort();
  const edges = new Map<string, ReportedBootEdge>();
  const mark = (edge: BootEdge, how: EdgeMark): void => {
    const key = `${edge.first}\n${edge.then}`;
    if (how === 'given' && edges.has(key)) return;
    const { path, line } = edge.evidence ?? {};
    edges.set(key, {
      first: edge.first,
      then: edge.then,
      because: edge.because,
      ...(path === undefined ? {} : { path }),
      ...(line === undefined ? {} : { line }),
      mark: how,
    });
  };
  for (const edge of chainsBetween(graph, interest)) mark(edge, 'given');
  const known = new Set(graph.edges.map(({ first, then }) => `${first}\n${then}`));
  for (const cycle of cycles) {
    const here = cycle.every(({ first, then }) => known.has(`${first}\n${then}`));
    for (const edge of here ? cycle : []) mark(edge, 'wrong');
  }
  for (const ordering of wanted?.orderings ?? []) {
    if (!wanted || ordering.graph !== graph.name) continue;
    if (ordering.verdict === 'after') for (const edge of ordering.chain) mark(edge, 'wrong');
    if (ordering.verdict === 'unordered') {
      mark(
        { first: wanted.first, then: wanted.then, evidence: ordering.evidence[0], because: ordering.because },
        'missing',
      );
    }
  }
  const ids = new Set([...interest, ...[...edges.values()].flatMap(({ first, then }) => [first, then])]);
  return {
    name: graph.name,
    alike: [],
    nodes: [...ids].sort().map((id) => {
      const role = roles.get(id);
      return { id, ...(role ? { role } : {}) };
    }),
    edges: [...edges.values()].sort((a, b) => compare(a.first, b.first) || compare(a.then, b.then)),
  };
}

/** The edges of a shortest chain between every two of `ids` that no third of them lies between. */
function chainsBetween(graph: BootGraph, ids: readonly string[]): BootEdge[] {
  const outgoing = new Map<string, BootEdge[]>();
  for (const edge of [...graph.edges].sort((a, b) => compare(a.then, b.then))) {
    const list = outgoing.get(edge.first);
    if (list) list.push(edge);
    else outgoing.set(edge.first, [edge]);
  }
  const trees = new Map(ids.map((id) => [id, shortestPaths(outgoing, id)]));
  const reaches = (from: string, to: string): boolean => trees.get(from)?.has(to) ?? false;
  const between = (from: string, middle: string, to: string): boolean =>
    middle !== from &&
    middle !== to &&
    reaches(from, middle) &&
    reaches(middle, to) &&
    !reaches(middle, from) &&
    !reaches(to, middle);
  const edges: BootEdge[] = [];
  for (const from of ids) {
    for (const to of ids) {
      if (from === to || !reaches(from, to) || ids.some((middle) => between(from, middle, to))) continue;
      for (let at = to; at !== from;) {
        const edge = trees.get(from)?.get(at);
        if (!edge) break;
        edges.push(edge);
        at = edge.first;
      }
    }
  }
  return edges;
}

/** Breadth first: of every node that can be reached, the edge by which it was. */
function shortestPaths(
  outgoing: ReadonlyMap<string, readonly BootEdge[]>,
  start: string,
): Map<string, BootEdge> {
  const arrivedBy = new Map<string, BootEdge>();
  const queue = [start];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const edge of outgoing.get(next) ?? []) {
      if (edge.then === start || arrivedBy.has(edge.then)) continue;
      arrivedBy.set(edge.then, edge);
      queue.push(edge.then);
    }
  }
  return arrivedBy;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
