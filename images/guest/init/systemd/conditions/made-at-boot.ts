import { wordsOf } from '../../../../formats/unit-file.js';
import type { GuestPath } from '../../../../image/image.js';
import { isNamedByTmpfiles } from '../../tmpfiles.js';
import { allValues } from '../unit.js';
import type { Machine } from './answer.js';

/** Directories that a service has systemd make for it (systemd.exec(5)). */
const ofServices = [
  ['StateDirectory', '/var/lib'],
  ['CacheDirectory', '/var/cache'],
  ['LogsDirectory', '/var/log'],
  ['ConfigurationDirectory', '/etc'],
] as const;

/** Whether a path that the image lacks is made by what a boot does before or beside its services. */
export async function isMadeAtBoot(path: GuestPath, { image, boot }: Machine): Promise<boolean> {
  // cloud-init's state, and the keys that it or a service of the distribution makes for a new server.
  if (/^\/var\/lib\/cloud(?:\/|$)|^\/etc\/ssh\/ssh_host_/.test(path)) return true;
  for (const { unit } of boot.transaction.members.values()) {
    for (const [key, prefix] of ofServices) {
      const words = allValues(unit, 'Service', key).flatMap(({ value }) => wordsOf(value));
      if (words.some((word) => `${prefix}/${word.replace(/:.*$/s, '')}` === path)) return true;
    }
  }
  return isNamedByTmpfiles(image, path);
}
