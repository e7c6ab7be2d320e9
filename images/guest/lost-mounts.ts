import { type FstabEntry, namesDevice, parseFstab } from '../formats/fstab.js';
import type { Presence } from '../image/image.js';
import type { Fact } from './fact.js';
import { init } from './init/init.js';
import { initModules } from './init/init-modules.js';

/** A file system without which the server does not boot, and that is not there, or not certain to be. */
export interface LostMount {
  readonly entry: FstabEntry;
  readonly presence: Exclude<Presence, { readonly state: 'present' }>;
}

/** Every one of them; undefined when the disks of the server are not at hand. */
export const lostMounts: Fact<readonly LostMount[] | undefined> = {
  name: 'lost mounts',
  inputs: ['/etc/fstab', ...init.inputs],
  async gather(image, get) {
    const { disks } = image;
    if (!disks) return undefined;
    const lost: LostMount[] = [];
    for (const entry of parseFstab((await image.readText('/etc/fstab')) ?? '')) {
      // The root is here; that the boot loader finds it is not a matter of fstab.
      if (entry.mountPoint === '/' || !namesDevice(entry)) continue;
      const presence = disks.find(entry.device, entry.mountPoint);
      if (presence.state === 'present') continue;
      if (await initModules[(await get(init)).system].stopsWithout(entry, image))
        lost.push({ entry, presence });
    }
    return lost;
  },
};
