import type { Mount } from '../formats/mountinfo.js';
import { type Volume, blockNumber, isBusy, stack } from './volume.js';

/** The running system, as far as a rescue must keep off it. */
export interface RunningSystem {
  readonly mounts: readonly Mount[];
  /** The number of the block device that `/` is mounted from; undefined for a root in memory. */
  readonly root: string | undefined;
}

export function runningSystemOf(mounts: readonly Mount[]): RunningSystem {
  const root = mounts.findLast(({ point }) => point === '/');
  return { mounts, root: root && numberOf(root) };
}

/** The block device behind a mount. btrfs mounts have numbers of their own: there the name of the source tells. */
function numberOf({ number, source }: Mount): string | undefined {
  if (!number.startsWith('0:')) return number;
  return source.startsWith('/') ? blockNumber(source) : undefined;
}

/** Whether the running system's root lies on a volume, or on something that lies on it. */
export function carriesRoot(volume: Volume, volumes: readonly Volume[], running: RunningSystem): boolean {
  return running.root !== undefined && stack(volume, volumes).some(({ number }) => number === running.root);
}

/**
 * What shows the same bytes as a volume that lies on a loop device over another block device: all that lies on the other.
 * The kernel would mount them twice, without a word, and each would destroy what the other writes.
 */
function twins(volume: Volume, volumes: readonly Volume[]): readonly Volume[] {
  const loops = volumes.filter(
    (each) => each.type === 'loop' && each.parents.length > 0 && stack(each, volumes).includes(volume),
  );
  return loops.flatMap((loop) => {
    const own = stack(loop, volumes);
    const shown = volumes.filter(({ name }) => loop.parents.includes(name));
    return shown.flatMap((each) => stack(each, volumes)).filter((each) => !own.includes(each));
  });
}

/** Whether a volume shows the running system's root under another name. */
export function showsRoot(volume: Volume, volumes: readonly Volume[], { root }: RunningSystem): boolean {
  return root !== undefined && twins(volume, volumes).some(({ number }) => number === root);
}

/**
 * Why a volume must not be mounted for a rescue, whatever is on it: the running system or another program uses it.
 * @returns undefined when nothing speaks against it
 */
export function whyInUse(
  volume: Volume,
  volumes: readonly Volume[],
  running: RunningSystem,
): string | undefined {
  if (carriesRoot(volume, volumes, running)) {
    const root = volumes.find(({ number }) => number === running.root);
    const how =
      root && root.name !== volume.name ? `/ is mounted from ${root.name} on it` : '/ is mounted from it';
    return `it holds the system that is running: ${how} (device ${running.root ?? ''})`;
  }
  const mountOf = ({ number }: Volume): Mount | undefined =>
    running.mounts.find((each) => numberOf(each) === number);
  const inWords = ({ point, readOnly }: Mount): string =>
    `mounted at ${point} (${readOnly ? 'read-only' : 'read-write'})`;
  const mount = mountOf(volume);
  if (mount) return `it is ${inWords(mount)}`;
  for (const twin of twins(volume, volumes)) {
    const other = mountOf(twin);
    if (other) return `it shows ${twin.name} again (a loop device), which is ${inWords(other)}`;
  }
  if (volume.unreadable !== undefined) return `it cannot be read: ${volume.unreadable}`;
  if (isBusy(volume)) {
    return 'the kernel says that it is in use (mounted in another namespace, swap, or part of an active volume)';
  }
  return undefined;
}

/** Why the content of a volume cannot be a root to rescue; undefined when it is worth mounting and looking. */
export function whyNoRoot({ content }: Volume): string | undefined {
  const { type, usage, table } = content;
  if (content.ambivalent) return 'it has the signatures of several file systems; wipefs lists them';
  const known = type === undefined ? undefined : reasons[type];
  if (known !== undefined) return known;
  if (type !== undefined && usage === 'filesystem') return undefined;
  if (table !== undefined)
    return 'it has partitions, but the kernel does not know them; run "partx -a" on it';
  return type === undefined
    ? 'it holds nothing that is known'
    : `it holds ${type}, which is not a file system`;
}

const windows =
  'it holds a Windows file system: rescue mode gives access to its data only, and nothing of it was changed';
const noRoot = (name: string): string => `it holds ${name}, not a Linux root file system`;

const reasons: Readonly<Record<string, string>> = {
  ntfs: windows,
  ReFS: windows,
  BitLocker: 'it is encrypted (BitLocker): it cannot be read without its key, and nothing of it was changed',
  crypto_LUKS:
    'it is encrypted (LUKS): open it with "cryptsetup open" first, then give its device in /dev/mapper',
  swap: 'it is swap space',
  swsuspend: 'it holds a suspended system (hibernation): boot that and shut it down first',
  LVM2_member: 'it is a physical volume of LVM: its logical volumes are looked at instead',
  linux_raid_member: 'it is part of a RAID array: assemble it first (mdadm --assemble --scan)',
  vfat: noRoot('a FAT file system'),
  exfat: noRoot('a FAT file system'),
  iso9660: noRoot('a CD image'),
  udf: noRoot('a CD image'),
};
