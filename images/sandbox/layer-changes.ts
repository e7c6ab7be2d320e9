import { readdirSync } from 'node:fs';
import { ImageError } from '../base/errors.js';
import { DirectoryHandles } from '../image/handles.js';
import type { Change, GuestPath, Precondition } from '../image/image.js';
import { type ExtendedAttributes, type Owner, samePosix } from '../image/posix.js';
import { join } from '../image/resolve.js';
import { decode, encode } from '../base/text.js';
import { sameExtended } from '../write/attributes.js';
import { type FoundState, look } from '../write/state.js';

/** A file system of an image, and what was written to it: paths of the host. */
export interface WrittenPart {
  /** Where in the guest. */
  readonly at: GuestPath;
  readonly lower: string;
  readonly upper: string;
}

/**
 * Folders whose content is never the image's, whoever wrote it: what is gone at the next boot anyway, and what package
 * managers fetch again when they need it. Logs and databases stay: they say what was done.
 */
const passing: readonly GuestPath[] = [
  '/dev',
  '/proc',
  '/run',
  '/sys',
  '/tmp',
  '/var/cache/apt',
  '/var/cache/dnf',
  '/var/cache/libdnf5',
  '/var/cache/man',
  '/var/cache/yum',
  '/var/cache/zypp',
  '/var/lib/apt/lists',
  '/var/lock',
  '/var/run',
  '/var/tmp',
];

/**
 * Reads what was written to an overlay's upper directories back as changes to what is below: files (their content a file
 * of the host, in the layer), links, directories, whiteouts and opaque directories as removals, modes, owners, times and
 * extended attributes. What is again as it was is not a change. The upper directory must be one of an overlay without
 * `metacopy` and `redirect_dir`, and nothing may write to it any more.
 *
 * What was one file under several names becomes several files. A file that is replaced keeps its SELinux label, which a
 * host without SELinux cannot give the new one. Sockets are left out: nothing listens on them any more.
 * @param mountPoints - what the sandbox may have made in the layer itself: left out where the image has nothing
 * @returns in order: directories before what is in them, removals last and deepest first
 * @throws {ImageError} code `unsupported-change` for devices, FIFOs, and what takes the place of a directory or the other
 *   way round
 * @throws {RepairError} code `unsupported-name` for a name that is not UTF-8
 */
export async function layerChanges(
  parts: readonly WrittenPart[],
  mountPoints: readonly GuestPath[] = [],
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const part of parts) {
    const others = parts.map(({ at }) => at).filter((at) => at !== part.at);
    using reading = new LayerReading(part, new Set(others), new Set(mountPoints));
    changes.push(...(await reading.changes()));
  }
  const isRemoval = ({ kind }: Change): boolean => kind === 'remove';
  return [...changes.filter((change) => !isRemoval(change)), ...changes.filter(isRemoval)];
}

type Something = Exclude<FoundState, { type: 'absent' }>;

/** One file system: paths are relative to its root, and made the guest's in what is told of them. */
class LayerReading implements Disposable {
  readonly #lower: DirectoryHandles;
  readonly #upper: DirectoryHandles;
  readonly #changes: Change[] = [];

  constructor(
    readonly part: WrittenPart,
    readonly others: ReadonlySet<GuestPath>,
    readonly mountPoints: ReadonlySet<GuestPath>,
  ) {
    this.#lower = new DirectoryHandles(part.lower);
    this.#upper = new DirectoryHandles(part.upper);
  }

  async changes(): Promise<Change[]> {
    const [root, before] = [await look(this.#upper, '/'), await look(this.#lower, '/')];
    if (root.type === 'directory') this.#directory('/', root, before);
    await this.#visit('/', false);
    return this.#changes;
  }

  [Symbol.dispose](): void {
    this.#lower.close();
    this.#upper.close();
  }

  async #visit(folder: GuestPath, opaque: boolean): Promise<void> {
    const written = namesIn(this.#upper, folder);
    for (const name of written) await this.#entry(join(folder, name));
    if (!opaque) return;
    const there = new Set(written);
    for (const name of namesIn(this.#lower, folder))
      if (!there.has(name)) await this.#remove(join(folder, name));
  }

  async #entry(path: GuestPath): Promise<void> {
    const found = await look(this.#upper, path);
    const isPassing = this.#isPassing(path);
    if (isPassing && found.type !== 'directory') return;
    if (found.type === 'absent') throw new ImageError('unreadable', `${path} disappeared from the layer`);
    if (isWhiteout(found)) {
      await this.#remove(path);
      return;
    }
    const before = await look(this.#lower, path);
    if (before.type === 'absent' && this.mountPoints.has(this.#guest(path))) return;
    if (found.type === 'other') {
      if (found.stats.isSocket()) return;
      throw this.#unsupported(path, 'a device or FIFO was made, which cannot be applied to an image');
    }
    if (before.type === 'other') throw this.#unsupported(path, 'a device, FIFO or socket was replaced');
    if (before.type !== 'absent' && (before.type === 'directory') !== (found.type === 'directory'))
      throw this.#unsupported(path, `a ${before.type} was replaced by a ${found.type}`);
    if (found.type === 'directory') {
      this.#directory(path, found, before);
      if (!isPassing) await this.#visit(path, isOpaque(found.extended));
    } else if (found.type === 'link') this.#link(path, found, before);
    else this.#file(path, found, before);
  }

  #directory(path: GuestPath, found: Something & { type: 'directory' }, before: FoundState): void {
    const extended = this.#extendedOf(path, found, before);
    const { mode, uid, gid } = found;
    const isSame = before.type === 'directory' && samePosix(before, found) && !extended;
    if (!isSame)
      this.#add(path, before, { kind: 'directory', posix: { mode, owner: { uid, gid }, extended } });
  }

  #link(path: GuestPath, found: Something & { type: 'link' }, before: FoundState): void {
    const { target, uid, gid } = found;
    if (before.type === 'link' && before.target === target && sameOwner(before, found)) return;
    this.#add(path, before, { kind: 'link', target, posix: { uid, gid } });
  }

  #file(path: GuestPath, found: Something & { type: 'file' }, before: FoundState): void {
    const extended = this.#extendedOf(path, found, before);
    const { mode, uid, gid, sha256, stats } = found;
    const modified = Number(BigInt(found.modified) / 1_000_000_000n);
    const isSame =
      before.type === 'file' &&
      before.sha256 === sha256 &&
      samePosix(before, found) &&
      before.modified === found.modified &&
      !extended;
    if (isSame) return;
    const content = { hostFile: this.part.upper + path, size: Number(stats.size), sha256 };
    this.#add(path, before, { kind: 'write', content, posix: { mode, uid, gid, extended }, modified });
  }

  /** Removes all that the image has at a path. */
  async #remove(path: GuestPath): Promise<void> {
    const before = await look(this.#lower, path);
    if (before.type === 'absent' || this.#isPassing(path)) return;
    if (before.type === 'other') throw this.#unsupported(path, 'a device, FIFO or socket was removed');
    if (before.type === 'directory')
      for (const name of namesIn(this.#lower, path)) await this.#remove(join(path, name));
    this.#add(path, before, { kind: 'remove' });
  }

  /** The extended attributes that something is to have, when they are others than it has, or had. */
  #extendedOf(
    path: GuestPath,
    found: Something & { type: 'file' | 'directory' },
    before: FoundState,
  ): ExtendedAttributes | undefined {
    const had = before.type === 'absent' || before.type === 'other' ? {} : before.extended;
    const extended = this.#withoutOverlay(path, found.extended);
    const label = had['security.selinux'];
    const wanted =
      label === undefined || 'security.selinux' in extended
        ? extended
        : { ...extended, 'security.selinux': label };
    return sameExtended(wanted, had) ? undefined : wanted;
  }

  #withoutOverlay(path: GuestPath, extended: ExtendedAttributes): ExtendedAttributes {
    const own = Object.entries(extended).filter(([name]) => name.startsWith(overlayPrefix));
    const partial = own.find(([name]) => /\.(?:metacopy|redirect)$/.test(name));
    if (partial) throw this.#unsupported(path, `the layer does not hold all of it (${partial[0]})`);
    return Object.fromEntries(Object.entries(extended).filter(([name]) => !name.startsWith(overlayPrefix)));
  }

  #add(path: GuestPath, before: FoundState, change: Unplaced): void {
    this.#changes.push({ ...change, path: this.#guest(path), expect: expectationOf(before) });
  }

  #isPassing(path: GuestPath): boolean {
    const guest = this.#guest(path);
    return this.others.has(guest) || passing.includes(guest);
  }

  #guest(path: GuestPath): GuestPath {
    return this.part.at === '/' ? path : path === '/' ? this.part.at : `${this.part.at}${path}`;
  }

  #unsupported(path: GuestPath, what: string): ImageError {
    return new ImageError('unsupported-change', `${this.#guest(path)}: ${what}`, {
      hint: 'Nothing was written. Do that step by hand, then run the command again.',
    });
  }
}

type Unplaced = Change extends infer Each
  ? Each extends Change
    ? Omit<Each, 'path' | 'expect'>
    : never
  : never;

const overlayPrefix = 'trusted.overlay.';

/** A character device of number 0, 0: overlayfs, "whiteouts and opaque directories". */
function isWhiteout(found: Something): boolean {
  return found.type === 'other' && found.stats.isCharacterDevice() && found.stats.rdev === 0n;
}

function isOpaque(extended: ExtendedAttributes): boolean {
  return extended[`${overlayPrefix}opaque`] === Buffer.from('y').toString('base64');
}

function namesIn(handles: DirectoryHandles, folder: GuestPath): string[] {
  const handle = handles.handle(folder);
  if (handle === undefined) return [];
  const names = readdirSync(`/proc/self/fd/${handle}`, { encoding: 'buffer' }).map((name) => decode(name));
  return names.sort((a, b) => Buffer.compare(encode(a), encode(b)));
}

function sameOwner(one: Owner, other: Owner): boolean {
  return one.uid === other.uid && one.gid === other.gid;
}

function expectationOf(before: FoundState): Precondition {
  switch (before.type) {
    case 'absent':
      return { type: 'absent' };
    case 'link':
      return { type: 'link', target: before.target };
    case 'directory': {
      const { type, mode, uid, gid } = before;
      return { type, posix: { mode, uid, gid } };
    }
    case 'file': {
      const { type, sha256, mode, uid, gid } = before;
      return { type, sha256, posix: { mode, uid, gid } };
    }
    case 'other':
      throw new TypeError('no change can expect a special file');
  }
}
