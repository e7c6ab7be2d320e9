import type { BootEdge, BootGraph } from '../boot-graph.js';
import { hasDefaultDependencies, implicitDependencies } from './implicit.js';
import { parseUnitName } from './names.js';
import type { Dependency, Relation, Unit, Units } from './unit.js';

/** What makes the start of one unit the start of another. */
const pulling: ReadonlySet<Relation> = new Set(['Wants', 'Requires', 'BindsTo', 'Upholds']);

/** For these, the job of one unit is one that the job of the other cannot do without. */
export const needing: ReadonlySet<Relation> = new Set(['Requires', 'BindsTo', 'Requisite']);

/** Of those that pull, what cannot be left out. */
const required: ReadonlySet<Relation> = new Set(['Requires', 'BindsTo']);

/** For these, a target is by default reached only after the unit. */
const targetWaits: ReadonlySet<Relation> = new Set([
  'Wants',
  'Requires',
  'Requisite',
  'BindsTo',
  'Upholds',
  'PartOf',
]);

/** A unit of the boot. */
export interface Member {
  readonly unit: Unit;
  /** With what systemd implies. */
  readonly dependencies: readonly Dependency[];
  /** Why it is started: what other members say. */
  readonly startedBy: Dependency[];
}

/**
 * What one boot starts: everything that default.target pulls in, directly or not.
 *
 * Conflicts= between two units of the boot takes none of them out (conflicts.ts says which systemd drops): the graph
 * may hold a unit too many, and so find a cycle too many, but never one too few. Conditions change nothing here: a unit
 * whose condition fails is still waited for.
 */
export class Transaction {
  readonly members = new Map<string, Member>();
  readonly #units: Units;
  #graph: BootGraph | undefined;

  private constructor(
    units: Units,
    /** The unit that the boot leads to: default.target, unless the kernel command line asks for another. */
    readonly goal: string,
  ) {
    this.#units = units;
  }

  /**
   * @param goal - what the kernel command line asks for in place of default.target
   * @param extra - units that are to be part of the boot even if nothing pulls them in yet
   * @throws {ImageError} when a unit that the boot reaches cannot be read
   */
  static async of(
    units: Units,
    {
      goal: asked = 'default.target',
      extra = [],
    }: { goal?: string | undefined; extra?: readonly string[] } = {},
  ): Promise<Transaction> {
    const goal = await startable(units, asked);
    const transaction = new Transaction(units, goal);
    await transaction.#follow([goal], required);
    const essential = new Set(transaction.members.keys());
    await transaction.#follow([...essential, ...extra], pulling, essential);
    return transaction;
  }

  /**
   * Admits units, and whatever they pull in by one of some relations.
   * @param essential - units whose wishes count in any case
   */
  async #follow(
    names: readonly string[],
    relations: ReadonlySet<Relation>,
    essential?: ReadonlySet<string>,
  ): Promise<void> {
    const queue: string[] = names.filter((name) => this.members.has(name));
    for (const name of names) await this.#admit(name, undefined, queue);
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const dependencies = this.members.get(name)?.dependencies ?? [];
      // systemd gives up on the wishes of a unit one of whose requirements cannot be loaded, but starts it (booted).
      // Without such a requirement of default.target nothing is started at all, which is told of elsewhere.
      const givesUp = essential?.has(name) === false && (await this.#lacksRequirement(dependencies));
      for (const dependency of dependencies) {
        const { relation } = dependency;
        if (relations.has(relation) && !(givesUp && !required.has(relation)))
          await this.#admit(dependency.name, dependency, queue);
      }
    }
  }

  has(name: string): boolean {
    return this.members.has(name);
  }

  /** A unit's own name, for any of its names. */
  readonly nameOf = (name: string): string => this.#units.nameOf(name);

  /** Whether a unit is part of the boot, or is loaded because one of its units names it. */
  refersTo(name: string): boolean {
    if (this.members.has(name)) return true;
    const named = [...this.members.values()].flatMap(({ dependencies }) => dependencies);
    return named.some((dependency) => this.nameOf(dependency.name) === name);
  }

  /** The goal by its own name, which default.target leads to. */
  get anchor(): string {
    return this.#units.nameOf(this.goal);
  }

  /** What default.target cannot be started without: in core/transaction.c, jobs that "matter to the anchor". */
  essential(): ReadonlySet<string> {
    const found = new Set([this.anchor]);
    const queue = [this.anchor];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const { relation, name: written } of this.members.get(name)?.dependencies ?? []) {
        const other = this.nameOf(written);
        if (!needing.has(relation) || !this.members.has(other) || found.has(other)) continue;
        found.add(other);
        queue.push(other);
      }
    }
    return found;
  }

  /** Each pair of units once; what a file says goes before what systemd implies. */
  graph(): BootGraph {
    this.#graph ??= {
      name: this.goal,
      nodes: new Set(this.members.keys()),
      edges: this.#edges(),
    };
    return this.#graph;
  }

  async #lacksRequirement(dependencies: readonly Dependency[]): Promise<boolean> {
    for (const { relation, name, evidence } of dependencies) {
      // What systemd implies of mounts and slices is no requirement where there is none.
      if (!evidence || !required.has(relation) || !mayStart(this.#units.nameOf(name))) continue;
      const { state, type } = await this.#units.load(name);
      if (state === 'masked' || (state === 'missing' && type !== 'slice')) return true;
    }
    return false;
  }

  async #admit(name: string, because: Dependency | undefined, queue: string[]): Promise<void> {
    const own = this.#units.nameOf(name);
    if (!mayStart(own)) return;
    const known = this.members.get(own);
    if (known) {
      if (because && !known.startedBy.includes(because)) known.startedBy.push(because);
      return;
    }
    const unit = await this.#units.load(own);
    if (unit.state !== 'loaded') return;
    const dependencies = [...unit.dependencies, ...implicitDependencies(unit)];
    this.members.set(own, { unit, dependencies, startedBy: because ? [because] : [] });
    queue.push(own);
  }

  #edges(): readonly BootEdge[] {
    const edges = new Map<string, BootEdge>();
    const add = (
      first: string,
      then: string,
      { evidence, because }: Pick<Dependency, 'evidence' | 'because'>,
    ): void => {
      const key = `${first} ${then}`;
      const known = edges.get(key);
      if (first !== then && (!known || (!known.evidence && evidence)))
        edges.set(key, { first, then, evidence, because });
    };
    for (const [name, { dependencies }] of this.members) {
      for (const dependency of dependencies) {
        const other = this.#units.nameOf(dependency.name);
        if (!this.members.has(other)) continue;
        if (dependency.relation === 'After') add(other, name, dependency);
        if (dependency.relation === 'Before') add(name, other, dependency);
      }
    }
    for (const [name, { unit, dependencies }] of this.members) {
      if (unit.type !== 'target' || !hasDefaultDependencies(unit)) continue;
      for (const { relation, name: written } of dependencies) {
        const other = this.#units.nameOf(written);
        const member = this.members.get(other);
        if (!member || !targetWaits.has(relation) || !hasDefaultDependencies(member.unit)) continue;
        // systemd leaves it out where the two are ordered the other way already.
        if (edges.has(`${name} ${other}`)) continue;
        add(other, name, { evidence: undefined, because: 'a target comes after what it wants' });
      }
    }
    return [...edges.values()];
  }
}

/** What cannot be started gives way to the rescue shell (systemd, core/main.c `do_queue_default_job`). */
async function startable(units: Units, goal: string): Promise<string> {
  const { state } = await units.load(goal);
  return state === 'loaded' ? goal : 'rescue.target';
}

/** Devices, scopes and the root of mounts and slices are there by themselves, and after nothing. */
function mayStart(name: string): boolean {
  const parts = parseUnitName(name);
  if (!parts || parts.instance === '' || name === '-.mount' || name === '-.slice') return false;
  return parts.type !== 'device' && parts.type !== 'scope';
}
