import { type DependFile, waitsFor } from '../../../formats/depend-file.js';
import type { BootEdge, BootGraph } from '../boot-graph.js';
import type { Ordering } from '../service.js';
import { type Runlevel, startRunlevels } from './layout.js';
import type { RunlevelLink } from './links.js';
import { type DependName, type Sysv, dependPath, startLinks } from './state.js';

/** One graph for each of the runlevels 2 to 5, with what rcS.d starts before them. */
export function graphsOf(sysv: Sysv): BootGraph[] {
  return startRunlevels.map((level) => {
    const first = working(sysv, 'S');
    const own = working(sysv, level).filter((link) => !first.some((early) => early.script === link.script));
    const groups = [...groupsOf(first), ...groupsOf(own)];
    const edges = groups.flatMap((group, at) => sequenceEdges(groups[at - 1] ?? [], group));
    if (sysv.concurrent) edges.push(...dependEdges(sysv, 'boot', first), ...dependEdges(sysv, 'start', own));
    return { name: nameOf(level), nodes: new Set([...first, ...own].map((link) => link.script)), edges };
  });
}

/**
 * Whether `first` starts before `then`, in each runlevel that starts `then`. Where startpar orders the boot by
 * .depend.start, the number alone says nothing: the rule must be there as well.
 */
export function orderOf(sysv: Sysv, first: string, then: string): Ordering[] {
  const orderings: Ordering[] = [];
  const early = startLinks(sysv, then, 'S')[0];
  for (const level of startRunlevels) {
    const two = early ?? startLinks(sysv, then, level)[0];
    if (two) orderings.push(orderIn(sysv, level, first, two));
  }
  return orderings;
}

function orderIn(sysv: Sysv, level: Runlevel, first: string, two: RunlevelLink): Ordering {
  const graph = nameOf(level);
  const then = two.script;
  const one = startLinks(sysv, first, 'S')[0] ?? startLinks(sysv, first, level)[0];
  if (!one) {
    const because = `${graph} starts ${then} but not ${first}`;
    return { graph, verdict: 'unordered', chain: [], evidence: [{ path: two.path }], because };
  }
  const evidence = [{ path: one.path }, { path: two.path }];
  const [placeOne, placeTwo] = [placeOf(one), placeOf(two)];
  if (placeOne === placeTwo) {
    const because = `both have number ${one.number} in ${graph}`;
    return { graph, verdict: 'unordered', chain: [], evidence, because };
  }
  const edge: BootEdge = placeOne < placeTwo ? edgeBetween(one, two) : edgeBetween(two, one);
  if (placeOne > placeTwo) return { graph, verdict: 'after', chain: [edge], evidence, because: edge.because };
  // What rcS.d starts is done before any runlevel begins.
  if (!sysv.concurrent || one.level !== two.level) {
    return { graph, verdict: 'before', chain: [edge], evidence, because: edge.because };
  }
  const chain = dependChain(sysv, one.level === 'S' ? 'boot' : 'start', first, then);
  if (!chain) return missingRule(sysv, graph, one, two);
  return { graph, verdict: 'before', chain, evidence, because: chain.map((link) => link.because).join(', ') };
}

function missingRule(sysv: Sysv, graph: string, one: RunlevelLink, two: RunlevelLink): Ordering {
  const name = one.level === 'S' ? 'boot' : 'start';
  const rule = sysv.depend[name]?.rules.get(two.script);
  return {
    graph,
    verdict: 'unordered',
    chain: [],
    evidence: [{ path: dependPath(name), line: rule?.line }, { path: one.path }, { path: two.path }],
    because: `startpar starts scripts side by side, and ${dependPath(name)} does not make ${two.script} wait for ${one.script}`,
  };
}

function dependChain(sysv: Sysv, name: DependName, first: string, then: string): BootEdge[] | undefined {
  const file = sysv.depend[name];
  const rules = file ? waitsFor(file, then, first) : undefined;
  if (!file || !rules) return undefined;
  const scripts = [...rules.map(([script]) => script), first];
  return rules
    .map(([script, rule], at): BootEdge => ruleEdge(name, scripts[at + 1] ?? first, script, rule.line))
    .reverse();
}

function dependEdges(sysv: Sysv, name: DependName, links: readonly RunlevelLink[]): BootEdge[] {
  const file: DependFile | undefined = sysv.depend[name];
  const nodes = new Set(links.map((link) => link.script));
  const edges: BootEdge[] = [];
  for (const [script, rule] of file?.rules ?? []) {
    if (!nodes.has(script)) continue;
    for (const need of rule.needs) if (nodes.has(need)) edges.push(ruleEdge(name, need, script, rule.line));
  }
  return edges;
}

function ruleEdge(name: DependName, first: string, then: string, line: number): BootEdge {
  return {
    first,
    then,
    evidence: { path: dependPath(name), line },
    because: `${then} waits for ${first} in .depend.${name}`,
  };
}

/** Groups up to this size are drawn with every edge between them; larger ones by their first and last. */
const drawnInFull = 100;

/** Each number before the next; what lies between two numbers further apart follows from that. */
function sequenceEdges(earlier: readonly RunlevelLink[], later: readonly RunlevelLink[]): BootEdge[] {
  const [first, last] = [later[0], earlier.at(-1)];
  if (!first || !last) return [];
  if (earlier.length <= drawnInFull && later.length <= drawnInFull) {
    return earlier.flatMap((one) => later.map((two) => edgeBetween(one, two)));
  }
  return [
    ...earlier.map((one) => edgeBetween(one, first)),
    ...later.slice(1).map((two) => edgeBetween(last, two)),
  ];
}

function edgeBetween(one: RunlevelLink, two: RunlevelLink): BootEdge {
  const number = (link: RunlevelLink): string => `S${String(link.number).padStart(2, '0')}`;
  const because =
    one.level === two.level
      ? `${number(one)} comes before ${number(two)}`
      : 'rcS.d comes before every runlevel';
  return { first: one.script, then: two.script, evidence: { path: two.path }, because };
}

/** A link's place in the whole boot: rcS.d first. */
function placeOf(link: RunlevelLink): number {
  return link.level === 'S' ? link.number : 100 + link.number;
}

/** The links that start something in a runlevel, each script once. */
function working(sysv: Sysv, level: Runlevel): RunlevelLink[] {
  const links = new Map<string, RunlevelLink>();
  for (const link of sysv.links) {
    if (link.kind !== 'S' || link.level !== level || !link.works) continue;
    const known = links.get(link.script);
    if (!known || link.number < known.number) links.set(link.script, link);
  }
  return [...links.values()];
}

function groupsOf(links: readonly RunlevelLink[]): RunlevelLink[][] {
  const groups = new Map<number, RunlevelLink[]>();
  for (const link of links) groups.set(link.number, [...(groups.get(link.number) ?? []), link]);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function nameOf(level: Runlevel): string {
  return `runlevel ${level}`;
}
