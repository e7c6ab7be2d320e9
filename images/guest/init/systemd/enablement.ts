import { link, remove } from '../../../image/change.js';
import type { Change, GuestPath, Image } from '../../../image/image.js';
import { collapse, overlay } from '../../../image/overlay.js';
import { baseName, join, parentOf } from '../../../image/resolve.js';
import { wordsOf } from '../../../formats/unit-file.js';
import { bootOf } from './boot.js';
import { expand, isTemplate, parseUnitName, templateOf, withInstance } from './names.js';
import { configDirectory, isNull } from './search.js';
import { type Unit, type Units, allValues, lastValue } from './unit.js';

const lists = [
  ['WantedBy', 'wants'],
  ['RequiredBy', 'requires'],
  ['UpheldBy', 'upholds'],
] as const;

/** Types that may have aliases at all (systemd.unit(5), Alias=). */
const aliasTypes: ReadonlySet<string> = new Set(['service', 'socket', 'target', 'device', 'timer', 'path']);

/**
 * The links that `systemctl --root=… enable UNIT…` makes from the units' [Install] sections, and those of the units
 * that its Also= names. A unit without the section gives none. What systemctl does besides for a service with an
 * init script of the same name (`update-rc.d`) is left out: systemd never looks at that script.
 */
export async function enable(units: Units, ...names: readonly string[]): Promise<Change[]> {
  const { image } = units;
  const changes: Change[] = [];
  const spelling = await unitDirectorySpelling(image);
  /** Of two units that want one alias the first has it. */
  const made = new Set<GuestPath>();
  for (const info of await withAlso(units, names)) {
    const { unit } = info;
    const target = await linkTarget(image, unit, spelling);
    for (const alias of installWords(info, 'Alias')) {
      const wanted = aliasFor(info.name, alias);
      const path = join(configDirectory, wanted ?? '');
      // systemctl does not put an alias in the place of something else either.
      if (wanted === undefined || made.has(path) || (await image.lstat(path))) continue;
      if (!(await mayHold(image, configDirectory))) continue;
      made.add(path);
      changes.push(...(await link(image, path, target)));
    }
    const started = startedName(info);
    if (started === undefined) continue;
    for (const [key, suffix] of lists) {
      for (const wanting of installWords(info, key)) {
        // Only an instance can be wanted by every instance of a template.
        const fits = !isTemplate(wanting) || parseUnitName(started)?.instance !== undefined;
        if (!parseUnitName(wanting) || !fits) continue;
        const directory = join(configDirectory, `${wanting}.${suffix}`);
        const path = join(directory, started);
        if ((await mayHold(image, directory)) && !(await leadsTo(image, path, unit)))
          changes.push(...(await link(image, path, target)));
      }
    }
  }
  return collapse(changes);
}

/** The target that every boot of a server reaches. */
const server = 'multi-user.target';

/**
 * A link below multi-user.target for a unit that the boot does not start although it is enabled: it has no [Install]
 * section, or names a target that no boot reaches. systemd asks of such a link neither what the unit says of itself nor
 * who made it. A service below it is started with the others, in the order that it asks for itself, so that nothing is
 * started earlier or later than by a WantedBy= of that target.
 */
export async function reach(image: Image, name: string): Promise<Change[]> {
  const { units, transaction } = await bootOf(image);
  const unit = await units.load(name);
  if (transaction.has(unit.name) || !transaction.has(server)) return [];
  if (unit.state !== 'loaded' || unit.origin !== 'unit' || isTemplate(unit.name)) return [];
  const target = await linkTarget(image, unit, await unitDirectorySpelling(image));
  return link(image, join(join(configDirectory, `${server}.wants`), unit.name), target);
}

/**
 * What `systemctl --root=… disable UNIT…` removes: every link below /etc/systemd/system that has a unit's name or
 * leads to it, directories that this leaves empty, and so on for what led to those links. Links of the vendor,
 * below /usr, stay.
 */
export async function disable(units: Units, ...names: readonly string[]): Promise<Change[]> {
  const { image } = units;
  const marked = new Set<string>();
  for (const info of await withAlso(units, names)) marked.add(info.name);
  if (marked.size === 0) return [];
  const links = await linksBelow(image, configDirectory);
  const removed = new Set<GuestPath>();
  for (let again = true; again;) {
    again = false;
    for (const { path, leads } of links) {
      const own = baseName(path);
      const known = [own, templateOf(own), leads, leads && baseName(leads)];
      if (removed.has(path) || !known.some((one) => one !== undefined && marked.has(one))) continue;
      removed.add(path);
      marked.add(path);
      again = true;
    }
  }
  return removeAll(image, removed);
}

/** What `systemctl --root=… unmask UNIT` removes; nothing for a vendor's mask, which it cannot lift. */
export async function unmask(image: Image, name: string): Promise<Change[]> {
  const path = join(configDirectory, name);
  const entry = await image.lstat(path);
  const masks = entry && (isNull(entry.target) || (entry.type === 'file' && entry.size === 0));
  return masks ? remove(image, path) : [];
}

/** The units that a unit's enabling covers: itself and, through Also=, others. */
interface Info {
  /** The name that was asked for: of a template's instance, the instance. */
  readonly name: string;
  readonly unit: Unit;
}

async function withAlso(units: Units, names: readonly string[]): Promise<readonly Info[]> {
  const infos = new Map<string, Info>();
  const queue = names.map((name) => units.nameOf(name));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const unit = await units.load(next);
    if (infos.has(unit.name) || unit.state !== 'loaded' || unit.origin !== 'unit') continue;
    const info = { name: unit.name, unit };
    infos.set(unit.name, info);
    queue.push(...installWords(info, 'Also').filter((also) => parseUnitName(also) !== undefined));
  }
  return [...infos.values()];
}

function installWords({ name, unit }: Info, key: string): string[] {
  const words = allValues(unit, 'Install', key).flatMap(({ value }) => wordsOf(value));
  return words.flatMap((word) => expand(word, startedName({ name, unit }) ?? name) ?? []);
}

/** What is started: of a template, its DefaultInstance=, or nothing. */
function startedName({ name, unit }: Info): string | undefined {
  if (!isTemplate(name)) return name;
  const instance = lastValue(unit, 'Install', 'DefaultInstance')?.value;
  return instance === undefined ? undefined : withInstance(name, instance);
}

/** The alias as a name for this unit; undefined when it cannot be one. */
function aliasFor(name: string, alias: string): string | undefined {
  const [own, other] = [parseUnitName(name), parseUnitName(alias)];
  if (!own || other?.type !== own.type || !aliasTypes.has(own.type) || alias === name) return undefined;
  if (other.instance === '' && own.instance) return withInstance(alias, own.instance);
  const fits = own.instance === '' ? other.instance !== undefined : other.instance === own.instance;
  return fits ? alias : undefined;
}

/** What a link to the unit says: the unit file's path in the search path, or where a linked unit really lies. */
async function linkTarget(image: Image, unit: Unit, spelling: GuestPath): Promise<string> {
  const path = unit.path ?? '/';
  const linked = await image.readLink(path);
  if (linked !== undefined && !parentOf(path).endsWith('lib/systemd/system')) {
    return linked.startsWith('/') ? linked : join(parentOf(path), linked);
  }
  return /^(?:\/usr)?\/lib\/systemd\/system\//.test(path) ? join(spelling, baseName(path)) : path;
}

/**
 * Where /lib is a link to /usr/lib, systemctl writes the path that it was built with, /lib on Debian and /usr/lib
 * elsewhere. The links that are there tell which; without any, the real path is right for every reader.
 */
export async function unitDirectorySpelling(image: Image): Promise<GuestPath> {
  const [short, long]: readonly GuestPath[] = ['/lib/systemd/system', '/usr/lib/systemd/system'];
  if (!short || !long || !(await image.stat(short))) return long ?? '/';
  if ((await image.lstat('/lib'))?.type !== 'link') return (await image.stat(long)) ? long : short;
  const links = await linksBelow(image, configDirectory);
  const count = (prefix: string): number =>
    links.filter(({ target }) => target.startsWith(`${prefix}/`)).length;
  return count(short) > count(long) ? short : long;
}

/** Whether links can be made in a directory: it may be missing, but nothing else may be in its place. */
async function mayHold(image: Image, directory: GuestPath): Promise<boolean> {
  for (const path of [configDirectory, directory]) {
    const entry = await image.stat(path);
    if (entry && entry.type !== 'directory') return false;
  }
  return true;
}

/** Whether a link is there that leads to the unit already. */
async function leadsTo(image: Image, path: GuestPath, unit: Unit): Promise<boolean> {
  if (!(await image.lstat(path)) || !unit.path) return false;
  const [one, other] = [await image.realPath(path), await image.realPath(unit.path)];
  return one !== undefined && one === other;
}

interface FoundLink {
  readonly path: GuestPath;
  readonly target: string;
  /** Where it leads, if anything is there; else what it says. */
  readonly leads: GuestPath | undefined;
}

/** Links that have the name of a unit, in a directory and those below it. */
async function linksBelow(image: Image, directory: GuestPath): Promise<readonly FoundLink[]> {
  const links: FoundLink[] = [];
  for (const { name, type } of (await image.readDir(directory)) ?? []) {
    const path = join(directory, name);
    if (type === 'directory') links.push(...(await linksBelow(image, path)));
    if (type !== 'link' || !parseUnitName(name)) continue;
    const target = (await image.readLink(path)) ?? '';
    const written = (target.startsWith('/') ? target : join(directory, target)) as GuestPath;
    links.push({ path, target, leads: (await image.realPath(path)) ?? written });
  }
  return links;
}

/** Removes links, and the directories that become empty with it. */
async function removeAll(image: Image, paths: ReadonlySet<GuestPath>): Promise<Change[]> {
  const changes: Change[] = [];
  for (const path of paths) changes.push(...(await remove(image, path)));
  for (const directory of new Set([...paths].map(parentOf))) {
    if (directory === configDirectory) continue;
    const left = await (await overlay(image, changes)).readDir(directory);
    if (left?.length === 0) changes.push(...(await remove(image, directory)));
  }
  return collapse(changes);
}
