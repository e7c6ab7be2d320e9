import { type KeyfileEntry, entryOf } from '../../../../formats/keyfile.js';
import type { Image } from '../../../../image/image.js';
import { bootOf } from '../boot.js';
import type { Answer, Machine } from './answer.js';
import { kinds } from './kinds.js';

/**
 * What [Match] of systemd-networkd's files may ask of the host (systemd.network(5), systemd.netdev(5)); each is the
 * condition of a unit that has its name.
 */
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

/** How what is asked of the host is answered. */
export interface HostMatch {
  /** false when one thing does not hold, for certain. */
  readonly fits: boolean;
  /** The keys that only the running server can answer. */
  readonly open: readonly string[];
}

/**
 * Asks the host of the image what a [Match] section asks. Of several lines of a kind the last counts, an empty one asks
 * nothing, and all kinds have to hold (conf-parser.c, config_parse_net_condition()).
 */
export async function matchHost(image: Image, entries: readonly KeyfileEntry[]): Promise<HostMatch> {
  const asked = keys.flatMap((key) => {
    const value = entryOf(entries, 'Match', key)?.value ?? '';
    return value === '' ? [] : [{ key, value }];
  });
  if (asked.length === 0) return { fits: true, open: [] };
  const boot = await bootOf(image);
  const machine = { image, boot, words: boot.words.written };
  const open: string[] = [];
  for (const { key, value } of asked) {
    const negated = value.startsWith('!');
    const parameter = value.slice(negated ? 1 : 0).trimStart();
    const answer = isDoubtful(key, parameter, machine) ? undefined : await kinds[key]?.(parameter, machine);
    if (isRefused(answer, negated)) return { fits: false, open: [] };
    if (answer?.holds === undefined) open.push(key);
  }
  return { fits: true, open };
}

/** What cannot be parsed does not hold, negated or not. */
function isRefused(answer: Answer | undefined, negated: boolean): boolean {
  return answer?.invalid === true || answer?.holds === negated;
}

/** Whether only some of the boot entries have the word. */
function isDoubtful(key: string, parameter: string, { boot, words }: Machine): boolean {
  const has = (list: readonly string[]): boolean =>
    list.some((word) => word === parameter || (!parameter.includes('=') && word.startsWith(`${parameter}=`)));
  return key === 'KernelCommandLine' && !has(words) && has(boot.words.doubtful.map(({ text }) => text));
}
