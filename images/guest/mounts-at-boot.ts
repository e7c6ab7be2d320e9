import {
  type FstabEntry,
  isAutomount,
  isOptional,
  isSet,
  namesDevice,
  parseFstab,
} from '../formats/fstab.js';
import { parseMountSpec } from '../formats/mount-spec.js';
import { parseUnitFile, settingsOf } from '../formats/unit-file.js';
import type { GuestPath, Image } from '../image/image.js';
import { baseName, join } from '../image/resolve.js';
import { readBootEntries } from './boot/entries.js';
import type { Evidence } from './evidence.js';
import { realPathOf } from './follow.js';
import { initModules } from './init/init-modules.js';
import type { InitSystem } from './init/init-system.js';
import { escapePath } from './init/systemd/names.js';
import { configDirectory, unitDirectories } from './init/systemd/search.js';
import { ofMemory } from './mounts.js';

/** What is seen below a mount point once it is mounted. */
type Content =
  /** What the image has there: its files are those of this file system. */
  | 'image'
  /** Nothing: it is made anew at each boot. */
  | 'memory'
  /** Another folder of the guest. */
  | 'bind'
  /** Nobody knows: a disk or share that the image may not hold. */
  | 'unknown';

/** A file system that the boot mounts over a folder of the root. */
export interface MountAtBoot {
  /** With the links on the way followed. */
  readonly mountPoint: GuestPath;
  /** fstab's first field. */
  readonly device: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly content: Content;
  /** Whether every boot mounts it: a disk may be gone, and a unit has conditions. */
  readonly certain: boolean;
  readonly evidence: Evidence;
}

/** What {@link mountsAtBoot} reads besides the boot entries. */
export const mountsAtBootInputs: readonly string[] = [
  '/etc/fstab',
  ...unitDirectories.map((folder) => `${folder}/*.mount`),
];

/** File systems that cannot be written. */
const readOnlyTypes = new Set(['iso9660', 'squashfs', 'erofs', 'cramfs', 'romfs']);

/** File systems that show what is below them as well. */
const unions = new Set(['overlay', 'overlayfs', 'aufs', 'unionfs', 'fuse.unionfs', 'fuse.mergerfs']);

/** Below these no file of the image is seen, whatever is mounted. */
const ofKernel = /^\/(?:dev|proc|sys|run|tmp)(?:\/|$)/;
const unitsOfKernel = /^(?:dev|proc|sys|run|tmp)(?:-.*)?\.mount$/;

/** Folders that often are a file system of their own. What an image has there is taken for that one's. */
const usual = /^\/(?:usr|usr\/local|opt|srv|home|root|etc|boot|boot\/efi|efi|var(?:\/.*)?)$/;

/** Whether nothing can be written there: the last of `ro` and `rw` counts; `defaults` is neither (mount(8), libmount). */
export function isReadOnly({ type, options }: Pick<MountAtBoot, 'type' | 'options'>): boolean {
  return readOnlyTypes.has(type) || isSet(options, 'ro', 'rw');
}

/** Whether nothing there can be executed: `user` and `users` imply it, until a later `exec` (mount(8), libmount). */
export function forbidsExecution({ options }: Pick<MountAtBoot, 'options'>): boolean {
  const last = options.findLast((option) => /^(?:no)?exec$|^users?$/.test(option));
  return last !== undefined && last !== 'exec';
}

const known = new WeakMap<Image, Promise<readonly MountAtBoot[]>>();

/**
 * The file systems that the boot mounts by /etc/fstab and, under systemd, by mount units; the root is among them when it
 * has a line. Read once for each image.
 */
export function mountsAtBoot(image: Image, system: InitSystem): Promise<readonly MountAtBoot[]> {
  const read = known.get(image) ?? readMounts(image, system);
  known.set(image, read);
  return read;
}

async function readMounts(image: Image, system: InitSystem): Promise<readonly MountAtBoot[]> {
  const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
  const { hasUnitFiles, runsGenerators } = initModules[system];
  const units = hasUnitFiles ? await unitsOf(image, entries) : [];
  const root = entries.find(({ mountPoint }) => mountPoint === '/')?.device ?? '';
  const byMountPoint = new Map<GuestPath, MountAtBoot>();
  const add = (mount: MountAtBoot): void => {
    // systemd makes a unit of the first line for a mount point; mount(8) mounts the one over the other.
    if (hasUnitFiles && byMountPoint.has(mount.mountPoint)) return;
    byMountPoint.set(mount.mountPoint, mount);
  };
  for (const { name, mount } of units) {
    const isNamed = entries.some((entry) => escapePath(entry.mountPoint, 'mount') === name);
    if (mount && (isNamed || (await isWanted(image, name)))) add(await placed(image, root, mount));
  }
  const isReplaced = (entry: FstabEntry): boolean =>
    entry.mountPoint !== '/' && units.some(({ name }) => name === escapePath(entry.mountPoint, 'mount'));
  const fstab = entries.filter((entry) => !isReplaced(entry) && isMounted(entry, hasUnitFiles));
  if (fstab.length > 0 && (!runsGenerators || (await readsFstab(image))))
    for (const entry of fstab) {
      const { device } = entry;
      const state = image.disks?.find(device, entry.mountPoint).state;
      // What is on none of the disks is not mounted; whether the boot stops there is for another rule to say.
      if (namesDevice(entry) && state === 'absent') continue;
      const isSure =
        !namesDevice(entry) || state === 'present' || (state === undefined && !isOptional(entry));
      add(await placed(image, root, { ...entry, certain: isSure, evidence: lineOf(entry) }));
    }
  return [...byMountPoint.values()];
}

const lineOf = ({ line }: FstabEntry): Evidence => ({ path: '/etc/fstab', line });

/** `fstab=no` on the kernel command line: systemd-fstab-generator(8). */
async function readsFstab(image: Image): Promise<boolean> {
  if (!(await image.stat('/boot'))) return true;
  const { words } = await readBootEntries(image);
  return !words.some(({ text }) => /^fstab=(?:0|no|n|false|f|off)$/i.test(text));
}

function isMounted(entry: FstabEntry, hasUnitFiles: boolean): boolean {
  const { mountPoint, type, options } = entry;
  if (!mountPoint.startsWith('/') || type === 'swap' || ofKernel.test(mountPoint)) return false;
  if (mountPoint === '/') return true;
  // An automount mounts on the first access, and so before anything below it is seen.
  return (hasUnitFiles && isAutomount(entry)) || !isSet(options, 'noauto', 'auto');
}

type Read = Pick<MountAtBoot, 'device' | 'type' | 'options' | 'certain' | 'evidence'> & {
  readonly mountPoint: string;
};

async function placed(image: Image, root: string, read: Read): Promise<MountAtBoot> {
  const { device, type, options, certain, evidence } = read;
  const path = read.mountPoint as GuestPath;
  const mountPoint = (await realPathOf(image, path)) ?? path;
  return {
    ...{ mountPoint, device, type, options, certain, evidence },
    content: contentOf({ ...read, mountPoint }, root, image),
  };
}

function contentOf({ mountPoint, device, type, options }: Read, root: string, image: Image): Content {
  if (mountPoint === '/' || unions.has(type)) return 'image';
  if (ofMemory.has(type)) return 'memory';
  if (options.some((option) => /^r?bind$/.test(option))) return 'bind';
  if (!/^(?:UUID|LABEL|PARTUUID|PARTLABEL)=|^\/dev\//.test(device)) return 'unknown';
  // The root was found on these disks, and what else is on them was mounted below it.
  if (image.disks?.find(device, mountPoint).state === 'present') return 'image';
  if (device === root) return 'image';
  return usual.test(mountPoint) && !isOtherDisk(device, root) ? 'image' : 'unknown';
}

/** Whether a device is, by its place among the disks, not the one with the root: /dev/xvdb1. An image is of one disk. */
export function isOtherDisk(device: string, root: string): boolean {
  const [spec, ofRoot] = [parseMountSpec(device), parseMountSpec(root)];
  if (spec?.kind !== 'disk') return false;
  return spec.disk !== (ofRoot?.kind === 'disk' ? ofRoot.disk : 0);
}

/** Mount units that are stronger than what systemd makes of fstab, or that fstab does not name; masked: no mount. */
async function unitsOf(
  image: Image,
  entries: readonly FstabEntry[],
): Promise<readonly { readonly name: string; readonly mount: Read | undefined }[]> {
  const found = new Map<string, Read | undefined>();
  const ofFstab = new Set(entries.map(({ mountPoint }) => escapePath(mountPoint, 'mount')));
  for (const folder of unitDirectories)
    for (const { name } of (await image.readDir(folder)) ?? []) {
      if (!name.endsWith('.mount') || unitsOfKernel.test(name) || found.has(name)) continue;
      // Generated units come after /etc, and before those of packages (systemd.unit(5), "Unit File Load Path").
      if (folder !== configDirectory && ofFstab.has(name)) continue;
      found.set(name, await mountUnit(image, join(folder, name)));
    }
  return [...found].map(([name, mount]) => ({ name, mount }));
}

async function mountUnit(image: Image, path: GuestPath): Promise<Read | undefined> {
  if ((await realPathOf(image, path)) === undefined) return undefined;
  const entry = await image.stat(path);
  if (entry?.type !== 'file' || entry.size === 0) return undefined;
  const settings = settingsOf(parseUnitFile((await image.readText(path)) ?? ''));
  const last = (key: string): (typeof settings)[number] | undefined =>
    settings.findLast((one) => one.section === 'Mount' && one.key === key);
  const where = last('Where');
  // "Where= setting doesn't match unit name. Refusing." (systemd-analyze verify)
  if (!where?.value.startsWith('/') || escapePath(where.value, 'mount') !== baseName(path)) return undefined;
  return {
    mountPoint: where.value === '/' ? '/' : where.value.replace(/\/+$/, ''),
    device: last('What')?.value ?? '',
    type: last('Type')?.value ?? '',
    options: (last('Options')?.value ?? '').split(','),
    certain: !settings.some(({ section, key }) => section === 'Unit' && /^(?:Condition|Assert)/.test(key)),
    evidence: { path, line: where.line },
  };
}

/** Whether a link starts a mount unit, or the automount of its name. */
async function isWanted(image: Image, name: string): Promise<boolean> {
  const names = [name, name.replace(/\.mount$/, '.automount')];
  for (const folder of unitDirectories)
    for (const { name: beside } of (await image.readDir(folder)) ?? []) {
      if (!/\.(?:wants|requires|upholds)$/.test(beside)) continue;
      for (const one of names) if (await image.lstat(join(join(folder, beside), one))) return true;
    }
  return false;
}
