import type { Evidence } from '../../evidence.js';
import type { Obstacle } from '../obstacle.js';
import type { Transaction } from './transaction.js';
import type { Dependency, Relation } from './unit.js';

/** Whoever says this of a unit is stopped with it. */
const stoppedWith: ReadonlySet<Relation> = new Set(['Requires', 'BindsTo', 'PartOf']);

interface Pair {
  /** The unit that has the Conflicts=. */
  readonly by: string;
  /** The unit that it names. */
  readonly named: string;
  readonly dependency: Dependency;
}

/** Units of the boot whose start is dropped because of a Conflicts=, or may be. */
export interface Dropped {
  readonly units: ReadonlyMap<string, Obstacle>;
  /** Two units that default.target cannot do without exclude each other: it is not started at all. */
  readonly boot: Obstacle | undefined;
}

/**
 * What systemd makes of units of one boot that exclude each other, by delete_one_unmergeable_job() of
 * core/transaction.c: a start that default.target cannot do without beats a stop, and else the unit that is named in a
 * Conflicts= loses its start (booted). Which one goes is left to the order of a hash table where both name the other,
 * where a third unit is stopped with the named one, and where the unit that says it is itself excluded by another.
 */
export function droppedByConflicts(transaction: Transaction): Dropped {
  const pairs = pairsOf(transaction);
  const units = new Map<string, Obstacle>();
  let boot: Obstacle | undefined;
  if (pairs.length === 0) return { units, boot };
  const essential = transaction.essential();
  const drop = (name: string, certain: boolean, pair: Pair): void => {
    if (units.get(name)?.certain === true) return;
    units.set(name, obstacleOf(name, certain, pair));
  };
  const excluded = new Set(pairs.map(({ named }) => named));
  for (const pair of pairs) {
    const { by, named } = pair;
    const mutual = pairs.some((other) => other.by === named && other.named === by);
    const [byCounts, namedCounts] = [essential.has(by), essential.has(named)];
    if (byCounts && namedCounts) {
      boot ??= {
        certain: true,
        evidence: evidenceOf(pair),
        because: `default.target requires both ${by} and ${named}, which exclude each other (${pair.dependency.because})`,
      };
    } else if (namedCounts) drop(by, true, pair);
    else if (byCounts) drop(named, true, pair);
    else if (mutual || excluded.has(by) || isStoppedWithIt(transaction, pair)) {
      drop(by, false, pair);
      drop(named, false, pair);
    } else drop(named, true, pair);
  }
  return { units, boot };
}

function pairsOf({ members, nameOf }: Transaction): Pair[] {
  const pairs: Pair[] = [];
  for (const [by, { dependencies }] of members) {
    for (const dependency of dependencies) {
      if (dependency.relation !== 'Conflicts') continue;
      const named = nameOf(dependency.name);
      if (named !== by && members.has(named)) pairs.push({ by, named, dependency });
    }
  }
  return pairs;
}

/** Whether a third unit of the boot is stopped along with the one that is named. */
function isStoppedWithIt({ members, nameOf }: Transaction, { by, named }: Pair): boolean {
  for (const [name, { dependencies }] of members) {
    if (name === by || name === named) continue;
    if (dependencies.some((one) => stoppedWith.has(one.relation) && nameOf(one.name) === named)) return true;
  }
  return false;
}

function obstacleOf(name: string, certain: boolean, pair: Pair): Obstacle {
  const { by, named, dependency } = pair;
  const other = name === by ? named : by;
  const because = certain
    ? `${by} of the same boot has ${dependency.because}, and systemd drops the start of ${name}`
    : `${by} of the same boot has ${dependency.because}, and which of the two systemd drops (${name} or ${other}) changes from boot to boot`;
  return { certain, evidence: evidenceOf(pair), because };
}

function evidenceOf({ dependency }: Pair): Evidence {
  return dependency.evidence ?? { path: '/' };
}
