import { type KeyfileEntry, entryOf } from '../../formats/keyfile.js';
import type { Image } from '../../image/image.js';
import { bootOf } from '../init/systemd/boot.js';
import { kinds } from '../init/systemd/conditions/kinds.js';

/** What [Match] of a .netdev may ask of the host (systemd.netdev(5)); each is the condition of a unit that has its name. */
const keys = [
  'Host',
  'Virtualization',
  'KernelCommandLine',
  'KernelVersion',
  'Version',
  'Credential',
  'Architecture',
  'Firmware',
];

/**
 * Whether [Match] keeps systemd-networkd from making the device, for certain. Of several lines of a kind the last counts,
 * an empty one asks nothing, and all kinds have to hold (conf-parser.c, config_parse_net_condition()).
 */
export async function isKeptOff(image: Image, entries: readonly KeyfileEntry[]): Promise<boolean> {
  const asked = keys.flatMap((key) => {
    const value = entryOf(entries, 'Match', key)?.value ?? '';
    return value === '' ? [] : [{ key, value }];
  });
  if (asked.length === 0) return false;
  const boot = await bootOf(image);
  const machine = { image, boot, words: boot.words.written };
  for (const { key, value } of asked) {
    const negated = value.startsWith('!');
    const answer = await kinds[key]?.(negated ? value.slice(1) : value, machine);
    if (answer?.holds === negated) return true;
  }
  return false;
}
