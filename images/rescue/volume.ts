import { constants, closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { ImageError, systemCode } from '../base/errors.js';
import { run } from '../base/exec.js';
import { type VolumeContent, parseBlkid } from '../formats/blkid.js';
import { extSuperblock, needsRecovery } from '../formats/ext-superblock.js';
import { type BlockDevice, lsblkColumns, parseLsblk } from '../formats/lsblk.js';
import { type Mount, parseMountinfo } from '../formats/mountinfo.js';

/** A block device with what is on it. */
export interface Volume extends BlockDevice {
  readonly content: VolumeContent;
  /** Why its content could not be read. */
  readonly unreadable?: string | undefined;
}

/**
 * With what loop devices are made of, as far as that is a block device: lsblk shows them as if they lay on nothing.
 */
function withBacking(devices: readonly BlockDevice[]): readonly BlockDevice[] {
  return devices.map((device) => {
    const number = device.type === 'loop' ? backingNumber(device) : undefined;
    const backing = devices.find((other) => number !== undefined && other.number === number);
    return backing ? { ...device, parents: [...device.parents, backing.name] } : device;
  });
}

/** The number of the block device that a loop device shows again; undefined when it shows a file. */
function backingNumber({ number }: BlockDevice): string | undefined {
  try {
    return blockNumber(readFileSync(`/sys/dev/block/${number}/loop/backing_file`, 'utf8').trim());
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined; // nothing is attached to it
    throw error;
  }
}

/** What blkid(8) says with its exit code: nothing was found, or too much. */
const blkidExit = { nothing: 2, ambivalent: 8 } as const;

/**
 * Every block device of the host with its content, each after what it lies on.
 * @throws {ImageError} code `missing-tool` or `program-failed`
 */
export async function listVolumes(signal?: AbortSignal): Promise<readonly Volume[]> {
  const options = { package: 'util-linux', signal };
  const list = ['--json', '--bytes', '--paths', '--output', lsblkColumns];
  const { exitCode, stdout, stderr } = await run('lsblk', list, options);
  if (exitCode !== 0) throw new ImageError('program-failed', `lsblk failed: ${firstLine(stderr)}`);
  const volumes: Volume[] = [];
  for (const device of withBacking(devicesIn(stdout))) {
    if (device.size === 0) continue;
    // The cache of blkid and the database of udev may be older than the disk: look at the device itself.
    const found = await run('blkid', ['--probe', '--output', 'udev', device.name], options);
    if (found.exitCode === 0) volumes.push({ ...device, content: parseBlkid(found.stdout) });
    else if (found.exitCode === blkidExit.nothing && found.stderr === '')
      volumes.push({ ...device, content: {} });
    else if (found.exitCode === blkidExit.ambivalent)
      volumes.push({ ...device, content: { ambivalent: true } });
    else volumes.push({ ...device, content: {}, unreadable: firstLine(found.stderr) });
  }
  return volumes;
}

/** The volumes that lie on one, directly or not, and itself. */
export function stack(volume: Volume, volumes: readonly Volume[]): readonly Volume[] {
  const above = volumes.filter(({ parents }) => parents.includes(volume.name));
  return [volume, ...above.flatMap((each) => stack(each, volumes))];
}

/** The disks that a volume lies on; a disk lies on itself. */
export function disksOf({ name, parents }: Volume, volumes: readonly Volume[]): readonly string[] {
  if (parents.length === 0) return [name];
  const below = volumes.filter((each) => parents.includes(each.name));
  return [...new Set(below.flatMap((each) => disksOf(each, volumes)))];
}

/** The number of the block device that a path of the host means, links followed; undefined when it means none. */
export function blockNumber(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isBlockDevice()) return undefined;
  // The kernel's new_encode_dev, widened by glibc's gnu_dev_makedev.
  const device = BigInt(stats.rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

/** What this process sees mounted. */
export function currentMounts(): readonly Mount[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/**
 * Whether the kernel lets nobody else have a device: it is mounted, in this mount namespace or any other, is swap, or
 * carries a logical volume or RAID that is active (open(2), O_EXCL on a block device).
 */
export function isBusy(volume: BlockDevice): boolean {
  try {
    closeSync(openSync(volume.name, constants.O_RDONLY | constants.O_EXCL));
    return false;
  } catch (error) {
    if (systemCode(error) === 'EBUSY') return true;
    throw new ImageError('unreadable', `cannot open ${volume.name}: ${systemCode(error) ?? String(error)}`, {
      cause: error,
    });
  }
}

/** Whether a mount for writing would replay the journal of an ext file system. */
export function hasDirtyJournal({ name, content }: Volume): boolean {
  if (!/^ext[234]$/.test(content.type ?? '')) return false;
  const block = Buffer.alloc(extSuperblock.length);
  const device = openSync(name, 'r');
  try {
    readSync(device, block, 0, block.length, extSuperblock.offset);
  } finally {
    closeSync(device);
  }
  return needsRecovery(block);
}

function devicesIn(text: string): readonly BlockDevice[] {
  try {
    return parseLsblk(text);
  } catch (cause) {
    throw new ImageError('program-failed', 'lsblk does not list the block devices as expected', { cause });
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
