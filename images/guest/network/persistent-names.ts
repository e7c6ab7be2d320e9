import { write } from '../../image/change.js';
import { splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';

/** A name that udev keeps for a network card of the source server. */
export interface PersistentName extends Evidence {
  readonly name: string;
}

const rules: GuestPath = '/etc/udev/rules.d/70-persistent-net.rules';

/** What adds a rule for every card that it has not seen: until udev 197 (Debian 8, Enterprise Linux 6). */
const generators: readonly GuestPath[] = [
  '/lib/udev/rules.d/75-persistent-net-generator.rules',
  '/usr/lib/udev/rules.d/75-persistent-net-generator.rules',
  '/etc/udev/rules.d/75-persistent-net-generator.rules',
];

/**
 * Names that are taken by hardware addresses of the source server: the generator gives the new server's first card the next
 * one, eth1. Without the generator such a rule fits no card and does nothing, as does a .link file with MACAddress=.
 */
export const persistentNames: Fact<readonly PersistentName[]> = {
  name: 'persistent-names',
  inputs: [rules],
  async gather(image) {
    const generates = await Promise.all(
      generators.map(async (path) => (await image.stat(path))?.type === 'file'),
    );
    if (!generates.includes(true) || (await image.stat(rules))?.type !== 'file') return [];
    return splitLines((await image.readText(rules)) ?? '').flatMap(({ text }, at) => {
      const name = /^[^#]*\bNAME="([^"]+)"/.exec(text)?.[1];
      return name !== undefined && /\b(?:ATTRS?|SYSFS)\{address\}=="/.test(text)
        ? [{ path: rules, line: at + 1, name }]
        : [];
    });
  },
};

/** Changes after which every card is named anew: the generator fills the empty file at the next boot. */
export async function withoutPersistentNames(image: Image): Promise<Change[]> {
  return write(image, (await image.realPath(rules)) ?? rules, '');
}
