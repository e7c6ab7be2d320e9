import type { Disks, Presence } from '../../images/image/image.js';

/** The disks of a server that hold these file systems, as fstab names them, and no others unless `others` says more of one. */
export function disksWith(held: readonly string[], others: Readonly<Record<string, Presence>> = {}): Disks {
  return {
    find: (device) =>
      held.includes(device)
        ? { state: 'present' }
        : (others[device] ?? { state: 'absent', because: `${device} is on none of the disks` }),
  };
}
