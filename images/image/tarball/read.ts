import { ImageError } from '../../base/errors.js';
import { refuseLarger } from '../../base/limit.js';
import type { Input } from '../inputs.js';
import type { DirectoryEntry, Entry, GuestPath, Image, Tree } from '../image.js';
import { ResolvedImage, join } from '../resolve.js';
import { Archive } from './archive.js';
import { ContentBuffer } from './content.js';
import { TarIndex, type TarNode } from './entries.js';
import type { TarEvent } from './records.js';
import { type WantedContents, wantedOf } from './wanted.js';

/** Bytes of content that are kept in all. What is beyond is read again from the archive when it is asked for. */
const contentBudget = 48 * 1024 * 1024;

/** Directory links that are looked behind; no guest has nearly as many that an input names. */
const maxVisits = 20_000;

/**
 * Opens a root file system in a tar archive: plain, gzip, zstd or xz, told by its content. One pass keeps the
 * metadata of every entry and the contents that `inputs` name; a second one follows only when links lead from
 * what they name to what they do not. Anything else is read in a pass of its own when it is asked for.
 * @throws {ImageError} `missing`, `not-a-file`, `unsupported`, `missing-tool`; `corrupt`, naming archive and byte;
 *   `unsafe-name`, naming the entry
 */
export async function openTarball(
  path: string,
  inputs: readonly Input[],
  signal?: AbortSignal,
): Promise<Image> {
  const archive = await Archive.open(path);
  try {
    const wanted = await wantedOf(inputs);
    const { index, kept } = await readIndex(archive, wanted, signal);
    const tree = new TarballTree(archive, index, kept);
    const image = new ResolvedImage(tree);
    await tree.prefetch(await behindLinks(image, tree.index, wanted));
    return image;
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** A tar archive, by exact path. */
class TarballTree implements Tree {
  readonly kind = 'tarball';
  readonly #archive: Archive;
  /** Reads that wait for the next pass, which serves them all. */
  #waiting = new Map<TarNode, number>();
  #pass: Promise<ReadonlyMap<TarNode, Buffer>> | undefined;

  constructor(
    archive: Archive,
    readonly index: TarIndex,
    private kept: number,
  ) {
    this.#archive = archive;
  }

  get source(): string {
    return this.#archive.path;
  }

  async entry(path: GuestPath): Promise<Entry | undefined> {
    return this.index.find(path)?.entry;
  }

  async list(path: GuestPath): Promise<readonly DirectoryEntry[]> {
    const children = this.index.find(path)?.children ?? new Map<string, TarNode>();
    return Array.from(children, ([name, node]) => ({ name, type: node.entry.type }));
  }

  async read(path: GuestPath, limit: number): Promise<Buffer> {
    const node = this.index.find(path);
    if (node?.entry.type !== 'file')
      throw new ImageError('unreadable', `${path} is not a file in ${this.source}`);
    refuseLarger(path, node.entry.size, limit);
    if (node.content) return node.content;
    this.#waiting.set(node, limit);
    // Reads at the same time share one pass.
    this.#pass ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const nodes = [...this.#waiting.keys()];
      this.#waiting = new Map();
      this.#pass = undefined;
      return this.fetch(nodes);
    });
    const content = (await this.#pass).get(node);
    if (!content) throw new ImageError('unreadable', `${path} could not be read from ${this.source}`);
    return content;
  }

  /** Reads in one pass what there is room to keep; what is beyond is read when it is asked for. */
  async prefetch(nodes: readonly TarNode[]): Promise<void> {
    let room = contentBudget - this.kept;
    const fitting = nodes.filter(({ entry: { size } }) => {
      if (size > room) return false;
      room -= size;
      return true;
    });
    await this.fetch(fitting);
  }

  /** Reads the contents of files in one pass, and keeps them while there is room. */
  async fetch(nodes: readonly TarNode[]): Promise<ReadonlyMap<TarNode, Buffer>> {
    const missing = new Map(nodes.filter(({ content }) => !content).map((node) => [node.offset, node]));
    const contents = new Map<TarNode, Buffer>();
    for (const node of nodes) if (node.content) contents.set(node, node.content);
    if (missing.size === 0) return contents;
    const collector = new Collector(this.source, (event) => missing.get(event.record.offset));
    await this.#archive.scan((event) => {
      const done = collector.visit(event);
      if (!done) return undefined;
      contents.set(done.node, done.content);
      missing.delete(done.node.offset);
      return missing.size > 0;
    });
    for (const [node, content] of contents) this.#keep(node, content);
    return contents;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#archive[Symbol.asyncDispose]();
  }

  #keep(node: TarNode, content: Buffer): void {
    if (node.content || this.kept + content.length > contentBudget) return;
    node.content = content;
    this.kept += content.length;
  }
}

/** Puts contents together from the events of a pass. */
class Collector {
  #current: { readonly node: TarNode; readonly content: ContentBuffer } | undefined;

  /** @param choose - the node whose content a record holds, when it is to be kept */
  constructor(
    readonly archive: string,
    readonly choose: (event: Extract<TarEvent, { kind: 'record' }>) => TarNode | undefined,
  ) {}

  /** @returns the content that this event completed */
  visit(event: TarEvent): { node: TarNode; content: Buffer } | undefined {
    if (event.kind === 'record') {
      const node = this.choose(event);
      this.#current = node && { node, content: new ContentBuffer(event.record, this.archive) };
    } else if (event.kind === 'data') this.#current?.content.push(event.bytes);
    else if (event.kind === 'close' && this.#current) {
      const { node, content } = this.#current;
      this.#current = undefined;
      return { node, content: content.end() };
    }
    return undefined;
  }
}

async function readIndex(
  archive: Archive,
  wanted: WantedContents,
  signal?: AbortSignal,
): Promise<{ index: TarIndex; kept: number }> {
  const index = new TarIndex(archive.path);
  let kept = 0;
  const collector = new Collector(archive.path, ({ record }) => {
    const placed = index.add(record);
    if (record.type !== 'file' || !placed) return undefined;
    const limit = wanted.likelyLimitOf(placed.path);
    if (limit === undefined || record.size > limit || kept + record.size > contentBudget) return undefined;
    kept += record.size;
    return placed.node;
  });
  await archive.scan((event) => {
    const done = collector.visit(event);
    if (done) done.node.content = done.content;
    return undefined;
  }, signal);
  return { index, kept };
}

/**
 * The files that inputs name only by way of links: a link that is named itself, or a directory behind a link
 * (/etc/rc3.d is one on Red Hat, /lib everywhere), with all in it that an input names by that way.
 */
async function behindLinks(image: Image, index: TarIndex, wanted: WantedContents): Promise<TarNode[]> {
  const found = new Set<TarNode>();
  const queue: { path: GuestPath; node: TarNode }[] = [{ path: '/', node: index.root }];
  for (let visits = 0; visits < maxVisits; visits++) {
    const next = queue.pop();
    if (!next) break;
    for (const [name, child] of next.node.children ?? []) {
      const path = join(next.path, name);
      const below = wanted.reachesBelow(path);
      const limit = wanted.limitOf(path);
      if (!below && limit === undefined) continue;
      const node = child.entry.type === 'link' ? await targetOf(image, index, path) : child;
      if (!node) continue;
      if (node.children) {
        if (below) queue.push({ path, node });
      } else if (limit !== undefined && node.entry.type === 'file' && node.entry.size <= limit)
        found.add(node);
    }
  }
  return [...found].filter(({ content }) => !content);
}

/** Where a link leads; undefined when it leads nowhere. */
async function targetOf(image: Image, index: TarIndex, path: GuestPath): Promise<TarNode | undefined> {
  const real = await image.realPath(path);
  return real && index.find(real);
}
