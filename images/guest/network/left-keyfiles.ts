import { type KeyfileEntry, entryOf, parseKeyfile, setKey } from '../../formats/keyfile.js';
import { matches } from '../../formats/wildcard.js';
import { write } from '../../image/change.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { textAt, textsIn } from '../texts.js';
import {
  type LeftoverReader,
  type NetworkContext,
  type NetworkLeftover,
  type Owner,
  card,
  isUsual,
  usualCards,
} from './leftover.js';
import { refusal } from './profile-trust.js';

/** The strongest first; a profile hides those of its name in the weaker. */
const profileFolders: readonly GuestPath[] = [
  '/etc/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

const configFolders: readonly GuestPath[] = ['/usr/lib/NetworkManager/conf.d', '/etc/NetworkManager/conf.d'];
const mainConfig: GuestPath = '/etc/NetworkManager/NetworkManager.conf';

export const managerInputs: readonly string[] = [
  ...profileFolders.map((folder) => `${folder}/*`),
  mainConfig,
  ...configFolders.map((folder) => `${folder}/*.conf`),
];

/**
 * NetworkManager activates one profile of a card: of those that fit, the one with the highest autoconnect-priority, then
 * the one that was active last (nm-settings-nmcli(5), connection.autoconnect-priority). What cloud-init writes has a
 * priority since 23.3 (cloudinit/net/network_manager.py), and then wins over the profiles that have none.
 */
export const keyfiles: LeftoverReader = {
  async find(image, context) {
    const owners = ownersOf(context);
    if (owners.length === 0) return [];
    const unmanaged = await unmanagedCards(image);
    const found: NetworkLeftover[] = [];
    for (const { path, entries } of await profiles(image)) {
      const valueOf = (group: string, key: string): string | undefined => entryOf(entries, group, key)?.value;
      const type = valueOf('connection', 'type');
      if (type !== 'ethernet' && type !== '802-3-ethernet') continue;
      if (/^(?:false|0|no)$/i.test(valueOf('connection', 'autoconnect') ?? '')) continue;
      if (['controller', 'master', 'slave-type', 'port-type'].some((key) => valueOf('connection', key)))
        continue;
      if (['ethernet', '802-3-ethernet'].some((group) => valueOf(group, 'mac-address'))) continue;
      const device = deviceOf(valueOf);
      if (device === undefined || unmanaged(device.sample)) continue;
      const address = entries.find(
        ({ group, key }) => /^ipv[46]$/.test(group) && /^address(?:es)?\d*$/.test(key),
      );
      const auto = entries.find(
        ({ group, key, value }) => /^ipv[46]$/.test(group) && key === 'method' && value === 'auto',
      );
      const entry = address ?? auto;
      const priority = Number(valueOf('connection', 'autoconnect-priority') ?? 0);
      const left = owners.filter((owner) => owner !== 'cloud-init' || priority >= context.priority);
      if (!entry || left.length === 0) continue;
      found.push({
        ...{ path, line: entry.line, device: device.name, usual: isUsual(device.sample) },
        ...{ by: 'NetworkManager' as const, instead: true },
        gives: address ? ('address' as const) : ('dhcp' as const),
        owners: left,
        doubt: device.doubt ?? (await refusal(image, path)),
      });
    }
    return found;
  },
  async without(image, path) {
    const text = setKey((await image.readText(path)) ?? '', 'connection', 'autoconnect', 'false');
    const place = join('/etc/NetworkManager/system-connections', baseName(path));
    if (path !== place) return write(image, place, text, { mode: 0o600 });
    return write(image, (await image.realPath(path)) ?? path, text);
  },
};

/**
 * Whose cards NetworkManager configures. Those of ifupdown's files it leaves alone (NetworkManager.conf(5), ifupdown), as
 * it does those that an ifcfg file takes from it, and those that netplan gives to systemd-networkd.
 */
function ownersOf({ services, renderer, agent }: NetworkContext): Owner[] {
  const enabled = ['NetworkManager', 'network-manager'].some(
    (name) => services.find(name)?.state === 'enabled',
  );
  if (!enabled) return [];
  const cloud = renderer !== undefined && renderer !== 'eni' && renderer !== 'netplan';
  return [...(cloud ? (['cloud-init'] as const) : []), ...(agent.managed ? (['nova-agent'] as const) : [])];
}

/** The card that a profile is for: by its name, by patterns, or any. */
function deviceOf(
  valueOf: (group: string, key: string) => string | undefined,
): { readonly name: string; readonly sample: string; readonly doubt: string | undefined } | undefined {
  const name = valueOf('connection', 'interface-name');
  const list = (key: string): readonly string[] =>
    (valueOf('match', key) ?? '').split(/[;,\s]+/).filter(Boolean);
  if (!fits(list('driver'), ['vif']) || !fits(list('path'), ['xen-vif-0', 'xen-vif-1'])) return undefined;
  const patterns = list('interface-name');
  const named = name === undefined ? usualCards : [name].filter((each) => card.test(each));
  const sample = named.find((each) => fits(patterns, [each]));
  const asks = list('kernel-command-line').length > 0;
  const doubt = asks ? 'only the running server knows its kernel-command-line' : undefined;
  const words = name ?? valueOf('match', 'interface-name') ?? 'every card';
  return sample === undefined ? undefined : { name: words, sample, doubt };
}

/**
 * NetworkManager's nm_wildcard_match_check(), for a thing that may have one of several names: `&` makes a pattern one that
 * has to fit, `|` one of which any has to; `!` turns it round, and alone makes it one that has to (nm-settings(5), match).
 */
function fits(patterns: readonly string[], words: readonly string[]): boolean {
  return words.some((word) => {
    const judged = patterns.map((pattern) => {
      const [, sign = '', negation = '', rest = ''] = /^([&|]?)(!?)\\?(.*)$/s.exec(pattern) ?? [];
      const isMandatory = sign === '&' || (sign === '' && negation !== '');
      return { isMandatory, holds: matches(rest, word) === (negation === '') };
    });
    const optional = judged.filter(({ isMandatory }) => !isMandatory);
    return (
      judged.every(({ isMandatory, holds }) => holds || !isMandatory) &&
      (optional.length === 0 || optional.some(({ holds }) => holds))
    );
  });
}

/** Whether a card is taken from NetworkManager: `unmanaged-devices` (NetworkManager.conf(5), keyfile, "Device List Format"). */
async function unmanagedCards(image: Image): Promise<(device: string) => boolean> {
  const files = await textAt(image, mainConfig);
  for (const folder of configFolders)
    files.push(...(await textsIn(image, folder, (name) => name.endsWith('.conf'))));
  const specs = files
    .map(({ text }) => entryOf(parseKeyfile(text), 'keyfile', 'unmanaged-devices')?.value)
    .findLast((value) => value !== undefined);
  const words = (specs ?? '').split(/[;,]/).map((word) => word.trim());
  const fits = (word: string, device: string): boolean =>
    word === '*' ||
    word === 'type:ethernet' ||
    (word.startsWith('interface-name:') &&
      matches(word.slice('interface-name:'.length).replace(/^=/, ''), device));
  return (device) => {
    const excepted = words.some(
      (word) => word.startsWith('except:') && fits(word.slice('except:'.length), device),
    );
    return !excepted && words.some((word) => !word.startsWith('except:') && fits(word, device));
  };
}

async function profiles(
  image: Image,
): Promise<{ readonly path: GuestPath; readonly entries: readonly KeyfileEntry[] }[]> {
  const byName = new Map<string, { path: GuestPath; entries: readonly KeyfileEntry[] }>();
  for (const folder of profileFolders) {
    for (const { path, text } of await textsIn(image, folder, isProfile))
      if (!byName.has(baseName(path))) byName.set(baseName(path), { path, entries: parseKeyfile(text) });
  }
  return [...byName.values()].filter(({ path }) => !/^cloud-init-/.test(baseName(path)));
}

/** Hidden files and what editors and package managers leave behind are not read. */
function isProfile(name: string): boolean {
  return !name.startsWith('.') && !/(?:~|\.(?:bak|orig|rpmsave|rpmnew|rpmorig|swp|off))$/.test(name);
}
