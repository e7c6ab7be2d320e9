import { ImageError } from '../../../../base/errors.js';
import type { Runlevel } from '../layout.js';
import { type Ghost, type Model, type Node, type When, meet } from './model.js';

/** Links have two digits. */
const highest = 99;

/**
 * The number of every script: one more than the highest of those it comes after, 1 when there are none. Scripts
 * that no runlevel brings together do not count for one another.
 * @param when - starting or stopping
 * @param current - numbers of today, which decide who of two interactive scripts comes first
 * @throws {ImageError} code `boot-loop` when scripts wait for each other in a cycle, which insserv refuses;
 *   `unsupported-init` when two digits do not suffice
 */
export function numberNodes(
  model: Model,
  when: When,
  current: ReadonlyMap<string, number> = new Map(),
): Map<Node, number> {
  const numbers = longestPaths(model.nodes, when);
  new Pushing(model, when, numbers).finish(current);
  for (const [node, number] of numbers) {
    if (number > highest) {
      const { path } = node.script;
      throw new ImageError(
        'unsupported-init',
        `${path} would need the number ${number}, and a link has only two digits`,
      );
    }
  }
  return numbers;
}

/** The nodes it is numbered after: those that it meets in a runlevel. */
export function before(node: Node, when: When): Node[] {
  const needs = when === 'start' ? node.startsAfter : node.stopsAfter;
  return [...needs.entries()]
    .filter(([other, need]) => !need.lost && meet(node[when], other[when]))
    .map(([other]) => other);
}

function dependantsOf(nodes: readonly Node[], when: When): Map<Node, Node[]> {
  const dependants = new Map<Node, Node[]>();
  for (const node of nodes) {
    for (const other of before(node, when)) {
      const known = dependants.get(other);
      if (known) known.push(node);
      else dependants.set(other, [node]);
    }
  }
  return dependants;
}

function longestPaths(nodes: readonly Node[], when: When): Map<Node, number> {
  const dependants = dependantsOf(nodes, when);
  const waiting = new Map(nodes.map((node) => [node, before(node, when).length]));
  const numbers = new Map(nodes.map((node) => [node, 1]));
  const ready = nodes.filter((node) => waiting.get(node) === 0);
  for (const node of ready) {
    const number = numbers.get(node) ?? 1;
    for (const dependant of dependants.get(node) ?? []) {
      numbers.set(dependant, Math.max(numbers.get(dependant) ?? 1, number + 1));
      const left = (waiting.get(dependant) ?? 1) - 1;
      waiting.set(dependant, left);
      if (left === 0) ready.push(dependant);
    }
  }
  if (ready.length < nodes.length) {
    const stuck = nodes.filter((node) => (waiting.get(node) ?? 0) > 0).map((node) => node.script.name);
    throw new ImageError(
      'boot-loop',
      `insserv refuses the headers of these init scripts, which form a loop when they are ${when === 'start' ? 'started' : 'stopped'}: ` +
        stuck.sort().join(', '),
    );
  }
  return numbers;
}

/**
 * insserv walks from each script along the first follower of the first follower and so on. It does not number who
 * starts in other runlevels, or does not exist, but walks on through them: so a script without any runlevel in
 * between still orders its neighbours.
 */
function across(node: Node, when: When): Node | undefined {
  let next = node.followers[when][0];
  for (let step = 0; next && step < highest; step++) {
    if (next === node) return undefined;
    if ('script' in next && meet(next[when], node[when])) return step > 0 ? next : undefined;
    next = 'script' in next ? next.followers[when][0] : [...next.dependants][0];
  }
  return undefined;
}

/** The second pass: an interactive script has its number to itself, so whoever shares it has to move on. */
class Pushing {
  readonly #dependants: ReadonlyMap<Node, Node[]>;
  readonly #behind = new Map<Node, Ghost[]>();
  readonly #across = new Map<Node, Node>();
  readonly #ghosts = new Map<Ghost, { number: number; levels: Set<Runlevel> }>();

  constructor(
    readonly model: Model,
    readonly when: When,
    readonly numbers: Map<Node, number>,
  ) {
    this.#dependants = dependantsOf(model.nodes, when);
    for (const ghost of model.ghosts[when]) {
      this.#ghosts.set(ghost, { number: 0, levels: new Set() });
      for (const node of ghost.waitsFor) this.#behind.set(node, [...(this.#behind.get(node) ?? []), ghost]);
    }
    for (const node of model.nodes) {
      const other = across(node, when);
      if (other) this.#across.set(node, other);
    }
  }

  finish(current: ReadonlyMap<string, number>): void {
    for (const [node, other] of this.#across) this.#push(other, (this.numbers.get(node) ?? 0) + 1);
    this.#place();
    if (this.when === 'start') this.#isolateInteractive(current);
  }

  #isolateInteractive(current: ReadonlyMap<string, number>): void {
    const now = (node: Node): number => current.get(node.script.name) ?? highest;
    const byPlace = (a: Node, b: Node): number => a.listed - b.listed || now(a) - now(b);
    const { nodes } = this.model;
    const interactive = nodes.filter((node) => node.interactive).sort(byPlace);
    for (let number = 1; number <= highest && interactive.length > 0; number++) {
      for (const node of interactive) {
        if (this.numbers.get(node) !== number) continue;
        for (const other of nodes) {
          const shares =
            other !== node && this.numbers.get(other) === number && meet(node.start, other.start);
          if (!shares) continue;
          this.#push(other, number + 1);
          this.#place();
        }
      }
    }
  }

  /** Moves a script to a number, and whatever comes after it further on; along ghosts, too. */
  #push(start: Node, to: number): void {
    const queue: [Node, number][] = [[start, to]];
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [node, number] = next;
      if (number > highest + 1 || (this.numbers.get(node) ?? 0) >= number) continue;
      this.numbers.set(node, number);
      for (const dependant of this.#dependants.get(node) ?? []) queue.push([dependant, number + 1]);
      const other = this.#across.get(node);
      if (other) queue.push([other, number + 1]);
      for (const ghost of this.#behind.get(node) ?? []) {
        const place = this.#ghosts.get(ghost);
        if (!place || !meet(place.levels, node[this.when]) || place.number >= number + 1) continue;
        place.number = number + 1;
        for (const dependant of ghost.dependants) {
          if (dependant !== node && meet(place.levels, dependant[this.when]))
            queue.push([dependant, number + 2]);
        }
      }
    }
  }

  /** Puts ghosts right before the first of their dependants; one that would be the very first counts as rcS.d's. */
  #place(): void {
    for (const [ghost, place] of this.#ghosts) {
      if (ghost.dependants.size === 0) continue;
      const earliest = Math.min(...[...ghost.dependants].map((node) => this.numbers.get(node) ?? 1));
      if (earliest > 1) {
        place.number = earliest - 1;
        for (const node of ghost.dependants) for (const level of node[this.when]) place.levels.add(level);
      } else {
        place.levels = new Set(['S']);
      }
    }
  }
}
