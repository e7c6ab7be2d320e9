import type { BootEdge } from './boot-graph.js';

/** Questions to a directed graph of boot edges. Every answer is the same for the same edges in the same order. */
export class Digraph {
  readonly #out = new Map<string, BootEdge[]>();
  #components: ReadonlyMap<string, number> | undefined;

  constructor(readonly edges: readonly BootEdge[]) {
    for (const edge of edges) {
      const out = this.#out.get(edge.first);
      if (out) out.push(edge);
      else this.#out.set(edge.first, [edge]);
    }
  }

  /** The shortest chain of edges from one node to another; undefined when there is none. */
  path(from: string, to: string): readonly BootEdge[] | undefined {
    return from === to ? [] : this.#search(from, to, () => true);
  }

  /** Whether a node can be reached from another, or is it. */
  reaches(from: string, to: string): boolean {
    return this.path(from, to) !== undefined;
  }

  /** A shortest cycle through a node; undefined when it is in none. */
  cycle(through: string): readonly BootEdge[] | undefined {
    const component = this.#componentOf(through);
    if (component === undefined) return undefined;
    return this.#search(through, through, (edge) => this.#componentOf(edge.then) === component);
  }

  /** The edges that are part of some cycle: those within a strongly connected component. */
  cyclic(): readonly BootEdge[] {
    return this.edges.filter((edge) => {
      const component = this.#componentOf(edge.first);
      return (
        component !== undefined && component === this.#componentOf(edge.then) && edge.first !== edge.then
      );
    });
  }

  #componentOf(node: string): number | undefined {
    this.#components ??= components(this.#out);
    return this.#components.get(node);
  }

  /** Breadth first, and never the empty chain. */
  #search(from: string, to: string, allowed: (edge: BootEdge) => boolean): readonly BootEdge[] | undefined {
    const reachedBy = new Map<string, BootEdge>();
    let front = [from];
    while (front.length > 0) {
      const next: string[] = [];
      for (const node of front) {
        for (const edge of this.#out.get(node) ?? []) {
          if (edge.first === edge.then || reachedBy.has(edge.then) || !allowed(edge)) continue;
          reachedBy.set(edge.then, edge);
          if (edge.then === to) return chain(reachedBy, from, to);
          if (edge.then !== from) next.push(edge.then);
        }
      }
      front = next;
    }
    return undefined;
  }
}

function chain(reachedBy: ReadonlyMap<string, BootEdge>, from: string, to: string): readonly BootEdge[] {
  const edges: BootEdge[] = [];
  let at = to;
  do {
    const edge = reachedBy.get(at);
    if (!edge) break;
    edges.unshift(edge);
    at = edge.first;
  } while (at !== from);
  return edges;
}

/**
 * The strongly connected component of every node (Tarjan's algorithm, with a stack of its own instead of
 * recursion: a hostile guest may hold a chain of a hundred thousand units).
 */
function components(out: ReadonlyMap<string, readonly BootEdge[]>): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const open: string[] = [];
  let count = 0;
  const visit = (root: string): void => {
    const work: { node: string; next: number }[] = [{ node: root, next: 0 }];
    enter(root);
    for (let top = work.at(-1); top; top = work.at(-1)) {
      const edge = out.get(top.node)?.[top.next];
      top.next += 1;
      if (!edge) {
        leave(top.node);
        work.pop();
        const parent = work.at(-1);
        if (parent) lower(parent.node, low.get(top.node) ?? 0);
      } else if (!index.has(edge.then)) {
        enter(edge.then);
        work.push({ node: edge.then, next: 0 });
      } else if (!component.has(edge.then)) {
        lower(top.node, index.get(edge.then) ?? 0);
      }
    }
  };
  const enter = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    open.push(node);
  };
  const lower = (node: string, to: number): void => {
    low.set(node, Math.min(low.get(node) ?? to, to));
  };
  const leave = (node: string): void => {
    if (low.get(node) !== index.get(node)) return;
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component.set(member, count);
      if (member === node) break;
    }
    count += 1;
  };
  for (const node of out.keys()) if (!index.has(node)) visit(node);
  return component;
}
