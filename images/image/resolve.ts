import { ImageError } from '../base/errors.js';
import {
  type DirectoryEntry,
  type Disks,
  type Entry,
  type GuestPath,
  type Image,
  type ImageKind,
  type Tree,
  defaultReadLimit,
} from './image.js';
import { decode } from '../base/text.js';

/** Links followed in one resolution before it counts as a loop; Linux allows 40 (path_resolution(7)). */
const maxLinks = 40;

/** The path of a name in a directory. */
export function join(directory: GuestPath, name: string): GuestPath {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The directory of a path; `/` is its own parent. */
export function parentOf(path: GuestPath): GuestPath {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : (path.slice(0, slash) as GuestPath);
}

/** The last component of a path; the empty string for `/`. */
export function baseName(path: GuestPath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is a folder itself or in it, however deep; neither ends in a slash. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** Where a walk ended: the path without links, and what is there. */
interface ResolvedPlace {
  readonly path: GuestPath;
  readonly entry: Entry | undefined;
}

/**
 * Gives a {@link Tree} the reading interface, resolving every path inside the root, component by component
 * (docs/decisions.md#paths-inside-the-root): an absolute link starts again at the guest's root, `..` of the root is
 * the root, more than {@link maxLinks} links are a loop. Since the tree is only ever asked for paths whose directories were
 * resolved here, no link of the guest can lead out of it.
 */
export class ResolvedImage implements Image {
  /** Resolved directories, so that a thousand units cost one walk of their directory. */
  readonly #directories = new Map<GuestPath, Promise<ResolvedPlace>>();

  /** By the path of the directory. */
  readonly #lists = new Map<GuestPath, Promise<readonly DirectoryEntry[]>>();

  /** By the path under which a directory was listed: its path without links, and the names of its files. */
  readonly #listed = new Map<GuestPath, { readonly path: GuestPath; readonly files: ReadonlySet<string> }>();

  constructor(readonly tree: Tree) {}

  get kind(): ImageKind {
    return this.tree.kind;
  }

  get source(): string {
    return this.tree.source;
  }

  get disks(): Disks | undefined {
    return this.tree.disks;
  }

  async lstat(path: GuestPath): Promise<Entry | undefined> {
    return (await orNowhere(path, this.#place(path))).entry;
  }

  async stat(path: GuestPath): Promise<Entry | undefined> {
    return (await this.#follow(path)).entry;
  }

  async readLink(path: GuestPath): Promise<string | undefined> {
    return (await this.lstat(path))?.target;
  }

  async realPath(path: GuestPath): Promise<GuestPath | undefined> {
    const place = await this.#follow(path);
    return place.entry ? place.path : undefined;
  }

  async locate(path: GuestPath): Promise<GuestPath> {
    return (await this.#place(path)).path;
  }

  async readDir(path: GuestPath): Promise<readonly DirectoryEntry[] | undefined> {
    const place = await this.#follow(path);
    if (place.entry?.type !== 'directory') return undefined;
    let list = this.#lists.get(place.path);
    if (!list) {
      list = this.tree.list(place.path).then((entries) => entries.toSorted(byName));
      this.#lists.set(place.path, list);
    }
    const entries = await list;
    if (!this.#listed.has(path)) {
      const files = new Set(entries.filter(({ type }) => type === 'file').map(nameOf));
      this.#listed.set(path, { path: place.path, files });
    }
    return entries;
  }

  async readFile(path: GuestPath, limit = defaultReadLimit): Promise<Buffer | undefined> {
    const file = this.#listedFile(path);
    if (file !== undefined) return this.tree.read(file, limit);
    const place = await this.#follow(path);
    if (!place.entry) return undefined;
    if (place.entry.type !== 'file') {
      throw new ImageError('not-a-file', `${path} is a ${place.entry.type} where a file is expected`);
    }
    return this.tree.read(place.path, limit);
  }

  async readText(path: GuestPath, limit?: number): Promise<string | undefined> {
    const bytes = await this.readFile(path, limit);
    return bytes && decode(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tree[Symbol.asyncDispose]();
  }

  /** The path without links of what a list of its directory has as a file, which need not be looked at again. */
  #listedFile(path: GuestPath): GuestPath | undefined {
    const listed = this.#listed.get(parentOf(path));
    return listed?.files.has(baseName(path)) ? join(listed.path, baseName(path)) : undefined;
  }

  /** The entry at a path, links followed in its directories but not in its last component. */
  async #place(path: GuestPath, links = { count: 0 }): Promise<ResolvedPlace> {
    const name = baseName(path);
    const walk = name === '' || name === '.' || name === '..';
    if (walk) return this.#walk('/', path.split('/'), links);
    const directory = await this.#directory(parentOf(path), links);
    const exact = join(directory.path, name);
    if (directory.entry?.type !== 'directory') return { path: exact, entry: undefined };
    return { path: exact, entry: await this.tree.entry(exact) };
  }

  async #follow(path: GuestPath): Promise<ResolvedPlace> {
    return orNowhere(path, this.#followAll(path, { count: 0 }));
  }

  async #followAll(path: GuestPath, links: { count: number }): Promise<ResolvedPlace> {
    const place = await this.#place(path, links);
    if (place.entry?.type !== 'link') return place;
    return this.#followLink(place, links);
  }

  async #followLink(place: ResolvedPlace, links: { count: number }): Promise<ResolvedPlace> {
    links.count += 1;
    if (links.count > maxLinks) throw new ImageError('link-loop', `${place.path} is part of a loop of links`);
    const target = place.entry?.target ?? '';
    return this.#walk(target.startsWith('/') ? '/' : parentOf(place.path), target.split('/'), links);
  }

  #directory(path: GuestPath, links: { count: number }): Promise<ResolvedPlace> {
    // Only a walk from scratch is remembered: one in the midst of links may fail for its count alone.
    if (links.count > 0) return this.#walk('/', path.split('/'), links);
    let place = this.#directories.get(path);
    if (!place) {
      place = this.#walk('/', path.split('/'), links);
      this.#directories.set(path, place);
    }
    return place;
  }

  /** Follows `components` from `start`, a directory without links above it; every link is followed. */
  async #walk(
    start: GuestPath,
    components: readonly string[],
    links: { count: number },
  ): Promise<ResolvedPlace> {
    let place: ResolvedPlace = { path: start, entry: await this.tree.entry(start) };
    for (const component of components) {
      if (component === '' || component === '.') continue;
      if (component === '..') {
        const up = parentOf(place.path);
        place = {
          path: up,
          entry: place.entry?.type === 'directory' ? await this.tree.entry(up) : undefined,
        };
        continue;
      }
      const exact = join(place.path, component);
      if (place.entry?.type !== 'directory') {
        place = { path: exact, entry: undefined };
        continue;
      }
      place = { path: exact, entry: await this.tree.entry(exact) };
      if (place.entry?.type === 'link') place = await this.#followLink(place, links);
    }
    return place;
  }
}

const nameOf = ({ name }: DirectoryEntry): string => name;

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/**
 * A loop of links leads nowhere: to whoever opens it, ELOOP is one more way of not being there, and every init system
 * and daemon goes on without the file.
 */
async function orNowhere(path: GuestPath, walk: Promise<ResolvedPlace>): Promise<ResolvedPlace> {
  try {
    return await walk;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'link-loop') return { path, entry: undefined };
    throw error;
  }
}
