import { type EntrySource, commandLines } from '../../formats/kernel-cmdline.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { join } from '../../image/resolve.js';
import type { Fact } from '../fact.js';
import { type GuestText, textAt, textsIn } from '../texts.js';
import { type BootEntry, type BootMenu, type BootWord, isForRepair } from './entry.js';
import { grubLegacyMenu } from './grub-legacy.js';
import { grubMenu } from './grub.js';
import { loaderFileInputs } from './loader-files.js';
import { systemdBootMenu } from './loader-entries.js';
import { syslinuxMenu } from './syslinux.js';

/** What the boot loaders of the guest give the kernel. Which of several loaders runs is not in the image. */
export interface BootEntries {
  /** One for each loader that has an entry. */
  readonly menus: readonly BootMenu[];
  /** Words of what each of the loaders boots by itself, in their order: the next boot has them. */
  readonly words: readonly BootWord[];
  /** Words of which this is not so: another loader boots without them, or a person has to choose. */
  readonly doubtful: readonly BootWord[];
  /** Words that no entry has, but that entries which are made later will have. */
  readonly pending: readonly BootWord[];
  /** Unified kernel images, whose command line is inside; given only where there is no other entry. */
  readonly unified: readonly GuestPath[];
}

/** Where the EFI system partition is mounted. */
export const efiPartition: GuestPath = '/boot/efi';

/** Where `loader/entries` or `EFI` may lie: kernel-install(8) and bootctl(1) take the first of these mount points. */
const partitions: readonly GuestPath[] = ['/efi', '/boot', efiPartition];

const grubFiles: readonly GuestPath[] = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];
const legacyFiles: readonly GuestPath[] = ['/boot/grub/menu.lst', '/boot/grub/grub.conf'];
const syslinuxFiles: readonly GuestPath[] = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
  '/boot/syslinux/extlinux.conf',
  '/boot/syslinux.cfg',
  '/extlinux.conf',
  '/syslinux.cfg',
  '/syslinux/syslinux.cfg',
];

/** What entries are made from, by its syntax. */
const sources: readonly (readonly [GuestPath, EntrySource])[] = [
  ['/etc/default/grub', 'variables'],
  ['/etc/default/extlinux', 'variables'],
  ['/etc/default/u-boot', 'variables'],
  ['/etc/sysconfig/bootloader', 'variables'],
  ['/boot/grub/menu.lst', 'legacy-comments'],
  ['/etc/kernel/cmdline', 'plain'],
];
const sourceFolder: GuestPath = '/etc/default/grub.d';

export const bootEntryInputs: readonly Input[] = [
  ...loaderFileInputs,
  ...syslinuxFiles,
  '/boot/grub/menu.lst',
  '/boot/grub/default',
  ...sources.map(([path]) => path),
  `${sourceFolder}/*.cfg`,
];

/** {@link readBootEntries}, once for all that ask. */
export const bootEntries: Fact<BootEntries> = {
  name: 'boot-entries',
  inputs: bootEntryInputs,
  gather: (image) => readBootEntries(image),
};

const known = new WeakMap<Image, Promise<BootEntries>>();

/**
 * What the boot loaders give the kernel; read once for each image. /etc/default/grub and the like are not it: entries are
 * only made from them.
 */
export function readBootEntries(image: Image): Promise<BootEntries> {
  const read = known.get(image) ?? entriesOf(image);
  known.set(image, read);
  return read;
}

async function entriesOf(image: Image): Promise<BootEntries> {
  const menus = await menusOf(image);
  const chosen = menus.flatMap((menu) => menu.chosen ?? []);
  const [first, ...others] = chosen;
  const isSure = ({ text }: BootWord): boolean =>
    others.every(({ words }) => words.some((word) => word.text === text));
  const doubtful = [
    ...chosen.flatMap(({ words }) => words).filter((word) => !isSure(word)),
    ...menus.flatMap(candidates).flatMap(({ words }) => words),
  ].filter(({ text }) => !first?.words.some((word) => word.text === text && isSure(word)));
  return {
    menus,
    words: first?.words.filter(isSure) ?? [],
    doubtful,
    pending: await pendingWords(image, menus),
    unified: menus.length > 0 ? [] : await unifiedImages(image),
  };
}

async function pendingWords(image: Image, menus: readonly BootMenu[]): Promise<BootWord[]> {
  const present = new Set(
    menus.flatMap(({ entries }) => entries).flatMap(({ words }) => words.map(({ text }) => text)),
  );
  return (await entrySources(image)).flatMap(({ path, text, syntax }) =>
    commandLines(text, syntax).flatMap(({ words, line }) =>
      words.filter((word) => !present.has(word)).map((word) => ({ text: word, evidence: { path, line } })),
    ),
  );
}

/** What a person may choose where the menu waits, besides what is chosen anyway. */
function candidates({ waits, entries, chosen }: BootMenu): readonly BootEntry[] {
  return waits ? entries.filter((entry) => entry !== chosen && !isForRepair(entry)) : [];
}

async function menusOf(image: Image): Promise<BootMenu[]> {
  const menus: BootMenu[] = [];
  const seen = new Set<GuestPath>();
  const once = async (
    path: GuestPath,
    read: (path: GuestPath) => Promise<BootMenu | undefined>,
  ): Promise<void> => {
    const real = await image.realPath(path);
    if (!real || seen.has(real)) return;
    seen.add(real);
    const menu = await read(path);
    const at = menu?.chosen?.evidence;
    const known = menus.some(
      ({ chosen }) => chosen?.evidence.path === at?.path && chosen?.evidence.line === at?.line,
    );
    if (menu && at && !known) menus.push(menu);
  };
  const names = async (folder: GuestPath): Promise<readonly string[]> =>
    ((await image.readDir(folder)) ?? []).map(({ name }) => name);
  for (const path of grubFiles) await once(path, (file) => grubMenu(image, file));
  for (const partition of partitions) {
    const folder = join(partition, 'EFI');
    for (const name of await names(folder))
      await once(join(join(folder, name), 'grub.cfg'), (file) => grubMenu(image, file));
  }
  for (const path of legacyFiles) await once(path, (file) => grubLegacyMenu(image, file));
  for (const path of syslinuxFiles) await once(path, (file) => syslinuxMenu(image, file));
  for (const partition of partitions) {
    const entries = join(partition, 'loader/entries');
    if (await isOfSystemdBoot(image, partition, menus))
      await once(entries, () => systemdBootMenu(image, partition));
  }
  return menus;
}

/** Fedora's entries are GRUB's, unless systemd-boot is there as well. */
async function isOfSystemdBoot(
  image: Image,
  partition: GuestPath,
  menus: readonly BootMenu[],
): Promise<boolean> {
  if (menus.length === 0) return true;
  if (await image.stat(join(partition, 'loader/loader.conf'))) return true;
  for (const place of partitions) if (await image.stat(join(place, 'EFI/systemd'))) return true;
  return false;
}

async function unifiedImages(image: Image): Promise<GuestPath[]> {
  const found: GuestPath[] = [];
  for (const partition of partitions) {
    const folder = join(partition, 'EFI/Linux');
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (/\.efi$/i.test(name)) found.push(join(folder, name));
  }
  return found;
}

/** A kernel command line that the next boot may have. */
interface BootLine {
  readonly path: GuestPath;
  readonly line: number;
  readonly words: readonly string[];
}

/** The command lines that the next boot may have: of each loader what it boots by itself, and what a person may choose. */
export async function bootLines(image: Image): Promise<BootLine[]> {
  const { menus } = await readBootEntries(image);
  return menus
    .flatMap((menu) => [...(menu.chosen ? [menu.chosen] : []), ...candidates(menu)])
    .map(({ evidence, words }) => ({ ...evidence, words: words.map(({ text }) => text) }));
}

/** A file that boot entries are made from. */
interface SourceFile extends GuestText {
  readonly syntax: EntrySource;
}

/** The files that the next update of the kernel or of the loader makes entries from; each once. */
export async function entrySources(image: Image): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const [path, syntax] of sources)
    found.push(...(await textAt(image, path)).map((text) => ({ ...text, syntax })));
  for (const text of await textsIn(image, sourceFolder, (name) => name.endsWith('.cfg')))
    found.push({ ...text, syntax: 'variables' });
  return found;
}
