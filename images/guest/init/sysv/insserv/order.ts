import type { Need, Node, When } from './model.js';

/** One of the two orders, as far as insserv sorts by it: only up to the highest number outside rcS.d. */
export class Order {
  readonly #sorted: number;

  constructor(
    nodes: readonly Node[],
    readonly numbers: ReadonlyMap<Node, number>,
    readonly when: When,
  ) {
    const counted = nodes.filter((node) => inRunlevel(node, when));
    this.#sorted = Math.max(0, ...counted.map((node) => this.number(node)));
  }

  /** 0 when it is never started (or stopped). */
  number(node: Node): number {
    return node[this.when].size > 0 ? (this.numbers.get(node) ?? 0) : 0;
  }

  sorts(node: Node): boolean {
    return this.number(node) <= this.#sorted;
  }

  /** Where it comes among the targets; what insserv does not sort shares the last place. */
  place(node: Node): number {
    return Math.min(this.number(node), this.#sorted + 1);
  }

  /** Who a script waits for, in any order. */
  needs(node: Node): [Node, Need][] {
    return [...this.#all(node)].filter(([other]) => this.waits(node, other));
  }

  /**
   * Whether a script waits for another. insserv replaces the other names of a script by the first one when it sorts,
   * and overlooks those that are left.
   */
  waits(node: Node, other: Node): boolean {
    const need = this.#all(node).get(other);
    return need !== undefined && (this.sorts(other) || need.byMainName);
  }

  #all(node: Node): ReadonlyMap<Node, Need> {
    return this.when === 'start' ? node.startsAfter : node.stopsAfter;
  }
}

/** Whether it is started (or stopped) in any other than rcS.d. */
export function inRunlevel(node: Node, when: When): boolean {
  return [...node[when]].some((level) => level !== 'S');
}

/** Sorted by these keys; equals stay in the order that the file has, those that are new to it come after them. */
export function inOrder(
  nodes: readonly Node[],
  keys: readonly ((node: Node) => number)[],
  current: readonly string[] = [],
): Node[] {
  const places = new Map(current.map((name, at) => [name, at]));
  const place = (node: Node): number => places.get(node.script.name) ?? current.length;
  const all = [...keys, place];
  return [...nodes].sort((a, b) => {
    for (const key of all) if (key(a) !== key(b)) return key(a) - key(b);
    return a.script.name < b.script.name ? -1 : 1;
  });
}
