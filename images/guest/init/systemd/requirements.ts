import { wordsOf } from '../../../formats/unit-file.js';
import { findProgram } from '../../agents/programs.js';
import type { Evidence } from '../../evidence.js';
import type { Digraph } from '../graph.js';
import type { Obstacle } from '../obstacle.js';
import type { Machine } from './conditions/answer.js';
import { unmetConditions } from './conditions/conditions.js';
import type { Dropped } from './conflicts.js';
import { refusalOf } from './refused.js';
import { type Dependency, type Unit, allValues, lastBoolean, lastValue } from './unit.js';

/** What becomes of a unit that another one needs. */
interface Outcome {
  /**
   * `failed`: its job fails, and with it the jobs that require it and are still waiting. `inactive`: it is not active
   * afterwards, and nothing fails. `dropped`: it loses its job before the boot begins.
   */
  readonly is: 'active' | 'inactive' | 'failed' | 'dropped' | 'unloadable' | 'not in the boot';
  readonly certain: boolean;
  /** In words that follow the unit's name: "starts /x, which is not in the image". */
  readonly why: string;
  readonly evidence?: Evidence | undefined;
}

/** What a requirement does to a unit. */
interface Effect {
  readonly obstacle: Obstacle;
  /** The unit loses its job before the boot begins, and does not merely fail in it. */
  readonly drops: boolean;
}

const active: Outcome = { is: 'active', certain: true, why: '' };

/** Requirements followed from unit to unit. */
const maxDepth = 16;

/**
 * What keeps a unit from being started because of a unit that it needs. What each relation does was read from
 * core/job.c and core/unit.c, and booted with systemd 252 in every combination:
 * - Requires=: only a failed job counts, and surely only where the other is ordered before. A unit whose condition does
 *   not hold stops nothing.
 * - BindsTo=: whatever is not active afterwards counts, ordered or not.
 * - Requisite=: a unit that this boot does not start counts, surely only where it is ordered before; one that is not
 *   there or is masked does not. One that is started anyway is as if it were required.
 * - What cannot be loaded, because it is not there, masked or refused, stops nothing up to 253, and from 254 on takes the
 *   jobs of all that require it out of the transaction, whatever the relation.
 *
 * Of two jobs without an order, the one whose unit has the lesser name is run first, once both can be
 * (unit_compare_priority()); when that is, hangs on all the others.
 */
export class Requirements {
  /** Of units that were judged to the end. */
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    readonly machine: Machine,
    readonly dropped: Dropped,
    readonly digraph: () => Digraph,
    readonly dropsForUnloadable: boolean | undefined,
  ) {}

  /** @param path - units whose requirements are being judged: one that comes round again is taken to start */
  async obstacles(name: string, path: readonly string[] = []): Promise<readonly Obstacle[]> {
    return (await this.#effects(name, path)).map(({ obstacle }) => obstacle);
  }

  async #effects(name: string, path: readonly string[]): Promise<readonly Effect[]> {
    const { transaction } = this.machine.boot;
    const effects: Effect[] = [];
    for (const dependency of transaction.members.get(name)?.dependencies ?? []) {
      const { relation } = dependency;
      if (relation !== 'Requires' && relation !== 'BindsTo' && relation !== 'Requisite') continue;
      const effect = await this.#effect(name, dependency, path);
      if (effect) effects.push(effect);
    }
    return effects;
  }

  async #effect(name: string, dependency: Dependency, path: readonly string[]): Promise<Effect | undefined> {
    const { relation } = dependency;
    const other = this.machine.boot.transaction.nameOf(dependency.name);
    if (other === name) return undefined;
    const outcome = await this.#outcome(other, dependency, [...path, name]);
    const stops = await this.#stops(name, other, relation, outcome);
    if (stops === false) return undefined;
    return {
      drops: outcome.is === 'dropped' || (outcome.is === 'unloadable' && this.dropsForUnloadable === true),
      obstacle: {
        certain: stops === true && outcome.certain,
        evidence: dependency.evidence ?? outcome.evidence ?? { path: '/' },
        because: `${dependency.because}, but ${other} ${outcome.why}`,
      },
    };
  }

  /** @returns undefined when it depends on which job comes first */
  async #stops(name: string, other: string, relation: string, { is }: Outcome): Promise<boolean | undefined> {
    if (is === 'active') return false;
    if (is === 'dropped') return true;
    if (is === 'unloadable' && this.dropsForUnloadable !== false)
      return this.dropsForUnloadable ?? (relation === 'BindsTo' || undefined);
    if (relation === 'BindsTo') return is !== 'not in the boot' || undefined;
    if (is === 'not in the boot')
      return relation === 'Requisite' && ((await this.#waits(name, other)) || undefined);
    if (is !== 'failed') return false;
    if (this.digraph().reaches(other, name)) return true;
    return this.digraph().reaches(name, other) ? false : undefined;
  }

  /** Whether a unit is ordered after one that the boot does not start. */
  async #waits(name: string, other: string): Promise<boolean> {
    const { transaction, units } = this.machine.boot;
    const says = (dependencies: readonly Dependency[], wanted: string, of: string): boolean =>
      dependencies.some((one) => one.relation === wanted && transaction.nameOf(one.name) === of);
    if (says(transaction.members.get(name)?.dependencies ?? [], 'After', other)) return true;
    return says((await units.load(other)).dependencies, 'Before', name);
  }

  async #outcome(name: string, dependency: Dependency, path: readonly string[]): Promise<Outcome> {
    if (path.includes(name) || path.length > maxDepth) return active;
    const known = this.#outcomes.get(name);
    if (known) return known;
    const outcome = await this.#judge(name, dependency, path);
    this.#outcomes.set(name, outcome);
    return outcome;
  }

  async #judge(name: string, dependency: Dependency, path: readonly string[]): Promise<Outcome> {
    const { units, transaction } = this.machine.boot;
    const lost = this.dropped.units.get(name);
    if (lost)
      return {
        is: 'dropped',
        certain: lost.certain,
        why: `is not started: ${lost.because}`,
        evidence: lost.evidence,
      };
    const unit = await units.load(name);
    if (unit.type === 'device' && dependency.evidence)
      return {
        is: 'failed',
        certain: false,
        why: 'is a device, and only the server knows whether it has it',
      };
    const unloadable = whyUnloadable(unit);
    // What systemd implies of mounts and slices counts only where there is one.
    if (unloadable) return dependency.evidence ? { is: 'unloadable', certain: true, ...unloadable } : active;
    if (!transaction.has(name))
      return alwaysThere.has(unit.type)
        ? active
        : { is: 'not in the boot', certain: true, why: 'is not started by this boot', evidence: undefined };
    return (
      (await this.#unmet(unit, 'Assert', 'failed')) ??
      (await this.#unmet(unit, 'Condition', 'inactive')) ??
      this.#run(unit, path)
    );
  }

  async #unmet(unit: Unit, group: 'Assert' | 'Condition', is: Outcome['is']): Promise<Outcome | undefined> {
    const all = await unmetConditions(unit, group, this.machine);
    const unmet = all.find(({ certain }) => certain) ?? all[0];
    if (!unmet) return undefined;
    const { certain, because, evidence } = unmet;
    const why = is === 'failed' ? 'fails' : certain ? 'is passed over' : 'may be passed over';
    return { is, certain, why: `${why} (${because})`, evidence };
  }

  async #run(unit: Unit, path: readonly string[]): Promise<Outcome> {
    const effects = await this.#effects(unit.name, path);
    const effect = effects.find(({ obstacle }) => obstacle.certain) ?? effects[0];
    if (effect) {
      const { certain, because, evidence } = effect.obstacle;
      return {
        is: effect.drops ? 'dropped' : 'failed',
        certain,
        why: `${certain ? 'is' : 'may'} not ${certain ? 'started' : 'be started'} (${because})`,
        evidence,
      };
    }
    return unit.type === 'service' ? this.#runService(unit) : active;
  }

  /** Whether the commands of a service can be executed, as far as its type makes its job wait for that. */
  async #runService(unit: Unit): Promise<Outcome> {
    if (unit.origin !== 'unit' || inItsOwnRoot.some((key) => lastValue(unit, 'Service', key))) return active;
    const oneshot = lastValue(unit, 'Service', 'Type')?.value === 'oneshot';
    for (const key of ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost'] as const) {
      const failing = await this.#failingCommand(unit, key);
      if (!failing) continue;
      // A condition passes the unit over. The job of Type=simple is done as soon as there is a process, whatever
      // becomes of it (systemd.service(5)).
      const { missing, ...found } = failing;
      const waits = key === 'ExecStart' ? waitsForStart(unit, missing) : key !== 'ExecCondition';
      return { is: waits ? 'failed' : 'inactive', certain: true, ...found };
    }
    const stays = lastBoolean(unit, 'Service', 'RemainAfterExit', false);
    if (oneshot && !stays)
      return {
        is: 'inactive',
        certain: true,
        why: 'is Type=oneshot without RemainAfterExit=yes, so it is not active once it is done',
      };
    return active;
  }

  async #failingCommand(
    unit: Unit,
    key: string,
  ): Promise<{ why: string; evidence: Evidence; missing: boolean } | undefined> {
    for (const { value, path, line } of allValues(unit, 'Service', key)) {
      const [, prefix = '', command = ''] = /^([-@:+!|]*)\s*(.*)$/s.exec(value) ?? [];
      const program = wordsOf(command)[0] ?? '';
      if (/[-|]/.test(prefix) || program === '' || program.includes('%')) continue;
      const evidence = { path, line };
      const found = await findProgram(this.machine.image, program);
      if (!found)
        return {
          why: `starts ${program}, which is not in the image or not executable`,
          evidence,
          missing: true,
        };
      if (/\/bin\/false$/.test(found))
        return { why: `runs ${program}, which fails`, evidence, missing: false };
    }
    return undefined;
  }
}

/** A file system of its own hides from us which programs are there. */
const inItsOwnRoot = [
  'RootDirectory',
  'RootImage',
  'RootImageOptions',
  'ExtensionImages',
  'ExtensionDirectories',
];

/** Units of these types need no file, and no job. */
const alwaysThere: ReadonlySet<string> = new Set(['device', 'scope', 'slice', 'mount', 'swap']);

/** Why systemd cannot load a unit, in words that follow its name; undefined when it can. */
export function whyUnloadable(unit: Unit): { why: string; evidence?: Evidence } | undefined {
  if (alwaysThere.has(unit.type) && unit.state === 'missing') return undefined;
  if (unit.state === 'missing') return { why: 'is not there' };
  if (unit.state === 'masked')
    return { why: 'is masked', ...(unit.path ? { evidence: { path: unit.path } } : {}) };
  const refusal = refusalOf(unit);
  return refusal && { why: `is refused by systemd: ${refusal.because}`, evidence: refusal.evidence };
}

/** Whether the start job of a service waits for its main process; of Type=exec only until the program is executed. */
function waitsForStart(unit: Unit, missing: boolean): boolean {
  const type =
    lastValue(unit, 'Service', 'Type')?.value ?? (lastValue(unit, 'Service', 'BusName') ? 'dbus' : 'simple');
  if (type === 'exec') return missing;
  return /^(?:oneshot|forking|notify|notify-reload|dbus)$/.test(type);
}
