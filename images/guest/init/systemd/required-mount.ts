import { type FstabEntry, isAutomount, isOptional, isSet } from '../../../formats/fstab.js';
import type { Image } from '../../../image/image.js';
import { isNetworkMount } from './fstab-generator.js';
import { escapePath } from './names.js';

/**
 * Whether local-fs.target requires a mount. A missing device is waited for (90 s unless x-systemd.device-timeout= says
 * otherwise); then local-fs.target fails, whose OnFailure= is emergency.target: no service starts. Swap belongs to
 * swap.target, which sysinit.target only wants, and a share of the network to remote-fs.target, which multi-user.target
 * only wants: the boot goes on without them (systemd-fstab-generator(8), systemd.mount(5), bootup(7)).
 */
export async function localFilesRequire(entry: FstabEntry, image: Image): Promise<boolean> {
  const { mountPoint, type, options } = entry;
  if (type === 'swap' || type === 'autofs' || !mountPoint.startsWith('/')) return false;
  if (isSet(options, 'noauto', 'auto') || isOptional(entry) || isAutomount(entry)) return false;
  if (isNetworkMount(type, options.join(','))) return false;
  // Then it is of these units instead of local-fs.target.
  if (options.some((option) => /^x-systemd\.(?:wanted|required)-by=/.test(option))) return false;
  // An administrator's unit takes the place of the line, and a mask takes it out of the boot.
  return !(await image.lstat(`/etc/systemd/system/${escapePath(mountPoint, 'mount')}`));
}
