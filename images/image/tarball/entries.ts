import { ImageError } from '../../base/errors.js';
import type { Entry, GuestPath } from '../image.js';
import { encode } from '../../base/text.js';
import { corrupt, shown } from './corrupt.js';
import type { TarRecord } from './records.js';

/**
 * A file of the archive, as an inode is one of a file system: hard links are several names of one node, and an
 * entry that takes the place of an earlier one makes a new node.
 */
export interface TarNode {
  entry: Entry;
  /** Where its record begins; -1 for a directory that is only implied by what is in it. */
  offset: number;
  mtime: number;
  /** Of a directory, and of nothing else. */
  readonly children: Map<string, TarNode> | undefined;
  content?: Buffer | undefined;
}

/** Where a record went. */
export interface PlacedRecord {
  readonly path: GuestPath;
  readonly node: TarNode;
}

/**
 * About as many bytes of metadata as are kept. An archive of a few megabytes can claim hundreds of millions of
 * entries; the largest servers have some two million.
 */
const maxWeight = 512 * 1024 * 1024;
const nodeWeight = 250;

/** A component or a whole path longer than any system call takes. */
const maxName = 64 * 1024;

/**
 * What an archive contains once it is unpacked, by metadata alone. An archive that unpacks differently with
 * different programs (something below a link, say) is refused, because there is more than one answer.
 */
export class TarIndex {
  readonly root: TarNode = impliedDirectory();
  #weight = 0;

  constructor(readonly archive: string) {}

  /** What is at an exact path. */
  find(path: GuestPath): TarNode | undefined {
    let node: TarNode | undefined = this.root;
    for (const component of path.split('/')) if (component !== '') node = node?.children?.get(component);
    return node;
  }

  /**
   * Takes in the archive's next record. The last of several for one path wins.
   * @throws {ImageError} code `unsafe-name` for an absolute name or one with `..`, `corrupt` for an entry that
   *   conflicts with an earlier one, `too-large` when there are too many
   */
  add(record: TarRecord): PlacedRecord | undefined {
    if (record.type === 'label') return undefined;
    const components = this.componentsOf(record.name);
    const path: GuestPath = `/${components.join('/')}`;
    this.#weigh(nodeWeight + record.name.length + record.target.length);
    const name = components.pop();
    if (name === undefined) {
      if (record.type !== 'directory') throw this.#conflict(record, 'is the root, but not a directory');
      return { path, node: adopt(this.root, record) };
    }
    const siblings = this.#directory(record, components);
    const former = siblings.get(name);
    if (record.type === 'directory' && former?.children) return { path, node: adopt(former, record) };
    if (former?.children && former.children.size > 0) {
      throw this.#conflict(record, 'replaces a directory that is not empty');
    }
    const node = record.type === 'hard-link' ? this.#target(record) : nodeOf(record);
    siblings.set(name, node);
    return { path, node };
  }

  /** The components of an entry's name, without `.` and doubled slashes. */
  componentsOf(name: string): string[] {
    if (name.length > maxName)
      throw new ImageError('too-large', `${this.archive} has a name of ${name.length} characters`);
    const components = name.split('/');
    if (name.startsWith('/') || components.includes('..')) {
      throw new ImageError(
        'unsafe-name',
        `${this.archive} has an entry that points outside the archive: ${shown(name)}`,
        {
          hint: 'Pack it again from inside the root: "tar -C ROOT -cf FILE .".',
        },
      );
    }
    return components.filter((component) => component !== '' && component !== '.');
  }

  #directory(record: TarRecord, components: readonly string[]): Map<string, TarNode> {
    let children = this.root.children;
    for (const component of components) {
      let child = children?.get(component);
      if (!child) {
        child = impliedDirectory();
        this.#weigh(nodeWeight + component.length);
        children?.set(component, child);
      }
      if (!child.children)
        throw this.#conflict(record, `lies below a ${child.entry.type}, ${shown(component)}`);
      children = child.children;
    }
    return children ?? new Map<string, TarNode>();
  }

  #target(record: TarRecord): TarNode {
    const node = this.find(`/${this.componentsOf(record.target).join('/')}`);
    if (!node) throw this.#conflict(record, `is a hard link to ${shown(record.target)}, which is missing`);
    if (node.children) throw this.#conflict(record, `is a hard link to a directory, ${shown(record.target)}`);
    return node;
  }

  #conflict(record: TarRecord, what: string): ImageError {
    return corrupt(this.archive, record.offset, `the entry ${shown(record.name)} ${what}`);
  }

  #weigh(weight: number): void {
    this.#weight += weight;
    if (this.#weight <= maxWeight) return;
    throw new ImageError('too-large', `${this.archive} has more entries than can be kept in memory`);
  }
}

function impliedDirectory(): TarNode {
  return {
    entry: { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 },
    offset: -1,
    mtime: 0,
    children: new Map(),
  };
}

function nodeOf(record: TarRecord): TarNode {
  const children = record.type === 'directory' ? new Map<string, TarNode>() : undefined;
  return { entry: entryOf(record), offset: record.offset, mtime: record.mtime, children };
}

/** A directory's own entry, after what is in it or a second time. */
function adopt(node: TarNode, record: TarRecord): TarNode {
  node.entry = entryOf(record);
  node.offset = record.offset;
  node.mtime = record.mtime;
  return node;
}

function entryOf(record: TarRecord): Entry {
  const { type, mode, uid, gid, target } = record;
  if (type === 'hard-link' || type === 'label') throw new TypeError(`a ${type} has no entry of its own`);
  if (type === 'link') return { type, mode, uid, gid, size: encode(target).length, target };
  return { type, mode, uid, gid, size: record.size };
}
