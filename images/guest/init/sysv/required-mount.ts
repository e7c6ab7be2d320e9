import { type FstabEntry, isOptional } from '../../../formats/fstab.js';
import type { Image } from '../../../image/image.js';
import { firstThere } from '../first-program.js';

/**
 * Whether `fsck -A` fails for want of a device: checkfs.sh of Debian and rc.sysinit of Red Hat then start sulogin and wait
 * for somebody. What only cannot be mounted does not stop them. fsck(8) asks neither noauto nor the network; it passes
 * over pass number 0, `nofail`, the type `auto`, lists of types, and types that have no checker (tried with util-linux
 * 2.38; rc.sysinit adds `-t noopts=_netdev`).
 */
export async function fsckFails(entry: FstabEntry, image: Image): Promise<boolean> {
  const { type, pass, options } = entry;
  if (pass === 0 || isOptional(entry) || options.includes('_netdev')) return false;
  if (type === 'auto' || type === 'swap' || !/^\w+$/.test(type)) return false;
  return (await firstThere(image, [`/sbin/fsck.${type}`, `/usr/sbin/fsck.${type}`])) !== undefined;
}
