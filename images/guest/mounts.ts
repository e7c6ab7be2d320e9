import { ImageError } from '../base/errors.js';
import { type FstabEntry, isAutomount, isOptional, isSet, parseFstab } from '../formats/fstab.js';
import type { GuestPath, Image } from '../image/image.js';
import { bootEntryInputs, efiPartition, readBootEntries } from './boot/entries.js';
import type { Fact } from './fact.js';

/**
 * Folders that the facts go by and that are never empty on a server that has booted. /var/log and /usr/local are not
 * among them: those can be. The EFI system partition counts only when no boot entry lies elsewhere.
 */
const needed: readonly GuestPath[] = ['/boot', efiPartition, '/usr', '/var', '/var/lib'];

/** File systems that are made anew at each boot: what is below them is not the image's. */
export const ofMemory: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'zram']);

/**
 * The file systems of their own among the folders that the rules go by, all of them in the image. Throws ImageError code
 * `not-mounted` when one is not: its empty mount point would pass for a guest without packages, VPNs or kernel arguments.
 */
export const mounts: Fact<readonly FstabEntry[]> = {
  name: 'mounts',
  inputs: ['/etc/fstab', ...bootEntryInputs],
  async gather(image) {
    const entries = parseFstab((await image.readText('/etc/fstab')) ?? '').filter(isNeeded);
    const present: FstabEntry[] = [];
    for (const entry of entries) {
      const { mountPoint, line, device } = entry;
      if (await hasContent(image, mountPoint as GuestPath)) {
        present.push(entry);
        continue;
      }
      if (mountPoint === efiPartition && (await readBootEntries(image)).menus.length > 0) continue;
      if (goesWithout(entry, image)) continue;
      throw new ImageError(
        'not-mounted',
        `${mountPoint} is a separate file system (/etc/fstab, line ${line}) that the image does not contain`,
        { hint: `Mount ${device} there (in a rescue system, below the mounted root), and run again.` },
      );
    }
    return present;
  },
};

function isNeeded(entry: FstabEntry): boolean {
  const { mountPoint, type } = entry;
  return needed.some((path) => path === mountPoint) && !ofMemory.has(type) && isMounted(entry);
}

/** Whether a boot mounts it: systemd does so on the first access when it is an automount, even with `noauto`. */
export function isMounted(entry: FstabEntry): boolean {
  return isAutomount(entry) || !isSet(entry.options, 'noauto', 'auto');
}

/** Whether a mount point is one that {@link mounts} asks for itself, or another place of the EFI system partition. */
export function isOfTheRoot(mountPoint: string): boolean {
  return mountPoint === '/efi' || needed.some((path) => path === mountPoint);
}

/** Whether the server boots with the mount point as it is: what belongs there is gone, and may be. */
function goesWithout(entry: FstabEntry, { disks }: Image): boolean {
  const state = disks?.find(entry.device, entry.mountPoint).state;
  return isOptional(entry) && (state === 'absent' || state === 'not-mounted');
}

/** Whether an image has anything in a folder. */
export async function hasContent(image: Image, folder: GuestPath): Promise<boolean> {
  return ((await image.readDir(folder)) ?? []).length > 0;
}
