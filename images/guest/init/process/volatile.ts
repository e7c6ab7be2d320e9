import { isAtOrBelow } from '../../../image/resolve.js';

/** Folders that are empty when a server boots, or filled by the kernel: what stands in them is not in the image. */
const folders = ['/run', '/var/run', '/tmp', '/dev', '/proc', '/sys'];

/** Whether a path is only made when the server runs, so that an image need not have it. */
export function madeAtBoot(path: string): boolean {
  return folders.some((folder) => isAtOrBelow(path, folder));
}
