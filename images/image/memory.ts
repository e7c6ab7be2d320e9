import { ImageError } from '../base/errors.js';
import { refuseLarger } from '../base/limit.js';
import type { DirectoryEntry, Disks, Entry, EntryType, GuestPath, Image, Tree } from './image.js';
import { ResolvedImage, baseName, parentOf } from './resolve.js';
import { encode } from '../base/text.js';

/** What a memory image holds at a path: a text, bytes, or a node spelled out. */
export type MemoryNode =
  | string
  | Buffer
  | { readonly link: string }
  | {
      readonly type?: EntryType | undefined;
      readonly content?: string | Buffer | undefined;
      readonly mode?: number | undefined;
      readonly uid?: number | undefined;
      readonly gid?: number | undefined;
      /** Overrides the content's length, to pretend that a file is huge. */
      readonly size?: number | undefined;
    };

interface StoredEntry {
  readonly entry: Entry;
  readonly content: Buffer;
}

/**
 * An image made of a table of paths, for tests and for trees that exist nowhere else. Directories above a path
 * are made as needed.
 * @param files - absolute guest paths without links in their directories, and what is there
 * @param source - the label that reports give as the image's source
 */
export function memoryImage(
  files: Readonly<Record<string, MemoryNode>>,
  source = 'memory',
  disks?: Disks,
): Image {
  const nodes = new Map<GuestPath, StoredEntry>([['/', directory]]);
  for (const [key, value] of Object.entries(files)) {
    const path = key as GuestPath;
    for (let up = parentOf(path); !nodes.has(up); up = parentOf(up)) nodes.set(up, directory);
    nodes.set(path, nodeOf(value));
  }
  return new ResolvedImage(new MemoryTree(nodes, source, disks));
}

const directory: StoredEntry = {
  entry: { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 },
  content: Buffer.alloc(0),
};

function nodeOf(value: MemoryNode): StoredEntry {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return nodeOf({ content: value });
  if ('link' in value) {
    const { link } = value;
    const size = encode(link).length;
    return {
      entry: { type: 'link', mode: 0o777, uid: 0, gid: 0, size, target: link },
      content: Buffer.alloc(0),
    };
  }
  const content =
    typeof value.content === 'string' ? encode(value.content) : (value.content ?? Buffer.alloc(0));
  const type = value.type ?? 'file';
  const mode = value.mode ?? (type === 'directory' ? 0o755 : 0o644);
  return {
    entry: { type, mode, uid: value.uid ?? 0, gid: value.gid ?? 0, size: value.size ?? content.length },
    content,
  };
}

class MemoryTree implements Tree {
  readonly kind = 'memory';
  readonly #nodes: ReadonlyMap<GuestPath, StoredEntry>;
  readonly #children = new Map<GuestPath, DirectoryEntry[]>();

  constructor(
    nodes: ReadonlyMap<GuestPath, StoredEntry>,
    readonly source: string,
    readonly disks?: Disks,
  ) {
    this.#nodes = nodes;
    for (const [path, node] of nodes) {
      if (path === '/') continue;
      const siblings = this.#children.get(parentOf(path)) ?? [];
      siblings.push({ name: baseName(path), type: node.entry.type });
      this.#children.set(parentOf(path), siblings);
    }
  }

  async entry(path: GuestPath): Promise<Entry | undefined> {
    return this.#nodes.get(path)?.entry;
  }

  async list(path: GuestPath): Promise<readonly DirectoryEntry[]> {
    return this.#children.get(path) ?? [];
  }

  async read(path: GuestPath, limit: number): Promise<Buffer> {
    const node = this.#nodes.get(path);
    if (!node) throw new ImageError('unreadable', `${path} is not in the image`);
    refuseLarger(path, node.entry.size, limit);
    return node.content;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // nothing was acquired
  }
}
