import type { Digraph } from '../graph.js';
import type { Obstacle } from '../obstacle.js';
import { scriptObstacles } from '../script-obstacles.js';
import type { Boot } from './boot.js';
import type { Machine } from './conditions/answer.js';
import { unmetConditions } from './conditions/conditions.js';
import { type Dropped, droppedByConflicts } from './conflicts.js';
import { type ForeignGenerator, foreignGenerators, generatorObstacles } from './foreign-generators.js';
import { isTemplate, templateOf } from './names.js';
import { refusalOf } from './refused.js';
import { dropsWhatRequiresTheUnloadable } from './release.js';
import { Requirements, whyUnloadable } from './requirements.js';
import { needing } from './transaction.js';

/** What keeps a boot from starting a unit of its transaction. */
export class Obstacles {
  readonly #machine: Machine;
  readonly #digraph: () => Digraph;
  readonly #version: string | undefined;
  #dropped: Dropped | undefined;
  #requirements: Requirements | undefined;
  #generators: readonly ForeignGenerator[] | undefined;

  /** @param digraph - of the transaction; asked for only when an order decides */
  constructor(boot: Boot, digraph: () => Digraph, version: string | undefined) {
    this.#machine = { image: boot.units.image, boot, words: boot.words.written };
    this.#digraph = digraph;
    this.#version = version;
  }

  /** The certain ones if there are any: they make the others idle. */
  async of(name: string): Promise<readonly Obstacle[]> {
    if (isTemplate(name)) return this.#ofInstances(name);
    const member = this.#machine.boot.transaction.members.get(name);
    if (!member) return [];
    const all: Obstacle[] = [...(await this.#ofTheBoot())];
    const refusal = refusalOf(member.unit);
    if (refusal) {
      const { because, evidence } = refusal;
      all.push({ certain: true, evidence, because: `systemd refuses the unit: ${because}` });
    }
    const dropped = this.#drops().units.get(name);
    if (dropped) all.push(dropped);
    for (const group of ['Condition', 'Assert'] as const)
      all.push(...(await unmetConditions(member.unit, group, this.#machine)));
    all.push(...(await this.#requires().obstacles(name)));
    if (member.unit.origin === 'script' && member.unit.path)
      all.push(...(await scriptObstacles(this.#machine.image, member.unit.path)));
    this.#generators ??= await foreignGenerators(this.#machine.image);
    all.push(...(await generatorObstacles(this.#machine.image, this.#generators, member.unit)));
    const certain = all.filter((obstacle) => obstacle.certain);
    return certain.length > 0 ? certain : all;
  }

  /** A template starts when one of its instances does. */
  async #ofInstances(template: string): Promise<readonly Obstacle[]> {
    let first: readonly Obstacle[] | undefined;
    for (const name of this.#machine.boot.transaction.members.keys()) {
      if (templateOf(name) !== template) continue;
      const obstacles = await this.of(name);
      if (!obstacles.some(({ certain }) => certain)) return obstacles;
      first ??= obstacles;
    }
    return first ?? [];
  }

  /** What keeps the whole boot from starting anything. */
  async #ofTheBoot(): Promise<readonly Obstacle[]> {
    const { units, transaction } = this.#machine.boot;
    const all: Obstacle[] = [];
    for (const [unit, path] of units.pipes) {
      if (!transaction.refersTo(unit)) continue;
      const because = `${path} is a FIFO, which an older systemd (252) opens for ${unit} and waits for ever, before it starts anything`;
      all.push({ certain: false, evidence: { path }, because });
    }
    const { boot } = this.#drops();
    return [...all, ...(boot ? [boot] : []), ...(await this.#ofTheTarget())];
  }

  /**
   * default.target, and what it requires, require what cannot be loaded: systemd does not start the target at all
   * (booted: "Failed to isolate default target").
   */
  async #ofTheTarget(): Promise<readonly Obstacle[]> {
    const { units, transaction } = this.#machine.boot;
    const all: Obstacle[] = [];
    for (const name of transaction.essential()) {
      for (const { relation, name: written, evidence, because } of transaction.members.get(name)
        ?.dependencies ?? []) {
        // What systemd implies of mounts and slices is no requirement where there is none.
        if (!evidence || !needing.has(relation)) continue;
        const unloadable = whyUnloadable(await units.load(written));
        if (!unloadable) continue;
        const why = `systemd does not start ${transaction.anchor}: ${name} has ${because}, and ${units.nameOf(written)} ${unloadable.why}`;
        all.push({ certain: true, evidence, because: why });
      }
    }
    return all;
  }

  #drops(): Dropped {
    this.#dropped ??= droppedByConflicts(this.#machine.boot.transaction);
    return this.#dropped;
  }

  #requires(): Requirements {
    this.#requirements ??= new Requirements(
      this.#machine,
      this.#drops(),
      this.#digraph,
      dropsWhatRequiresTheUnloadable(this.#version),
    );
    return this.#requirements;
  }
}
