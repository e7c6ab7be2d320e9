import { type BootConfig, commandLines } from '../../formats/kernel-cmdline.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { type GuestText, textAt, textsIn } from '../texts.js';
import { join } from '../../image/resolve.js';

/** A kernel command line that this guest may boot with. */
export interface BootLine {
  readonly path: GuestPath;
  readonly line: number;
  readonly words: readonly string[];
}

/** A file with kernel command lines. */
export interface BootFile extends GuestText {
  readonly syntax: BootConfig;
}

const files: readonly (readonly [GuestPath, BootConfig])[] = [
  ['/boot/grub/grub.cfg', 'grub'],
  ['/boot/grub2/grub.cfg', 'grub'],
  ['/boot/grub/menu.lst', 'grub'],
  ['/boot/grub/grub.conf', 'grub'],
  ['/boot/grub/grubenv', 'grubenv'],
  ['/boot/grub2/grubenv', 'grubenv'],
  ['/boot/extlinux/extlinux.conf', 'syslinux'],
  ['/boot/syslinux/syslinux.cfg', 'syslinux'],
  ['/etc/default/grub', 'grub-default'],
  ['/etc/kernel/cmdline', 'plain'],
];

const directories: readonly (readonly [GuestPath, string, BootConfig])[] = [
  ['/boot/loader/entries', '.conf', 'bls'],
  ['/etc/default/grub.d', '.cfg', 'grub-default'],
];

/** Where the EFI system partition is mounted. */
export const efiPartition: GuestPath = '/boot/efi';

/** Where each vendor's GRUB on an EFI system partition has its files. */
const efi: GuestPath = `${efiPartition}/EFI`;

/** The syntaxes of boot entries themselves; the others are what such entries are made from or refer to. */
const ofEntries: ReadonlySet<BootConfig> = new Set(['grub', 'bls', 'syslinux']);

export const bootLineInputs: readonly Input[] = [
  ...files.map(([path]) => path),
  ...directories.map(([directory, suffix]) => `${directory}/*${suffix}`),
  `${efi}/*/grub.cfg`,
  `${efi}/*/grubenv`,
];

/**
 * Every file that has kernel command lines. Which entry the boot loader will choose is not known before it runs, so
 * all of them count; /etc/default/grub counts because the next kernel makes grub.cfg anew from it. A file that is
 * reached by two names is given once.
 */
export async function bootFiles(image: Image): Promise<BootFile[]> {
  const found: BootFile[] = [];
  const add = (texts: readonly GuestText[], syntax: BootConfig): void => {
    found.push(...texts.map((text) => ({ ...text, syntax })));
  };
  for (const [path, syntax] of files) add(await textAt(image, path), syntax);
  for (const [directory, suffix, syntax] of directories) {
    add(await textsIn(image, directory, (name) => name.endsWith(suffix)), syntax);
  }
  for (const { name } of (await image.readDir(efi)) ?? []) {
    add(await textAt(image, join(join(efi, name), 'grub.cfg')), 'grub');
    add(await textAt(image, join(join(efi, name), 'grubenv')), 'grubenv');
  }
  const seen = new Set<GuestPath | undefined>();
  const once: BootFile[] = [];
  for (const file of found) {
    const real = await image.realPath(file.path);
    if (!seen.has(real)) once.push(file);
    seen.add(real);
  }
  return once;
}

/** Every kernel command line of the guest. */
export async function bootLines(image: Image): Promise<BootLine[]> {
  const all = await bootFiles(image);
  return all.flatMap(({ path, text, syntax }) =>
    commandLines(text, syntax).map((found) => ({ path, ...found })),
  );
}

/** Whether a boot entry lies elsewhere than on the EFI system partition, which may hold nothing but the loader. */
export async function hasOwnEntries(image: Image): Promise<boolean> {
  for (const { path, text, syntax } of await bootFiles(image)) {
    if (path.startsWith(`${efi}/`) || !ofEntries.has(syntax)) continue;
    if (commandLines(text, syntax).length > 0) return true;
  }
  return false;
}
