import { isSet } from '../../../formats/fstab.js';
import type { RootMount } from '../init-module.js';
import { maskOf } from './keep-off.js';

/** What has mount(8) remount the root, which goes by the last of ro and rw; without a line it does nothing. */
const remounting = 'systemd-remount-fs.service';

/** systemd-remount-fs.service(8). */
export const rootMount: RootMount = {
  asksReadOnly: async (image, options) =>
    isSet(options, 'ro', 'rw') || ((await maskOf(image, remounting)) ? undefined : false),
  mask: (image) => maskOf(image, remounting),
  staysWithoutLine: true,
};
