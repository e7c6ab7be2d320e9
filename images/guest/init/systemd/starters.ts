import { type CommandWords, runCommand } from '../../../formats/command-wrappers.js';
import { shellCommands } from '../../../formats/shell-commands.js';
import { booleanOf, wordsOf } from '../../../formats/unit-file.js';
import type { Obstacle } from '../obstacle.js';
import type { Starter } from '../service.js';
import { isStartOf } from '../start-command.js';
import type { Boot } from './boot.js';
import { expand, templateOf } from './names.js';
import { majorRelease } from './release.js';
import { type PlacedSetting, type Unit, allValues, lastValue } from './unit.js';

/** By the type of a unit: its section, the setting that names what it starts, and those that make it do so. */
const triggers: ReadonlyMap<string, readonly [section: string, names: string, when: RegExp]> = new Map([
  // systemd.timer(5). The others count from when the service ran, so they start none that never did.
  ['timer', ['Timer', 'Unit', /^On(?:(?:Active|Boot|Startup)Sec|Calendar|ClockChange|TimezoneChange)$/]],
  // systemd.path(5)
  ['path', ['Path', 'Unit', /^(?:Path(?:Exists|ExistsGlob|Changed|Modified)|DirectoryNotEmpty)$/]],
  // systemd.socket(5)
  ['socket', ['Socket', 'Service', /^Listen/]],
]);

/** Of those, what comes true in the course of a boot. */
const atBoot = /^On(?:Active|Boot|Startup)Sec$|^PathExists(?:Glob)?$|^DirectoryNotEmpty$/;

/** A service of the boot with a command that has the init system start something. */
interface StartingService {
  readonly by: string;
  readonly setting: PlacedSetting;
  readonly commands: readonly CommandWords[];
}

/**
 * The units of a boot that start a service without pulling it into the boot: timers, path and socket units, services
 * that name it in OnSuccess=, and services with a `systemctl start` among their commands. They start it later, in no
 * order that the service asks for.
 */
export class Starters {
  #byTriggered: ReadonlyMap<string, readonly Starter[]> | undefined;
  #commands: readonly StartingService[] | undefined;

  /**
   * @param obstacles - what keeps such a unit itself from being started
   * @param version - of systemd, where it is known
   */
  constructor(
    readonly boot: Boot,
    readonly obstacles: (name: string) => Promise<readonly Obstacle[]>,
    readonly version: string | undefined,
  ) {}

  /** @param names - of the service, with their suffix */
  async of(names: readonly string[]): Promise<readonly Starter[]> {
    this.#byTriggered ??= startedBy(this.boot, this.version);
    this.#commands ??= await startingServices(this.boot);
    const candidates = names.flatMap((name) => this.#byTriggered?.get(name) ?? []);
    for (const { by, setting, commands } of this.#commands) {
      const starts = (name: string): boolean =>
        commands.some((words) => isStartOf(words, name.replace(/\.service$/, '')));
      if (names.some(starts)) candidates.push(starterBy(by, setting, false));
    }
    const found: Starter[] = [];
    for (const starter of candidates)
      if (!(await this.obstacles(starter.by)).some(({ certain }) => certain)) found.push(starter);
    return found;
  }
}

function starterBy(by: string, { path, line, key, value }: PlacedSetting, isLater: boolean): Starter {
  return { by, evidence: { path, line }, because: `${key}=${value}`, isLater };
}

/** By the name of the unit that they start, of an instance by that of its template as well. */
function startedBy(boot: Boot, version: string | undefined): Map<string, Starter[]> {
  const found = new Map<string, Starter[]>();
  const hasOnSuccess = (majorRelease(version) ?? firstWithOnSuccess) >= firstWithOnSuccess;
  for (const [name, starter] of [...triggeredBy(boot), ...(hasOnSuccess ? succeededBy(boot) : [])])
    for (const key of new Set([name, templateOf(name) ?? name]))
      found.set(key, [...(found.get(key) ?? []), starter]);
  return found;
}

/** The first systemd with OnSuccess=; those before it pass over the line. */
const firstWithOnSuccess = 249;

type Started = readonly [name: string, by: Starter];

function* triggeredBy({ transaction, units }: Boot): Generator<Started> {
  for (const [by, { unit }] of transaction.members) {
    const [section, names, when] = triggers.get(unit.type) ?? [];
    if (section === undefined || names === undefined) continue;
    const settings = unit.settings.filter(({ key, value }) => when?.test(key) === true && value !== '');
    const setting = settings.find(({ key }) => atBoot.test(key)) ?? settings[0];
    // Each connection gets an instance of its own.
    if (!setting || booleanOf(lastValue(unit, section, 'Accept')?.value ?? '') === true) continue;
    const named = lastValue(unit, section, names);
    const own = `${unit.name.slice(0, -unit.type.length - 1)}.service`;
    const name = units.nameOf((named && expand(named.value, unit.name)) ?? own);
    yield [name, starterBy(by, setting, !atBoot.test(setting.key))];
  }
}

/**
 * OnSuccess= starts units when its own becomes inactive again without a failure (systemd.unit(5)): in a boot that is a
 * service of Type=oneshot which does not count as active after its end. A target stays active, and so do the timers,
 * paths and mounts of a boot. OnFailure= starts nothing in a boot in which nothing fails.
 */
function* succeededBy({ transaction, units }: Boot): Generator<Started> {
  for (const [by, { unit }] of transaction.members) {
    if (unit.type !== 'service') continue;
    const settings = allValues(unit, 'Unit', 'OnSuccess');
    if (settings.length === 0 || !endsByItself(unit)) continue;
    for (const setting of settings)
      for (const word of wordsOf(setting.value))
        yield [units.nameOf(expand(word, unit.name) ?? word), starterBy(by, setting, false)];
  }
}

function endsByItself(unit: Unit): boolean {
  if (lastValue(unit, 'Service', 'Type')?.value !== 'oneshot') return false;
  return booleanOf(lastValue(unit, 'Service', 'RemainAfterExit')?.value ?? '') !== true;
}

async function startingServices({ transaction }: Boot): Promise<StartingService[]> {
  const found: StartingService[] = [];
  for (const [by, { unit }] of transaction.members) {
    if (unit.type !== 'service') continue;
    for (const setting of startSettings(unit)) {
      const run = runCommand(wordsOf(setting.value.replace(/^[-@:+!|]+/, '')));
      if (!run) continue;
      const commands =
        run.kind === 'script' ? (await shellCommands(run.text)).map(({ words }) => words) : [run.words];
      found.push({ by, setting, commands });
    }
  }
  return found;
}

/** Most commands start nothing of the init system, and need no closer look. */
function startSettings(unit: Unit): PlacedSetting[] {
  return ['ExecStartPre', 'ExecStart', 'ExecStartPost']
    .flatMap((key) => allValues(unit, 'Service', key))
    .filter(({ value }) => /\b(?:start|restart|now)\b/.test(value));
}
