import type { GuestPath } from '../../../images/image/image.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, quote } from './claim.js';
import { readable } from './unreadable.js';
import { type RunningGuest, look } from '../running-guest.js';

/** Where distributions keep it: hostname(5), and Red Hat's and SUSE's own. */
const files: readonly GuestPath[] = [
  '/etc/hostname',
  '/etc/HOSTNAME',
  '/etc/sysconfig/network',
  '/etc/conf.d/hostname',
];

/** Whether the guest bears the host name now, and will after its next boot. */
export async function hostNameClaims(guest: RunningGuest, expected: string): Promise<ProvenClaim[]> {
  const now = (await guest.machine.look('hostname', [])).stdout.trim();
  await using image = look(guest);
  const written = [];
  for (const path of files) {
    const text = await readable(image, path);
    if (text?.split(/[\s="']+/).includes(expected) === true) written.push(path);
  }
  return [
    claimed(
      'host-name',
      `the host name is ${expected}`,
      now === expected,
      `the kernel’s host name is ${quote(now)}`,
    ),
    claimed(
      'host-name-kept',
      `the host name ${expected} survives a reboot`,
      written.length > 0,
      written.length > 0 ? `it is in ${written.join(', ')}` : `none of ${files.join(', ')} contains it`,
    ),
  ];
}
