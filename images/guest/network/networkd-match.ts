import type { KeyfileEntry } from '../../formats/keyfile.js';
import { matches } from '../../formats/wildcard.js';
import type { Image } from '../../image/image.js';
import { matchHost } from '../init/systemd/conditions/match.js';
import { usualCards } from './leftover.js';

/** What a [Match] section says of the first network cards of a cloud server. */
export interface CardMatch {
  /** The card, as it is written there. */
  readonly device: string;
  /** In words that follow "but", when only the running server knows whether the file is for it. */
  readonly doubt: string | undefined;
}

/** Keys that name another card or another server, or what no Ethernet card has. */
const others = ['MACAddress', 'PermanentMACAddress', 'WLANInterfaceType', 'SSID', 'BSSID'];

/**
 * What udev and the kernel say of a network card of Xen: its driver is registered as vif (drivers/xen/xenbus of Linux,
 * after its type), its path ends at the device of Xen's bus (udev-builtin-path_id.c), and it has no kind.
 */
const traits: Readonly<Record<string, readonly string[]>> = {
  Driver: ['vif'],
  Path: ['xen-vif-0', 'xen-vif-1'],
  Type: ['ether'],
  Kind: [],
};

/** The card that a [Match] section is for; undefined when it is none of a cloud server's first cards (systemd.network(5)). */
export async function cardOf(image: Image, entries: readonly KeyfileEntry[]): Promise<CardMatch | undefined> {
  const match = entries.filter(({ group }) => group === 'Match');
  const listOf = (...keys: string[]): readonly string[] =>
    patterns(match.filter(({ key }) => keys.includes(key)));
  if (others.some((key) => listOf(key).length > 0)) return undefined;
  const names = listOf('Name', 'OriginalName');
  if (!usualCards.some((each) => fits(names, [each]))) return undefined;
  for (const [key, values] of Object.entries(traits)) if (!fits(listOf(key), values)) return undefined;
  const host = await matchHost(image, entries);
  if (!host.fits) return undefined;
  const doubts = [...(listOf('Property').length > 0 ? ['Property'] : []), ...host.open].map(
    (key) => `${key}=`,
  );
  return {
    device: names.length > 0 ? names.join(' ') : 'every card',
    doubt:
      doubts.length > 0 ? `only the running server knows whether ${doubts.join(' and ')} fits` : undefined,
  };
}

/** The patterns of lists that are joined; an empty line forgets those before it, a `!` is for all words of its line. */
function patterns(entries: readonly KeyfileEntry[]): readonly string[] {
  let list: string[] = [];
  for (const { value } of entries) {
    if (value === '') list = [];
    const negation = value.startsWith('!') ? '!' : '';
    for (const word of value.slice(negation.length).split(/\s+/).filter(Boolean)) list.push(negation + word);
  }
  return list;
}

/** systemd's net_condition_test_strv() (shared/net-condition.c), for a thing that may have several names or none. */
function fits(list: readonly string[], words: readonly string[]): boolean {
  const any = (pattern: string): boolean => words.some((word) => matches(pattern, word));
  if (list.some((pattern) => pattern.startsWith('!') && any(pattern.slice(1)))) return false;
  const wanted = list.filter((pattern) => !pattern.startsWith('!'));
  return wanted.length === 0 || wanted.some(any);
}
