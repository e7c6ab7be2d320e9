import { type Setting, booleanOf, parseUnitFile, settingsOf, wordsOf } from '../../../formats/unit-file.js';
import { ImageError } from '../../../base/errors.js';
import type { GuestPath, Image } from '../../../image/image.js';
import type { Evidence } from '../../evidence.js';
import { type UnitType, directoryNames, expand, parseUnitName, withInstance } from './names.js';
import { type UnitSearch, isNull } from './search.js';

export type Relation =
  'Wants' | 'Requires' | 'Requisite' | 'BindsTo' | 'Upholds' | 'PartOf' | 'Conflicts' | 'After' | 'Before';

/** What one unit says of another. */
export interface Dependency {
  readonly relation: Relation;
  /** As written: possibly an alias. */
  readonly name: string;
  /** undefined for what systemd adds by itself. */
  readonly evidence: Evidence | undefined;
  /** In words, for an edge of the boot graph. */
  readonly because: string;
}

/** A setting, and the file that it stands in. */
export interface PlacedSetting extends Setting {
  readonly path: GuestPath;
}

/** A unit with its drop-ins merged in. */
export interface Unit {
  readonly name: string;
  readonly type: UnitType;
  readonly state: 'loaded' | 'masked' | 'missing';
  readonly aliases: readonly string[];
  /** The unit file, as found in the search path; of a generated unit, what it was made from. */
  readonly path: GuestPath | undefined;
  readonly origin: 'unit' | 'script' | 'fstab';
  /** Of a unit that the kernel command line masks: where it does. */
  readonly maskedBy?: Evidence | undefined;
  /** The unit file and its drop-ins, in the order they are read. Of a generated unit only the drop-ins. */
  readonly files: readonly GuestPath[];
  readonly settings: readonly PlacedSetting[];
  /** By settings and by links of `.wants`, `.requires`; without what systemd implies. */
  readonly dependencies: readonly Dependency[];
}

/** A unit that a generator makes at boot. */
export interface GeneratedUnit {
  readonly name: string;
  /** fstab's mounts take the place of vendor units; a script gives way to any unit of its name. */
  readonly origin: 'script' | 'fstab';
  readonly path: GuestPath;
  readonly aliases: readonly string[];
  readonly settings: readonly PlacedSetting[];
  /** Links of `.wants` and `.requires` directories that come with it. */
  readonly startedBy: readonly GeneratedLink[];
}

/** "`target` wants `name`", made by a generator. */
export interface GeneratedLink {
  readonly target: string;
  readonly relation: 'Wants' | 'Requires';
  readonly name: string;
  readonly evidence: Evidence;
}

/** An init script that is linked to be started, and is not. */
export interface IdleScript {
  readonly unit: string;
  readonly path: GuestPath;
  /** A start link of it. */
  readonly link: GuestPath;
  /** In words, for a finding. */
  readonly because: string;
}

const relations: Readonly<Record<string, Relation>> = {
  Wants: 'Wants',
  Requires: 'Requires',
  RequiresOverridable: 'Requires', // until systemd 230
  Requisite: 'Requisite',
  BindsTo: 'BindsTo',
  BindTo: 'BindsTo', // until systemd 187
  Upholds: 'Upholds',
  PartOf: 'PartOf',
  Conflicts: 'Conflicts',
  After: 'After',
  Before: 'Before',
};

const startDirectories = [
  ['wants', 'Wants'],
  ['requires', 'Requires'],
  ['upholds', 'Upholds'],
] as const;

/** Bytes of a unit file; systemd itself reads lines of a megabyte at most. */
const maxUnitSize = 1024 * 1024;

/** Loads units by name, each once. */
export class Units {
  readonly #generated = new Map<string, GeneratedUnit>();
  readonly #links = new Map<string, GeneratedLink[]>();
  readonly #loaded = new Map<string, Promise<Unit>>();
  /** Init scripts with start links that no generator makes a unit of, by the name that the unit would have. */
  readonly idle = new Map<string, IdleScript>();
  /** FIFOs among the drop-ins of the units that have been loaded, by the unit's name. */
  readonly pipes = new Map<string, GuestPath>();

  constructor(
    readonly image: Image,
    readonly search: UnitSearch,
    /** Units that the kernel command line masks, and the words that do. */
    readonly masks: ReadonlyMap<string, { readonly evidence: Evidence }> = new Map(),
  ) {}

  /** Adds what the generators make; before anything is loaded. */
  add(units: readonly GeneratedUnit[], links: readonly GeneratedLink[]): void {
    for (const unit of units) {
      this.#generated.set(unit.name, unit);
      for (const alias of unit.aliases) if (!this.#generated.has(alias)) this.#generated.set(alias, unit);
    }
    for (const link of [...links, ...units.flatMap(({ startedBy }) => startedBy)]) {
      this.#links.set(link.target, [...(this.#links.get(link.target) ?? []), link]);
    }
  }

  /** The unit's own name, for any of its names. */
  nameOf(name: string): string {
    const { name: own, found } = this.search.resolve(name);
    return found ? own : (this.#generated.get(own)?.name ?? own);
  }

  /** Every name of a unit that is no alias, generated ones included. */
  get names(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const name of this.search.names) names.add(this.nameOf(name));
    for (const { name } of this.#generated.values()) names.add(this.nameOf(name));
    return names;
  }

  /** Links that generators make to start a unit. */
  generatedLinksTo(name: string): readonly GeneratedLink[] {
    return [...this.#links.values()].flat().filter((link) => this.nameOf(link.name) === name);
  }

  /** What a generator makes under that name, whether or not it comes to be. */
  generated(name: string): GeneratedUnit | undefined {
    return this.#generated.get(name);
  }

  /** @throws {ImageError} when a file of the unit cannot be read */
  load(name: string): Promise<Unit> {
    const own = this.nameOf(name);
    let unit = this.#loaded.get(own);
    if (!unit) {
      unit = this.#load(own);
      this.#loaded.set(own, unit);
    }
    return unit;
  }

  async #load(name: string): Promise<Unit> {
    const { found } = this.search.resolve(name);
    const type = parseUnitName(name)?.type;
    if (!type) throw new ImageError('bad-unit-name', `"${name}" is not the name of a systemd unit`);
    const maskedBy = this.masks.get(name)?.evidence;
    const generated = this.#generated.get(name);
    const isGenerated =
      generated !== undefined && (!found || (generated.origin === 'fstab' && !isConfig(found.path)));
    const aliases = [
      ...new Set([...this.search.aliasesOf(name), ...(isGenerated ? this.#aliasesOf(generated) : [])]),
    ];
    const unit: Omit<Unit, 'state'> = {
      name,
      type,
      aliases,
      path: found?.path,
      origin: 'unit',
      files: [],
      settings: [],
      dependencies: [],
    };
    if (maskedBy) return { ...unit, path: found?.path ?? generated?.path, state: 'masked', maskedBy };
    if (isGenerated) {
      const { path, origin, settings } = generated;
      return this.#merge({ ...unit, path, origin, state: 'loaded' }, settings);
    }
    if (found?.kind === 'mask') return { ...unit, state: 'masked' };
    const text = found && (await readUnitFile(this.image, found.path));
    if (text === '') return { ...unit, state: 'masked' };
    // A slice needs no file of its own, and has its drop-ins all the same (core/slice.c, slice_load()).
    if (!found && type === 'slice') return this.#merge({ ...unit, state: 'missing' }, []);
    if (!found || text === undefined || text === fifo) return { ...unit, state: 'missing' };
    return this.#merge({ ...unit, state: 'loaded', files: [found.path] }, place(text, found.path));
  }

  /** Aliases that a generated unit really gets: a unit file of that name wins. */
  #aliasesOf({ name, aliases }: GeneratedUnit): readonly string[] {
    return aliases.filter((alias) => this.nameOf(alias) === name);
  }

  /** Adds drop-ins and start links. */
  async #merge(unit: Unit, own: readonly PlacedSetting[]): Promise<Unit> {
    const directories = [unit.name, ...unit.aliases].flatMap(directoryNames);
    const dropIns = await this.search.dropIns([...directories, unit.type].map((name) => `${name}.d`));
    const settings = [...own];
    const files = [...unit.files];
    for (const path of dropIns) {
      if (isNull(await this.image.readLink(path))) continue;
      const text = await readUnitFile(this.image, path);
      if (text === fifo) this.pipes.set(unit.name, path);
      if (text === undefined || text === fifo) continue;
      files.push(path);
      settings.push(...place(text, path));
    }
    const dependencies = [
      ...dependenciesOf(unit.name, settings),
      ...(await this.#startLinks(unit, directories)),
    ];
    return { ...unit, files, settings, dependencies };
  }

  async #startLinks(unit: Unit, directories: readonly string[]): Promise<readonly Dependency[]> {
    const dependencies: Dependency[] = [];
    for (const [suffix, relation] of startDirectories) {
      for (const { name, path } of await this.search.startLinks(
        directories.map((name) => `${name}.${suffix}`),
      )) {
        const because = `a link in ${unit.name}.${suffix}`;
        dependencies.push({ relation, name: instantiate(name, unit.name), evidence: { path }, because });
      }
    }
    for (const name of [unit.name, ...unit.aliases]) {
      for (const { relation, name: wanted, evidence } of this.#links.get(name) ?? []) {
        dependencies.push({ relation, name: wanted, evidence, because: 'a link made at boot' });
      }
    }
    return dependencies;
  }
}

type Settings = readonly PlacedSetting[];

/** By section and key: a unit is asked for dozens of settings, and has few of them. */
const indices = new WeakMap<Settings, ReadonlyMap<string, Settings>>();

function settingsNamed({ settings }: Unit, section: string, key: string): Settings {
  let index = indices.get(settings);
  if (!index) {
    const own = new Map<string, PlacedSetting[]>();
    for (const setting of settings) {
      const name = `${setting.section}\n${setting.key}`;
      const known = own.get(name);
      if (known) known.push(setting);
      else own.set(name, [setting]);
    }
    indices.set(settings, own);
    index = own;
  }
  return index.get(`${section}\n${key}`) ?? [];
}

/** The last value of a setting that holds a single one; an empty one takes it back. */
export function lastValue(unit: Unit, section: string, key: string): PlacedSetting | undefined {
  const last = settingsNamed(unit, section, key).at(-1);
  return last?.value === '' ? undefined : last;
}

/** The values of a setting that collects; an empty one forgets those before it. */
export function allValues(unit: Unit, section: string, key: string): readonly PlacedSetting[] {
  const all = settingsNamed(unit, section, key);
  const reset = all.findLastIndex(({ value }) => value === '');
  return reset < 0 ? all : all.slice(reset + 1);
}

/** A boolean of [Unit] and the like; values that are no boolean are ignored, as systemd does. */
export function lastBoolean(unit: Unit, section: string, key: string, otherwise: boolean): boolean {
  return settingsNamed(unit, section, key).reduce((so, { value }) => booleanOf(value) ?? so, otherwise);
}

/** Words of a list of units, with specifiers filled in; those that only the running machine knows are left out. */
export function unitWords(value: string, unitName: string): string[] {
  return wordsOf(value).flatMap((word) => expand(word, unitName) ?? []);
}

function dependenciesOf(name: string, settings: readonly PlacedSetting[]): Dependency[] {
  return settings.flatMap(({ section, key, value, path, line }) => {
    const relation = section === 'Unit' && Object.hasOwn(relations, key) ? relations[key] : undefined;
    if (!relation) return [];
    return unitWords(value, name)
      .filter((word) => parseUnitName(word) !== undefined)
      .map((word) => ({
        relation,
        name: instantiate(word, name),
        evidence: { path, line },
        because: `${key}=${word}`,
      }));
  });
}

/** A template that a unit names becomes the instance of the unit's own instance, or of its name. */
function instantiate(name: string, unitName: string): string {
  const parts = parseUnitName(unitName);
  return withInstance(name, parts?.instance ?? parts?.prefix ?? '');
}

/**
 * A FIFO in the place of a unit file is not found. In the place of a drop-in, systemd 252 opens it as any file, and PID 1
 * waits for a writer: no unit is ever started (booted).
 */
const fifo = Symbol('a FIFO');

/**
 * The text of a unit file or drop-in. undefined for what systemd does not find: a directory, a link that leads nowhere
 * or in a loop (booted).
 */
async function readUnitFile(image: Image, path: GuestPath): Promise<string | typeof fifo | undefined> {
  try {
    return await image.readText(path, maxUnitSize);
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'not-a-file') throw error;
    return (await image.stat(path))?.type === 'fifo' ? fifo : undefined;
  }
}

function place(text: string, path: GuestPath): PlacedSetting[] {
  return settingsOf(parseUnitFile(text)).map(({ section, key, value, line }) => ({
    section,
    key,
    value,
    line,
    path,
  }));
}

function isConfig(path: GuestPath): boolean {
  return path.startsWith('/etc/');
}
