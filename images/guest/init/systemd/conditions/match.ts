import { type KeyfileEntry, entryOf } from '../../../../formats/keyfile.js';
import type { Image } from '../../../../image/image.js';
import { readBootEntries } from '../../../boot/entries.js';
import type { BootWord } from '../../../boot/entry.js';
import type { Answer } from './answer.js';
import { hostKinds } from './kinds.js';

/** How what is asked of the host is answered. */
export interface HostMatch {
  /** false when one thing does not hold, for certain. */
  readonly fits: boolean;
  /** The keys that only the running server can answer. */
  readonly open: readonly string[];
}

/**
 * Asks the host of the image what a [Match] section asks (systemd.network(5), systemd.netdev(5)). Of several lines of a kind the last counts, an empty one asks
 * nothing, and all kinds have to hold (conf-parser.c, config_parse_net_condition()).
 */
export async function matchHost(image: Image, entries: readonly KeyfileEntry[]): Promise<HostMatch> {
  const asked = Object.keys(hostKinds).flatMap((key) => {
    const value = entryOf(entries, 'Match', key)?.value ?? '';
    return value === '' ? [] : [{ key, value }];
  });
  if (asked.length === 0) return { fits: true, open: [] };
  const { words, doubtful } = await readBootEntries(image);
  const host = { image, words: words.map(({ text }) => text) };
  const open: string[] = [];
  for (const { key, value } of asked) {
    const negated = value.startsWith('!');
    const parameter = value.slice(negated ? 1 : 0).trimStart();
    const isOpen = key === 'KernelCommandLine' && isDoubtful(parameter, host.words, doubtful);
    const answer = isOpen ? undefined : await hostKinds[key]?.(parameter, host);
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
function isDoubtful(parameter: string, words: readonly string[], doubtful: readonly BootWord[]): boolean {
  const fits = (word: string): boolean =>
    word === parameter || (!parameter.includes('=') && word.startsWith(`${parameter}=`));
  return !words.some(fits) && doubtful.some(({ text }) => fits(text));
}
