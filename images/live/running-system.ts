import { statSync } from 'node:fs';
import type { Image, ImageKind } from '../image/image.js';
import type { Observation } from './observation.js';

/**
 * Whether an image is the system that is running, so that what runs tells of it; otherwise why it is not. What runs is
 * read from the kernel (/proc, /sys, device nodes), never from the image: whatever lies below the /proc of a mounted
 * root is not of this moment.
 */
export const runningSystem: Observation<true | string> = {
  name: 'running-system',
  gather: async (image) => isRunning(image),
};

/** Whether the files of an image are those of the system that is running. */
const isOfRunningSystem: Readonly<Record<ImageKind, boolean>> = {
  host: true,
  directory: false,
  tarball: false,
  memory: false,
};

/**
 * As {@link runningSystem}.
 * @param proc - where the kernel shows its processes
 */
export function isRunning({ kind, source }: Image, proc = '/proc'): true | string {
  if (!isOfRunningSystem[kind]) return `${source} is not the running system`;
  const own = rootOf(`${proc}/self`);
  if (own === undefined) return `${proc} does not show what is running`;
  // In a chroot the kernel's view is that of another system. Where we may not look (a container), it is taken to be ours.
  const first = rootOf(`${proc}/1`);
  return first === undefined || first === own || `${source} is a chroot: another system is running`;
}

/** A process's root directory as device and inode; undefined when it is gone, or may not be looked at. */
export function rootOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(`${folder}/root/`, { bigint: true });
    return `${dev}-${ino}`;
  } catch {
    return undefined;
  }
}
