import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRunningRoot } from '../image/directory.js';
import { ImageError, UsageError } from '../base/errors.js';
import { Namespaces } from '../sandbox/namespaces.js';
import { type WorkFolder, clearWorkFolders, makeWorkFolder } from '../sandbox/work-folder.js';
import { type FoundRoot, type PassedOver, findRoots } from './find-roots.js';
import { type ActivatedVolumes, activateVolumes, deactivateLeft } from './logical-volumes.js';
import { MountedRoot } from './mounted-root.js';
import { type RunningSystem, carriesRoot, runningSystemOf, showsRoot, whyInUse } from './refusal.js';
import { type Volume, blockNumber, currentMounts, disksOf, listVolumes, stack } from './volume.js';

/** Programs of the host that a rescue runs, with their Debian packages. */
export const rescuePrograms = {
  lsblk: 'util-linux',
  blkid: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  umount: 'mount',
};

export interface RescueOptions {
  /** Which of several roots is meant. @returns undefined when none of them is */
  readonly choose: (
    roots: readonly FoundRoot[],
    passedOver: readonly PassedOver[],
  ) => Promise<FoundRoot | undefined>;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done. */
  readonly onStep?: ((what: string) => void) | undefined;
}

/**
 * The root of a broken server, found among the block devices and mounted read-only in a mount namespace that ends with
 * us. Disposing it unmounts everything in order, and switches off again what was switched on.
 */
export class Rescue implements AsyncDisposable {
  private constructor(
    private readonly held: readonly AsyncDisposable[],
    readonly root: MountedRoot,
    readonly found: FoundRoot,
    /** What the user should know, one line each. */
    readonly notes: readonly string[],
    private readonly onStep: (what: string) => void,
  ) {}

  /**
   * @param target - a block device, or a subvolume of one as findmnt(8) writes it; undefined to look at all of them
   * @throws {UsageError} code `running-system`, `in-use`, `no-such-device`, or `undecided` when none was chosen
   * @throws {ImageError} when there is no root on it that could be rescued
   */
  static async open(target: string | undefined, options: RescueOptions): Promise<Rescue> {
    const { signal, onStep = () => undefined } = options;
    await deactivateLeft();
    clearWorkFolders('rescue');
    const held: AsyncDisposable[] = [];
    const hold = <T extends AsyncDisposable>(one: T): T => {
      held.unshift(one);
      return one;
    };
    const step = (what: string): void => {
      signal?.throwIfAborted();
      onStep(what);
    };
    try {
      step('look at the disks');
      const running = runningSystemOf(currentMounts());
      const work = hold(forAsync(makeWorkFolder('rescue')));
      const early = await listVolumes(signal);
      const activated = hold(await activateVolumes(early, running, work.path));
      const volumes = activated.count > 0 ? await listVolumes(signal) : early;
      const meant = target === undefined ? undefined : meantBy(target, volumes, activated);
      if (meant && target !== undefined) assertFree(target, meant.volume, volumes, running);
      const free = volumes.filter((volume) => whyInUse(volume, volumes, running) === undefined);

      step('look what is on them');
      const namespaces = hold(await Namespaces.open());
      const look = join(work.path, 'look');
      mkdirSync(look);
      const scope = meant ? stack(meant.volume, volumes) : awayFromRoot(volumes, running);
      const { roots, passedOver } = await findRoots(namespaces, look, scope, volumes, running);
      const matching =
        meant?.subvolume === undefined ? roots : subvolumeOf(meant.volume, meant.subvolume, roots);
      if (matching.length === 0) throw nothingFound(target, passedOver, activated);
      const found = await options.choose(matching, passedOver);
      if (!found) throw new UsageError('undecided', 'no root was chosen; nothing was changed');

      step('mount it');
      const root = hold(await MountedRoot.mount(namespaces, join(work.path, 'root'), found));
      const used = volumes.filter((volume) => !free.includes(volume));
      const left = await root.mountBelow(found.volume, free, used);
      signal?.throwIfAborted();
      return new Rescue(held, root, found, [...activated.notes, ...left], onStep);
    } catch (error) {
      await release(held);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.onStep('unmount it');
    await release(this.held);
  }
}

/** What a person calls a root: "/dev/xvdb1", "/dev/xvdb2[/@]". */
export function rootName({ volume, subvolume }: FoundRoot): string {
  return subvolume === undefined ? volume.name : `${volume.name}[${subvolume}]`;
}

/**
 * Refuses a folder that is the running system's root, under whatever name or bind mount.
 * @throws {UsageError} code `running-system`
 */
export function assertNotRunning(folder: string): void {
  if (!isRunningRoot(folder)) return;
  throw new UsageError(
    'running-system',
    `${folder} is the root of the system that is running: it has the same device and inode as /`,
    { hint: 'A rescue is for another disk. Repair the running system with "hallmark prepare /".' },
  );
}

/** Everything, whatever goes wrong with one of them; the first error is thrown in the end. */
async function release(held: readonly AsyncDisposable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const one of held) {
    try {
      await one[Symbol.asyncDispose]();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function forAsync(folder: WorkFolder): WorkFolder & AsyncDisposable {
  return {
    ...folder,
    [Symbol.asyncDispose]: async () => {
      folder[Symbol.dispose]();
    },
  };
}

/** The volume that a name means, whatever its name here: a link, or another node of the same device. */
function meantBy(
  target: string,
  volumes: readonly Volume[],
  { notes }: ActivatedVolumes,
): { readonly volume: Volume; readonly subvolume: string | undefined } {
  const [, device = target, subvolume] = /^(.+?)\[(\/[^,"\\]*)\]$/.exec(target) ?? [];
  const number = blockNumber(device);
  const volume = volumes.find((each) => each.number === number);
  if (number !== undefined && volume) return { volume, subvolume };
  if (statSync(device, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError('no-such-device', `${device} is a file`, {
      hint: 'Attach it first: "losetup --find --show --partscan FILE" prints its device.',
    });
  }
  throw new UsageError('no-such-device', `there is no block device ${device}`, {
    hint:
      hintOf(notes.slice(0, 1)) ??
      'Run lsblk to list them, or "hallmark rescue" without a name to search all of them.',
  });
}

function assertFree(
  target: string,
  volume: Volume,
  volumes: readonly Volume[],
  running: RunningSystem,
): void {
  const why = stack(volume, volumes).length === 1 ? whyInUse(volume, volumes, running) : undefined;
  if (carriesRoot(volume, volumes, running) || showsRoot(volume, volumes, running)) {
    throw new UsageError(
      'running-system',
      `${target} is refused: ${whyInUse(volume, volumes, running) ?? ''}`,
      {
        hint: 'A rescue is for another disk. Repair the running system with "hallmark prepare /".',
      },
    );
  }
  if (why !== undefined) {
    throw new UsageError('in-use', `${target} is refused: ${why}`, {
      hint: 'Unmount it first, or give the folder where it is mounted.',
    });
  }
}

/** A disk with the running system is not searched unless it is named. */
function awayFromRoot(volumes: readonly Volume[], running: RunningSystem): readonly Volume[] {
  const root = volumes.find(({ number }) => number === running.root);
  const own = root ? disksOf(root, volumes) : [];
  return volumes.filter((volume) => !disksOf(volume, volumes).some((disk) => own.includes(disk)));
}

/** A subvolume that was named is taken as it is: the person knows. */
function subvolumeOf(volume: Volume, subvolume: string, roots: readonly FoundRoot[]): readonly FoundRoot[] {
  const known = roots.find((root) => root.volume.name === volume.name && root.subvolume === subvolume);
  const [any] = roots;
  return known ? [known] : [{ volume, subvolume, os: any?.os ?? 'named by you', dirty: any?.dirty ?? false }];
}

/** Notes as whole sentences. */
function hintOf(notes: readonly string[]): string | undefined {
  const sentences = notes.map(
    (note) => `${note.charAt(0).toUpperCase()}${note.slice(1).replace(/\.$/, '')}.`,
  );
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

function nothingFound(
  target: string | undefined,
  passedOver: readonly PassedOver[],
  { notes }: ActivatedVolumes,
): ImageError {
  const reasons = passedOver.map(({ volume, why }) => `${volume.name}: ${why}`);
  const [only, other] = passedOver;
  const hint = hintOf(notes);
  if (target !== undefined && only && !other)
    return new ImageError('no-root', `${target} cannot be rescued: ${only.why}`, { hint });
  const where = target ?? 'the disks (the disk of the running system was left out)';
  const all = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  return new ImageError('no-root', `there is no Linux root file system on ${where}${all}`, { hint });
}
