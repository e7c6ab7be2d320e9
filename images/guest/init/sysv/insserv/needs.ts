import { type Node, meet } from './model.js';
import { type Order, inOrder } from './order.js';

/**
 * What the rule of a script lists: from the highest number to the lowest, then what insserv does not sort; without
 * what others in the rule imply.
 *
 * Equals, and what is not sorted, are in the order in which insserv has read them, and that order also decides what
 * is implied: first what was asked by scripts that it read earlier, then what the script's own header asks for, then
 * the rest. Who was read earlier depends on how the file system lists the directories; here it is taken from the rule
 * that is there, as far as that tells.
 * @param current - the rule as it is; undefined where there is none
 */
export function needsOf(node: Node, order: Order, current: readonly string[] = []): Node[] {
  const needs = order
    .needs(node)
    .filter(
      ([other]) =>
        other.linked && meet(node[order.when], other[order.when]) && !(order.when === 'start' && other.last),
    );
  const own = needs.filter(([, need]) => need.bySelf).map(([other]) => other);
  const others = inOrder(
    needs.filter(([, need]) => need.byOthers).map(([other]) => other),
    [],
    current,
  );
  const rule = (early: readonly Node[]): Node[] => {
    const read = [...new Set([...early, ...own, ...others])];
    return withoutImplied(sorted(read, order), node, order);
  };
  let early: readonly Node[] = [];
  let best = rule(early);
  if (own.length === 0) return best;
  for (const other of others) {
    if (!current.includes(other.script.name)) continue;
    const more = [...early, other];
    const tried = rule(more);
    if (distance(tried, current) >= distance(best, current)) continue;
    early = more;
    best = tried;
  }
  return best;
}

function sorted(needs: readonly Node[], order: Order): Node[] {
  const key = (other: Node): number => (order.sorts(other) ? -order.number(other) : 1);
  return [...needs].sort((a, b) => key(a) - key(b));
}

/**
 * Leaves out what a script before it in the rule, with a higher number, waits for itself, whether or not these two
 * meet in a runlevel. When stopping, insserv looks at the runlevels of starting here: so what is only ever stopped
 * keeps all of its needs.
 */
function withoutImplied(needs: readonly Node[], node: Node, order: Order): Node[] {
  const kept: Node[] = [];
  for (const need of needs) {
    const end = kept.findIndex((other) => order.number(other) <= order.number(need));
    const later = end < 0 ? kept : kept.slice(0, end);
    const implied = meet(node.start, need.start) && later.some((other) => order.waits(other, need));
    if (!implied) kept.push(need);
  }
  return kept;
}

/** How far a rule is from the one that is there: names that only one of them has, and pairs in another order. */
function distance(rule: readonly Node[], current: readonly string[]): number {
  const names = rule.map((node) => node.script.name);
  const places = names.map((name) => current.indexOf(name)).filter((place) => place >= 0);
  const different = names.length + current.length - 2 * places.length;
  const swapped = places.reduce(
    (sum, place, at) => sum + places.slice(at + 1).filter((later) => later < place).length,
    0,
  );
  return different * current.length * current.length + swapped;
}
