import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory } from '../image/directory.js';
import { ImageError } from '../base/errors.js';
import { parseFstab } from '../formats/fstab.js';
import { factsOf } from '../guest/fact.js';
import { os } from '../guest/os.js';
import type { Namespaces } from '../sandbox/namespaces.js';
import { lookOptions } from './mount-options.js';
import { type RunningSystem, whyInUse, whyNoRoot } from './refusal.js';
import { type Volume, hasDirtyJournal } from './volume.js';

/** A root file system that could be meant. */
export interface FoundRoot {
  readonly volume: Volume;
  /** "/@" of btrfs, when it is not the file system's default. */
  readonly subvolume?: string | undefined;
  /** "Debian GNU/Linux 12". */
  readonly os: string;
  /** Its journal holds what the file system does not yet: what a look shows may be old. */
  readonly dirty: boolean;
}

/** A volume that holds no root that could be rescued, and why. */
export interface PassedOver {
  readonly volume: Volume;
  readonly why: string;
  /** Because it is in use, not because of its content. */
  readonly inUse: boolean;
}

/** Names under which installers keep the root of a btrfs: Debian's and Ubuntu's, Fedora's, Arch's. */
const customary = ['@rootfs', '@', 'root', '@root'];

/** The id of a btrfs's own top, and the inode of every subvolume's (BTRFS_FIRST_FREE_OBJECTID). */
const btrfsTop = 5;
const subvolumeInode = 256n;

/**
 * Looks, without writing a byte, which of the volumes hold a root file system. Each is mounted in the namespaces for the time
 * of the look.
 * @param place - an empty folder of the host, to mount on
 * @param scope - the volumes that may be meant
 * @param volumes - all of the host
 */
export async function findRoots(
  namespaces: Namespaces,
  place: string,
  scope: readonly Volume[],
  volumes: readonly Volume[],
  running: RunningSystem,
): Promise<{ readonly roots: readonly FoundRoot[]; readonly passedOver: readonly PassedOver[] }> {
  const roots: FoundRoot[] = [];
  const passedOver: PassedOver[] = [];
  for (const volume of scope) {
    // A disk is its partitions, and a physical volume its logical ones.
    if (scope.some(({ parents }) => parents.includes(volume.name))) continue;
    const used = whyInUse(volume, volumes, running);
    const why = used ?? whyNoRoot(volume);
    const found = why ?? (await lookAt(namespaces, place, volume));
    if (typeof found === 'string') passedOver.push({ volume, why: found, inUse: used !== undefined });
    else roots.push(...found);
  }
  return { roots, passedOver };
}

/** @returns why there is no root on it, when it is a string */
async function lookAt(
  namespaces: Namespaces,
  place: string,
  volume: Volume,
): Promise<readonly FoundRoot[] | string> {
  const dirty = hasDirtyJournal(volume);
  try {
    const byDefault = await withLook(namespaces, place, volume, [], async (path) => {
      const name = await osAt(path);
      return name === undefined ? undefined : { os: name, subvolume: await ownSubvolume(path, volume) };
    });
    if (byDefault) {
      const { os: name, subvolume } = byDefault;
      const own =
        subvolume === undefined ? undefined : await lookAtSubvolume(namespaces, place, volume, subvolume);
      return [{ volume, dirty, ...(own ?? { os: name }) }];
    }
    const found = volume.content.type === 'btrfs' ? await lookAtSubvolumes(namespaces, place, volume) : [];
    if (found.length > 0) return found.map((each) => ({ volume, dirty, ...each }));
    return `its ${volume.content.type ?? ''} file system holds no operating system`;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'program-failed')
      return `it cannot be mounted: ${error.message}`;
    throw error;
  }
}

/** The subvolume that a root's own fstab has it on: the default one of the file system may be a snapshot. */
async function ownSubvolume(path: string, { content }: Volume): Promise<string | undefined> {
  if (content.type !== 'btrfs') return undefined;
  await using image = openDirectory(path);
  const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
  const [option] = entries.find(({ mountPoint }) => mountPoint === '/')?.options.filter(isSubvolume) ?? [];
  const name = option?.slice('subvol='.length).replace(/^\/*/, '/');
  return name === undefined || name === '/' || !isNameable(name) ? undefined : name;
}

const isSubvolume = (option: string): boolean => option.startsWith('subvol=');

/** A comma would begin another mount option. */
const isNameable = (name: string): boolean => !/[,"\\\uFFFD]/.test(name);

/** @returns undefined when there is no such subvolume, or no system on it */
async function lookAtSubvolume(
  namespaces: Namespaces,
  place: string,
  volume: Volume,
  subvolume: string,
): Promise<{ readonly subvolume: string; readonly os: string } | undefined> {
  try {
    const name = await withLook(namespaces, place, volume, [`subvol=${subvolume}`], osAt);
    return name === undefined ? undefined : { subvolume, os: name };
  } catch (error) {
    if (error instanceof ImageError && error.code === 'program-failed') return undefined;
    throw error;
  }
}

async function lookAtSubvolumes(
  namespaces: Namespaces,
  place: string,
  volume: Volume,
): Promise<{ readonly subvolume: string; readonly os: string }[]> {
  return withLook(namespaces, place, volume, [`subvolid=${btrfsTop}`], async (path) => {
    const found: { subvolume: string; os: string }[] = [];
    for (const name of readdirSync(path).sort()) {
      const at = join(path, name);
      const stats = statSync(at, { bigint: true, throwIfNoEntry: false });
      if (!stats?.isDirectory() || stats.ino !== subvolumeInode || !isNameable(name)) continue;
      const known = await osAt(at);
      if (known !== undefined) found.push({ subvolume: `/${name}`, os: known });
    }
    const usual = found.filter(({ subvolume }) => customary.includes(subvolume.slice(1)));
    return usual.length > 0 ? usual : found; // the others are snapshots of it
  });
}

async function withLook<T>(
  namespaces: Namespaces,
  place: string,
  { name, content }: Volume,
  options: readonly string[],
  look: (path: string) => Promise<T>,
): Promise<T> {
  const type = content.type ?? 'auto';
  let failure: unknown;
  for (const set of lookOptions(type)) {
    try {
      await namespaces.run('mount', ['-t', type, '-o', [...set, ...options].join(','), '--', name, place]);
    } catch (error) {
      failure ??= error;
      continue;
    }
    try {
      return await look(namespaces.hostPath(place));
    } finally {
      await namespaces.run('umount', ['--', place]);
    }
  }
  throw failure;
}

/** The operating system whose root a folder is. With /usr elsewhere little may be left to tell it by. */
async function osAt(path: string): Promise<string | undefined> {
  await using image = openDirectory(path);
  try {
    const { name, version } = await factsOf(image)(os);
    return version === undefined ? name : `${name} ${version}`;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const isRoot = (await image.stat('/etc/fstab')) && (await image.stat('/etc/passwd'));
    return isRoot ? 'an unknown system' : undefined;
  }
}
