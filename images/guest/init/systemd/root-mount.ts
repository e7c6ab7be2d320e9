import { isSet } from '../../../formats/fstab.js';
import type { GuestPath, Image } from '../../../image/image.js';
import type { RootMount } from '../init-module.js';
import { unitDirectories } from './search.js';

/** What has mount(8) remount the root, which goes by the last of ro and rw; without a line it does nothing. */
const remounting = 'systemd-remount-fs.service';

/** systemd-remount-fs.service(8). */
export const rootMount: RootMount = {
  asksReadOnly: async (image, options) =>
    isSet(options, 'ro', 'rw') || ((await maskOf(image)) ? undefined : false),
  mask: maskOf,
  staysWithoutLine: true,
};

async function maskOf(image: Image): Promise<GuestPath | undefined> {
  for (const folder of unitDirectories) {
    const path: GuestPath = `${folder}/${remounting}`;
    const entry = await image.lstat(path);
    if (entry) return entry.target === '/dev/null' || entry.size === 0 ? path : undefined;
  }
  return undefined;
}
