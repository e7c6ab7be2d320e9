import { type FstabEntry, namesDevice, parseFstab } from '../formats/fstab.js';
import type { Disks, GuestPath, Image, Presence } from '../image/image.js';
import type { Fact } from './fact.js';
import { init } from './init/init.js';
import { initModules } from './init/init-modules.js';
import { isOtherDisk } from './mounts-at-boot.js';
import { hasContent, isOfTheRoot } from './mounts.js';

/** A file system without which the server does not boot, and that is not there, or not certain to be. */
export interface LostMount {
  readonly entry: FstabEntry;
  readonly presence: Exclude<Presence, { readonly state: 'present' }>;
}

/** Every one of them; undefined when the disks of the server are not at hand, and the image raises no doubt either. */
export const lostMounts: Fact<readonly LostMount[] | undefined> = {
  name: 'lost mounts',
  inputs: ['/etc/fstab', ...init.inputs],
  async gather(image, get) {
    const { disks } = image;
    const entries = parseFstab((await image.readText('/etc/fstab')) ?? '');
    const root = entries.find(({ mountPoint }) => mountPoint === '/')?.device ?? '';
    const lost: LostMount[] = [];
    for (const entry of entries) {
      // The root is here; that the boot loader finds it is not a matter of fstab.
      if (entry.mountPoint === '/' || !namesDevice(entry)) continue;
      const presence = disks ? onDisks(disks, entry) : await inImage(image, entry, root);
      if (!presence) continue;
      if (await initModules[(await get(init)).system].stopsWithout(entry, image))
        lost.push({ entry, presence });
    }
    return disks || lost.length > 0 ? lost : undefined;
  },
};

function onDisks(disks: Disks, { device, mountPoint }: FstabEntry): LostMount['presence'] | undefined {
  const presence = disks.find(device, mountPoint);
  return presence.state === 'present' ? undefined : presence;
}

/**
 * What an image says by itself: it is of the disk with the root, and what it has below a mount point is taken for that
 * file system's. An empty folder may be an empty file system.
 */
async function inImage(
  image: Image,
  { device, mountPoint }: FstabEntry,
  root: string,
): Promise<LostMount['presence'] | undefined> {
  const undecided = (because: string): LostMount['presence'] => ({ state: 'undecided', because });
  if (isOtherDisk(device, root))
    return undecided(`${device} is not on the disk of the root file system, which an image is of`);
  if (device === root || !mountPoint.startsWith('/') || isOfTheRoot(mountPoint)) return undefined;
  if (await hasContent(image, mountPoint as GuestPath)) return undefined;
  return undecided(
    `the image has nothing there, and ${device} may be on a disk that the next server does not have`,
  );
}
