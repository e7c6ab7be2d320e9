import { mkdirSync } from 'node:fs';
import { openDirectory } from '../image/directory.js';
import { type FstabEntry, parseFstab } from '../formats/fstab.js';
import { isMounted } from '../guest/mounts.js';
import type { Disks, GuestPath, Presence } from '../image/image.js';
import type { Namespaces } from '../sandbox/namespaces.js';
import type { FoundRoot } from './find-roots.js';
import { workOptions } from './mount-options.js';
import { type Surroundings, resolveSpec } from './resolve-spec.js';
import type { Volume } from './volume.js';

/** Where software and its configuration can be; of all else nothing is judged or repaired. */
const needed = /^\/(?:boot|efi|etc|opt|usr|var)(?:\/|$)/;

/** File systems in memory, and what is not a file system. */
const passing = new Set(['tmpfs', 'ramfs', 'swap', 'proc', 'sysfs', 'devpts', 'overlay']);

/** The root of a broken server with what its fstab puts below it, mounted where only we see it. */
export class MountedRoot implements AsyncDisposable {
  /** As seen inside the namespaces, in the order of mounting. */
  readonly #points: string[] = [];
  /** Devices that are there and could not be mounted, by their mount points. */
  readonly #failures = new Map<string, { readonly device: string; readonly why: string }>();
  #surroundings: Surroundings | undefined;
  #others: readonly Volume[] = [];

  private constructor(
    private readonly namespaces: Namespaces,
    private readonly place: string,
  ) {}

  /**
   * Mounts it for reading; the kernel replays a journal even so.
   * @param place - a folder of the host that is made, and that nothing is seen in except from the namespaces
   * @throws {ImageError} code `program-failed`, with what mount(8) said
   */
  static async mount(
    namespaces: Namespaces,
    place: string,
    { volume, subvolume }: FoundRoot,
  ): Promise<MountedRoot> {
    mkdirSync(place);
    const mounted = new MountedRoot(namespaces, place);
    await mounted.#mount(volume, place, subvolume === undefined ? undefined : `subvol=${subvolume}`);
    return mounted;
  }

  /** How the host reaches it. */
  get path(): string {
    return this.namespaces.hostPath(this.place);
  }

  /**
   * Mounts what the image's own fstab puts below the folders that the rules go by, upper ones first.
   * @param volumes - those that may belong to the image
   * @param others - those that are in use here: they are not mounted, but they are there
   * @returns what could not be mounted and why, one line each: whether that matters, the rules say
   */
  async mountBelow(
    root: Volume,
    volumes: readonly Volume[],
    others: readonly Volume[] = [],
  ): Promise<string[]> {
    const left: string[] = [];
    const { entries, rootSpec } = await this.#fstab();
    this.#surroundings = { root, rootSpec, volumes };
    this.#others = others;
    for (const entry of entries.filter(isNeeded).sort(byDepth)) {
      const why = await this.#mountEntry(entry, this.#surroundings);
      if (why !== undefined)
        left.push(`${entry.mountPoint} is not mounted (/etc/fstab, line ${entry.line}): ${why}`);
    }
    return left;
  }

  /** The disks of the server, once {@link MountedRoot.mountBelow} was called. */
  get disks(): Disks {
    return { find: (device, mountPoint) => this.#find(device, mountPoint) };
  }

  #find(device: string, mountPoint: string): Presence {
    if (!this.#surroundings) throw new Error('the disks are not known yet');
    const failure = this.#failures.get(mountPoint);
    if (failure?.device === device) return { state: 'not-mounted', because: failure.why };
    const found = resolveSpec(device, this.#surroundings);
    if (found.volume) return { state: 'present' };
    if (!found.absent) return { state: 'undecided', because: found.why };
    const elsewhere = resolveSpec(device, { ...this.#surroundings, volumes: this.#others });
    return elsewhere.volume
      ? { state: 'undecided', because: `${device} is ${elsewhere.volume.name}, which is in use here` }
      : { state: 'absent', because: found.why };
  }

  /** Lets everything be written to. */
  async makeWritable(): Promise<void> {
    for (const point of this.#points)
      await this.namespaces.run('mount', ['-o', 'remount,rw,nosuid,nodev,noexec', '--', point]);
  }

  /** Unmounts, the last one first. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const point of this.#points.splice(0).reverse()) await this.namespaces.run('umount', ['--', point]);
  }

  async #fstab(): Promise<{ entries: readonly FstabEntry[]; rootSpec: string | undefined }> {
    await using image = openDirectory(this.path);
    const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
    return { entries, rootSpec: entries.find(({ mountPoint }) => mountPoint === '/')?.device };
  }

  /** @returns why it is not mounted, if it is not */
  async #mountEntry(
    { device, mountPoint, options }: FstabEntry,
    surroundings: Surroundings,
  ): Promise<string | undefined> {
    const found = resolveSpec(device, surroundings);
    if (!found.volume) return found.why;
    // Links are the image's: they lead where they lead in the image, not on the host.
    const point = await this.#folderAt(mountPoint as GuestPath);
    if (point === undefined) return 'the image has no such folder';
    const subvolume = options.find((option) => /^subvol(?:id)?=./.test(option));
    try {
      await this.#mount(found.volume, `${this.place}${point}`, subvolume);
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#failures.set(mountPoint, { device, why });
      return why;
    }
  }

  async #folderAt(path: GuestPath): Promise<GuestPath | undefined> {
    await using image = openDirectory(this.path);
    const real = await image.realPath(path);
    return real !== undefined && real !== '/' && (await image.lstat(real))?.type === 'directory'
      ? real
      : undefined;
  }

  async #mount({ name, content }: Volume, point: string, subvolume?: string): Promise<void> {
    const type = content.type ?? 'auto';
    const options = workOptions(type, subvolume).join(',');
    await this.namespaces.run('mount', ['-t', type, '-o', options, '--', name, point]);
    this.#points.push(point);
  }
}

function isNeeded(entry: FstabEntry): boolean {
  return needed.test(entry.mountPoint) && !passing.has(entry.type) && isMounted(entry);
}

function byDepth(one: FstabEntry, other: FstabEntry): number {
  return one.mountPoint.split('/').length - other.mountPoint.split('/').length;
}
