import { wordsOf } from '../../../../formats/unit-file.js';
import type { GuestPath } from '../../../../image/image.js';
import { textsIn } from '../../../texts.js';
import { allValues } from '../unit.js';
import type { Machine } from './answer.js';

const tmpfiles: readonly GuestPath[] = [
  '/etc/tmpfiles.d',
  '/usr/lib/tmpfiles.d',
  '/usr/local/lib/tmpfiles.d',
];

export const madeAtBootInputs = tmpfiles.map((directory) => `${directory}/*.conf`);

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
  for (const directory of tmpfiles) {
    for (const { text } of await textsIn(image, directory, (name) => name.endsWith('.conf'))) {
      if (text.split('\n').some((line) => makes(line, path))) return true;
    }
  }
  return false;
}

/** A line of tmpfiles.d(5) that creates, and does not merely remove or adjust. */
function makes(line: string, path: GuestPath): boolean {
  const [type = '', where = ''] = line.trim().split(/\s+/);
  return /^[fFwdDevqQpLcbC]/.test(type) && where.replace(/\/+$/, '') === path;
}
