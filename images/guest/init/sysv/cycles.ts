import type { BootEdge } from '../boot-graph.js';
import { before } from './insserv/numbers.js';
import { modelOf } from './insserv/insserv.js';
import type { Node } from './insserv/model.js';
import type { Sysv } from './state.js';

/**
 * Cycles that the start fields of LSB headers form, for which insserv refuses to number anything; the shortest
 * through each of the scripts asked for. Where numbers alone order the boot there are none.
 * @param through - names of scripts
 */
export function cyclesOf(sysv: Sysv, through: readonly string[]): BootEdge[][] {
  if (sysv.dialect !== 'insserv') return [];
  const { nodes } = modelOf(sysv);
  const cycles = new Map<string, BootEdge[]>();
  for (const name of through) {
    const node = nodes.find((one) => one.script.name === name);
    const cycle = node && shortestCycle(node);
    if (!cycle) continue;
    // The same cycle may pass through several of them.
    const key = JSON.stringify(cycle.map((edge) => edge.first).sort());
    if (!cycles.has(key)) cycles.set(key, cycle);
  }
  return [...cycles.values()];
}

/** A walk from a script to what it starts after, until it comes back. */
function shortestCycle(start: Node): BootEdge[] | undefined {
  const cameFrom = new Map<Node, Node>();
  const queue = [start];
  for (let node = queue.shift(); node; node = queue.shift()) {
    for (const earlier of before(node, 'start')) {
      if (earlier === start) return edgesOf(start, node, cameFrom);
      if (cameFrom.has(earlier)) continue;
      cameFrom.set(earlier, node);
      queue.push(earlier);
    }
  }
  return undefined;
}

function edgesOf(start: Node, last: Node, cameFrom: ReadonlyMap<Node, Node>): BootEdge[] {
  const edges = [edgeOf(start, last)];
  for (let node = last; node !== start;) {
    const next = cameFrom.get(node);
    if (!next) break;
    edges.push(edgeOf(node, next));
    node = next;
  }
  return edges;
}

function edgeOf(first: Node, then: Node): BootEdge {
  const need = then.startsAfter.get(first);
  return {
    first: first.script.name,
    then: then.script.name,
    evidence: need?.evidence,
    because: need?.because ?? 'the LSB headers',
  };
}
