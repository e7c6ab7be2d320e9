import type { DirectoryEntry, GuestPath, Image } from '../../../image/image.js';
import { baseName, join, parentOf } from '../../../image/resolve.js';
import { isTemplate, parseUnitName, templateOf, withInstance } from './names.js';

/** Where the administrator's units lie, and where `systemctl enable` makes its links. */
export const configDirectory: GuestPath = '/etc/systemd/system';

/** Where units of packages lie, the strongest first. */
const packaged: readonly GuestPath[] = [
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** Where units and the links that start them lie in an image, the strongest first. */
export const unitDirectories: readonly GuestPath[] = [configDirectory, ...packaged];

/**
 * The system manager's search path (systemd.unit(5), "Unit File Load Path"), without /run, which is empty at
 * boot, and without the generators' directories, whose content is computed elsewhere.
 */
export const searchPath: readonly GuestPath[] = [
  '/etc/systemd/system.control',
  configDirectory,
  '/etc/systemd/system.attached',
  ...packaged,
];

/** What the search path holds under a name. */
type Found =
  | { readonly kind: 'file' | 'mask'; readonly path: GuestPath }
  /** A link to another unit of the search path: the name is an alias of that one. */
  | { readonly kind: 'alias'; readonly path: GuestPath; readonly target: string };

/** Where the search for a name ended. */
export interface Resolved {
  /** The unit's own name, to which all of its aliases lead. */
  readonly name: string;
  /** undefined: there is no such file. */
  readonly found: Found | undefined;
}

/** A link of a `.wants` or `.requires` directory. */
export interface StartLink {
  readonly name: string;
  readonly path: GuestPath;
}

/** Names followed from alias to alias; systemd gives up as early. */
const maxAliases = 8;

/** The names in the search path: which file each unit comes from, and the directories beside them. */
export class UnitSearch {
  readonly #names = new Map<string, Found>();
  readonly #aliases = new Map<string, string[]>();
  /** Directories such as `ssh.service.d`, by name, in the order of the search path. */
  readonly #beside = new Map<string, GuestPath[]>();
  readonly #image: Image;

  private constructor(image: Image) {
    this.#image = image;
  }

  static async open(image: Image): Promise<UnitSearch> {
    const search = new UnitSearch(image);
    const directories = new Map<GuestPath, GuestPath>();
    for (const directory of searchPath) {
      const real = await image.realPath(directory);
      // With a merged /usr, /lib/systemd/system is /usr/lib/systemd/system once more.
      if (real && !directories.has(real)) directories.set(real, directory);
    }
    for (const directory of directories.values()) {
      for (const entry of (await image.readDir(directory)) ?? [])
        await search.#add(directories, directory, entry);
    }
    for (const [alias, found] of search.#names) {
      if (found.kind !== 'alias') continue;
      const { name } = search.resolve(alias);
      search.#aliases.set(name, [...(search.#aliases.get(name) ?? []), alias]);
    }
    return search;
  }

  /** Every name that stands in the search path, aliases included. */
  get names(): Iterable<string> {
    return this.#names.keys();
  }

  /** Follows aliases, and falls back to the template for an instance without a file of its own. */
  resolve(name: string): Resolved {
    let at = name;
    for (let step = 0; step < maxAliases; step++) {
      const own = this.#names.get(at);
      const template = own ? undefined : templateOf(at);
      const found = own ?? (template === undefined ? undefined : this.#names.get(template));
      if (found?.kind !== 'alias') return { name: at, found };
      at = withInstance(found.target, parseUnitName(at)?.instance ?? '');
    }
    return { name: at, found: undefined };
  }

  /** The other names that lead to a unit; for an instance also the instances of its template's aliases. */
  aliasesOf(name: string): readonly string[] {
    const template = templateOf(name);
    const instance = parseUnitName(name)?.instance ?? '';
    const ofTemplate = template === undefined ? [] : (this.#aliases.get(template) ?? []);
    const own = this.#aliases.get(name) ?? [];
    return [...own, ...ofTemplate.filter(isTemplate).map((alias) => withInstance(alias, instance))];
  }

  /** The drop-ins of `NAME.d` directories: of one name the first directory's, in the order of the names. */
  async dropIns(directoryNames: readonly string[]): Promise<readonly GuestPath[]> {
    const files = await this.#collect(directoryNames, (entry) => entry.name.endsWith('.conf'));
    return files.map(({ path }) => path);
  }

  /** The links of `NAME.wants` directories, and the like. A link to /dev/null hides those of its name. */
  async startLinks(directoryNames: readonly string[]): Promise<readonly StartLink[]> {
    const found = await this.#collect(directoryNames, (entry) => parseUnitName(entry.name) !== undefined);
    const links: StartLink[] = [];
    for (const { path, entry } of found) {
      // systemd ignores what is no link, and asks neither where it leads nor whether anything is there.
      if (entry.type === 'link' && !isNull(await this.#image.readLink(path)))
        links.push({ name: entry.name, path });
    }
    return links;
  }

  /** Entries of every `.wants` directory and the like whose name is wanted, whichever unit they belong to. */
  async entriesNamed(
    wanted: (name: string) => boolean,
  ): Promise<readonly { path: GuestPath; isLink: boolean }[]> {
    const found: { path: GuestPath; isLink: boolean }[] = [];
    for (const [directoryName, directories] of this.#beside) {
      if (directoryName.endsWith('.d')) continue;
      for (const directory of directories) {
        for (const { name, type } of (await this.#image.readDir(directory)) ?? []) {
          if (wanted(name)) found.push({ path: join(directory, name), isLink: type === 'link' });
        }
      }
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async #collect(
    directoryNames: readonly string[],
    wanted: (entry: DirectoryEntry) => boolean,
  ): Promise<readonly { path: GuestPath; entry: DirectoryEntry }[]> {
    // Most units have no folder beside them.
    if (!directoryNames.some((name) => this.#beside.has(name))) return [];
    const byName = new Map<string, { path: GuestPath; entry: DirectoryEntry }>();
    for (const directoryName of directoryNames) {
      for (const directory of this.#beside.get(directoryName) ?? []) {
        for (const entry of (await this.#image.readDir(directory)) ?? []) {
          if (!wanted(entry) || byName.has(entry.name)) continue;
          byName.set(entry.name, { path: join(directory, entry.name), entry });
        }
      }
    }
    return [...byName.values()].sort((a, b) => (a.entry.name < b.entry.name ? -1 : 1));
  }

  async #add(
    directories: ReadonlyMap<GuestPath, GuestPath>,
    directory: GuestPath,
    { name, type }: DirectoryEntry,
  ): Promise<void> {
    const path = join(directory, name);
    if (/\.(?:d|wants|requires|upholds)$/.test(name) && type !== 'file') {
      const paths = this.#beside.get(name);
      if (paths) paths.push(path);
      else this.#beside.set(name, [path]);
      return;
    }
    if (this.#names.has(name) || !parseUnitName(name)) return;
    if (type === 'file') this.#names.set(name, { kind: 'file', path });
    const found = type === 'link' ? await this.#follow(directories, name, path) : undefined;
    if (found) this.#names.set(name, found);
  }

  async #follow(
    directories: ReadonlyMap<GuestPath, GuestPath>,
    name: string,
    path: GuestPath,
  ): Promise<Found | undefined> {
    const target = (await this.#image.readLink(path)) ?? '';
    if (isNull(target)) return { kind: 'mask', path };
    const absolute = (target.startsWith('/') ? target : `${parentOf(path)}/${target}`) as GuestPath;
    const other = baseName(absolute);
    const where = await this.#image.realPath(parentOf(absolute));
    // A link to itself is passed over, and hides nothing (booted).
    if (where !== undefined && other === name && join(where, other) === (await this.#image.locate(path)))
      return undefined;
    const inSearchPath = where !== undefined && directories.has(where);
    if (!inSearchPath || other === name || !mayAlias(name, other)) return { kind: 'file', path };
    return { kind: 'alias', path, target: other };
  }
}

/** Whether a link target means "masked". */
export function isNull(target: string | undefined): boolean {
  return target !== undefined && /^(?:\.\.\/|\/)*dev\/null$/.test(target.replace(/\/{2,}/g, '/'));
}

/** An alias is of its unit's type, and a template's alias is a template (or, of a template, an instance). */
function mayAlias(alias: string, unit: string): boolean {
  const [a, u] = [parseUnitName(alias), parseUnitName(unit)];
  if (!a || a.type !== u?.type) return false;
  if ((a.instance === undefined) !== (u.instance === undefined)) return false;
  return u.instance === '' || u.instance === a.instance;
}
