import type { Change, Image } from '../../../image/image.js';
import { overlay } from '../../../image/overlay.js';
import { baseName } from '../../../image/resolve.js';
import { bootEntryInputs } from '../../boot/entries.js';
import type { Evidence } from '../../evidence.js';
import type { Input } from '../../../image/inputs.js';
import type { BootEdge, BootGraph } from '../boot-graph.js';
import { Digraph } from '../graph.js';
import type { Obstacle } from '../obstacle.js';
import type { Process, ProcessSetting } from '../process/process.js';
import type { Ordering, Service, Services, Starter } from '../service.js';
import { conditionInputs } from './conditions/inputs.js';
import { type Boot, bootOf } from './boot.js';
import { disable, enable, reach, unmask } from './enablement.js';
import { managerDefaults, managerInputs, processOf, sliceSettings } from './process-of.js';
import type { BootGoal } from '../boot-goal.js';
import { goalOf, setDefault } from './goal.js';
import { generatorInputs } from './foreign-generators.js';
import { sourcedInputs } from '../shell-world.js';
import { Obstacles } from './obstacles.js';
import { putBefore } from './put-before.js';
import { linksInVain } from './reach.js';
import { searchPath } from './search.js';
import { Starters } from './starters.js';
import { listServices } from './services-of.js';

/** Guest paths whose content this module reads. */
export const systemdInputs: readonly Input[] = [
  ...searchPath.flatMap((directory) => [`${directory}/*`, `${directory}/*/*.conf`]),
  '/etc/init.d/*',
  '/etc/rc.d/init.d/*',
  '/etc/fstab',
  ...managerInputs,
  ...bootEntryInputs,
  ...conditionInputs,
  ...generatorInputs,
  ...sourcedInputs,
];

/** How init scripts are enabled: the business of SysV's own module, since it numbers the links. */
export interface ScriptEnablement {
  enableScript(image: Image, script: string): Promise<Change[]>;
  disableScript(image: Image, script: string): Promise<Change[]>;
}

const withoutScripts: ScriptEnablement = { enableScript: async () => [], disableScript: async () => [] };

/**
 * The services of a guest that systemd starts.
 * @param scripts - enables and disables init scripts; without it nothing is changed about those
 * @param version - of systemd, where it is known: what it does with a requirement differs
 * @throws {ImageError} when a unit cannot be read
 */
export async function systemdServices(
  image: Image,
  scripts: ScriptEnablement = withoutScripts,
  version?: string,
): Promise<Services> {
  const boot = await bootOf(image);
  const goal = await goalOf(boot);
  return new SystemdServices(boot, await listServices(boot, goal), goal, scripts, version);
}

class SystemdServices implements Services {
  readonly system = 'systemd';
  readonly #boot: Boot;
  readonly #goal: BootGoal;
  readonly #scripts: ScriptEnablement;
  readonly #version: string | undefined;
  readonly #byName: ReadonlyMap<string, Service>;
  #digraph: Digraph | undefined;
  #defaults: Promise<readonly ProcessSetting[]> | undefined;
  #obstacles: Obstacles | undefined;
  #starters: Starters | undefined;

  constructor(
    boot: Boot,
    readonly all: readonly Service[],
    goal: BootGoal,
    scripts: ScriptEnablement,
    version: string | undefined,
  ) {
    this.#boot = boot;
    this.#goal = goal;
    this.#scripts = scripts;
    this.#version = version;
    const byAlias = all.flatMap((service) =>
      service.aliases.map((alias): [string, Service] => [this.#idOf(alias), service]),
    );
    // The first that has an alias has it, and nobody takes another's own name.
    this.#byName = new Map([...byAlias.reverse(), ...all.map((one): [string, Service] => [one.id, one])]);
  }

  async graphs(): Promise<readonly BootGraph[]> {
    return [this.#boot.transaction.graph()];
  }

  find(name: string): Service | undefined {
    return this.#byName.get(this.#idOf(name));
  }

  async order(first: Service, then: Service): Promise<readonly Ordering[]> {
    const graph = this.#boot.transaction.graph();
    if (!graph.nodes.has(first.id) || !graph.nodes.has(then.id)) return [];
    const digraph = this.#solve();
    const forth = digraph.path(first.id, then.id);
    const back = digraph.path(then.id, first.id);
    return [{ graph: graph.name, ...judge(first, then, forth, back) }];
  }

  async cycles(through: readonly string[]): Promise<readonly (readonly BootEdge[])[]> {
    const found = new Map<string, readonly BootEdge[]>();
    for (const name of through) {
      const cycle = this.#solve().cycle(this.#boot.units.nameOf(this.#idOf(name)));
      if (!cycle) continue;
      const key = cycle
        .map((edge) => edge.first)
        .sort()
        .join(' ');
      if (!found.has(key)) found.set(key, cycle);
    }
    return [...found.values()];
  }

  async goal(): Promise<BootGoal> {
    return this.#goal;
  }

  setDefaultGoal(): Promise<Change[]> {
    return setDefault(this.#boot);
  }

  async process(service: Service): Promise<Process> {
    const { units } = this.#boot;
    this.#defaults ??= managerDefaults(units.image);
    const unit = await units.load(service.id);
    return processOf(unit, await this.#defaults, await sliceSettings(units, unit));
  }

  obstacles(service: Service): Promise<readonly Obstacle[]> {
    return this.#kept().of(service.id);
  }

  async starters(service: Service): Promise<readonly Starter[]> {
    if (service.state === 'enabled' || service.state === 'masked') return [];
    const names = [service.id, ...service.aliases.map((alias) => this.#idOf(alias))];
    this.#starters ??= new Starters(this.#boot, (name) => this.#kept().of(name), this.#version);
    return this.#starters.of(names);
  }

  async enabledInVain(service: Service): Promise<readonly Obstacle[]> {
    return service.state === 'enabled' ? [] : linksInVain(this.#boot, service.id);
  }

  async enable(service: Service): Promise<Change[]> {
    const { image } = this.#boot.units;
    const unmasked = await unmask(image, service.id);
    const after = unmasked.length > 0 ? await overlay(image, unmasked) : image;
    const units = unmasked.length > 0 ? (await bootOf(after)).units : this.#boot.units;
    const { origin, path } = await units.load(service.id);
    const script = origin === 'script' ? path : units.idle.get(service.id)?.path;
    const enabling = script
      ? await this.#scripts.enableScript(after, baseName(script))
      : await enable(units, service.id);
    const changes = [...unmasked, ...enabling];
    return [...changes, ...(await reach(await overlay(image, changes), service.id))];
  }

  async disable(service: Service): Promise<Change[]> {
    const { image } = this.#boot.units;
    if (service.origin === 'script') return this.#scripts.disableScript(image, baseName(service.path));
    return disable(this.#boot.units, service.id);
  }

  async putBefore(first: Service, then: Service): Promise<Change[] | undefined> {
    return putBefore(this.#boot.units.image, first.id, then.id);
  }

  #idOf(name: string): string {
    return /\.(?:service|socket|target|timer|path|mount|automount|swap|slice)$/.test(name)
      ? name
      : `${name}.service`;
  }

  #kept(): Obstacles {
    this.#obstacles ??= new Obstacles(this.#boot, () => this.#solve(), this.#version);
    return this.#obstacles;
  }

  #solve(): Digraph {
    this.#digraph ??= new Digraph(this.#boot.transaction.graph().edges);
    return this.#digraph;
  }
}

type Chain = readonly BootEdge[] | undefined;

function judge(first: Service, then: Service, forth: Chain, back: Chain): Omit<Ordering, 'graph'> {
  const neither: readonly Evidence[] = [{ path: then.path }, { path: first.path }];
  if (forth && back) {
    const because = `${first.id} and ${then.id} are part of an ordering cycle, which systemd breaks at a job of its choice`;
    return { verdict: 'unordered', chain: [], evidence: evidenceOf([...forth, ...back], neither), because };
  }
  if (forth)
    return { verdict: 'before', chain: forth, evidence: evidenceOf(forth, neither), because: inWords(forth) };
  if (back)
    return { verdict: 'after', chain: back, evidence: evidenceOf(back, neither), because: inWords(back) };
  return {
    verdict: 'unordered',
    chain: [],
    evidence: neither,
    because: `nothing orders ${first.id} and ${then.id}`,
  };
}

function evidenceOf(chain: readonly BootEdge[], otherwise: readonly Evidence[]): readonly Evidence[] {
  const evidence = chain.flatMap((edge) => edge.evidence ?? []);
  return evidence.length > 0 ? evidence : otherwise;
}

function inWords(chain: readonly BootEdge[]): string {
  return chain.map(({ first, then, because }) => `${then} starts after ${first} (${because})`).join(', ');
}
