import type { DependFile, DependRule } from '../../../../formats/depend-file.js';
import type { DependName } from '../state.js';
import type { Node, When } from './model.js';
import { needsOf } from './needs.js';
import { Order, inOrder, inRunlevel } from './order.js';

/** How a script is numbered, started and stopped. */
export type Numbered = Readonly<Record<When, ReadonlyMap<Node, number>>>;

/**
 * The three makefiles of startpar, as insserv would fill them: only scripts with links, what rcS.d starts in
 * `.depend.boot`, everything else in `.depend.start`.
 *
 * Scripts are written in the order of their numbers. Among those with the same number, insserv takes the order in
 * which the file system happens to list them, which no archive knows: here they stay as the file has them now.
 * @param current - the files as they are; undefined where there is none
 */
export function dependFiles(
  nodes: readonly Node[],
  numbers: Numbered,
  current: Readonly<Record<DependName, DependFile | undefined>>,
): Record<DependName, DependFile> {
  const started = new Order(nodes, numbers.start, 'start');
  const stopped = new Order(nodes, numbers.stop, 'stop');
  const linked = nodes.filter((node) => node.linked);
  const atBoot = inOrder(
    linked.filter((node) => node.start.has('S')),
    [(node) => started.place(node)],
    current.boot?.targets,
  );
  // A script of rcS.d that is also linked in a runlevel is a target of both, with its rule in the first.
  const targets = inOrder(
    linked.filter((node) => inRunlevel(node, 'start')),
    [(node) => started.place(node)],
    current.start?.targets,
  );
  const later = targets.filter((node) => !node.start.has('S'));
  // insserv sorts for stopping what it has sorted for starting before.
  const stopping = inOrder(
    linked.filter((node) => inRunlevel(node, 'stop')),
    [(node) => stopped.place(node), (node) => started.place(node)],
    current.stop?.targets,
  );
  const stopRules = stopping.filter((node) => !node.stop.has('S'));
  return {
    boot: {
      targets: namesOf(atBoot),
      interactive: namesOf(atBoot.filter(isInteractive)),
      rules: rulesOf(atBoot, started, current.boot),
    },
    start: {
      targets: namesOf(targets),
      interactive: namesOf(later.filter(isInteractive)),
      rules: rulesOf(later, started, current.start),
    },
    stop: {
      targets: namesOf(stopping),
      interactive: undefined,
      rules: rulesOf(stopRules, stopped, current.stop),
    },
  };
}

function isInteractive(node: Node): boolean {
  return node.interactive && node.asks;
}

function rulesOf(
  nodes: readonly Node[],
  order: Order,
  current: DependFile | undefined,
): Map<string, DependRule> {
  const rules = new Map<string, DependRule>();
  for (const node of nodes) {
    const known = current?.rules.get(node.script.name)?.needs;
    const needs = needsOf(node, order, known);
    if (needs.length > 0) rules.set(node.script.name, { needs: namesOf(needs), line: 0 });
  }
  return rules;
}

function namesOf(nodes: readonly Node[]): string[] {
  return nodes.map((node) => node.script.name);
}
