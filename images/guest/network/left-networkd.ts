import { type KeyfileEntry, parseKeyfile } from '../../formats/keyfile.js';
import { matches } from '../../formats/wildcard.js';
import { link, remove } from '../../image/change.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { type LeftoverReader, type NetworkContext, type Owner, usualCards } from './leftover.js';
import { hasNetplan } from './left-netplan.js';

/** The strongest first: a file hides those of the same name in weaker directories (systemd.network(5)). */
const folders: readonly GuestPath[] = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

export const networkdInputs: readonly string[] = folders.map((folder) => `${folder}/*.network`);

/**
 * systemd-networkd applies to a card the first file by name, of all directories together, that fits it, and no other
 * (systemd.network(5), DESCRIPTION). cloud-init's are called 10-cloud-init-CARD.network (cloudinit/net/networkd.py),
 * netplan's 10-netplan-CARD.network: what sorts before them takes their place.
 */
export const networkd: LeftoverReader = {
  async find(image, context) {
    const enabled = context.services.find('systemd-networkd')?.state === 'enabled';
    const netplan = await hasNetplan(image);
    if (!enabled && !netplan) return [];
    return (await networks(image)).flatMap(({ path, entries }) => {
      const device = deviceOf(entries);
      if (device === undefined || /^10-(?:cloud-init|netplan)-/.test(baseName(path))) return [];
      const { gives, line } = given(entries);
      const places = (['cloud-init', 'nova-agent'] as const).flatMap((owner) => {
        const written = prefixOf(owner, context);
        if (written === 'nothing' || (written !== undefined && baseName(path) > written)) return [];
        return [{ owner, instead: written !== undefined }];
      });
      // Beside what another program reads, a card without addresses here keeps those that it has there.
      const harmed = places.filter(({ instead }) => instead || gives !== 'none');
      const [first] = harmed;
      if (!first) return [];
      const owners = harmed.map(({ owner }) => owner);
      const by = 'systemd-networkd' as const;
      return [{ path, line, device, usual: true, gives, by, instead: first.instead, owners }];
    });
  },
  async without(image, path) {
    const name = baseName(path);
    const place = join('/etc/systemd/network', name);
    const weaker = await Promise.all(folders.slice(1).map((folder) => image.lstat(join(folder, name))));
    return weaker.some((entry) => entry !== undefined)
      ? link(image, place, '/dev/null')
      : remove(image, place);
  },
};

/** What the files of an owner that systemd-networkd reads begin with; undefined when it reads none of its, "nothing" without the owner. */
function prefixOf(owner: Owner, { renderer, agent }: NetworkContext): string | undefined {
  if (owner === 'nova-agent') {
    if (agent.writes === undefined) return 'nothing';
    return agent.writes === 'netplan' ? '10-netplan-' : undefined;
  }
  if (renderer === undefined) return 'nothing';
  if (renderer === 'networkd') return '10-cloud-init-';
  return renderer === 'netplan' ? '10-netplan-' : undefined;
}

/** Conditions that only another card, another server or a virtual device fulfils, or of which the image knows nothing. */
const others = new Set([
  'MACAddress',
  'PermanentMACAddress',
  'Driver',
  'Path',
  'Property',
  'Kind',
  'WLANInterfaceType',
  'SSID',
  'BSSID',
  'Host',
  'Virtualization',
  'KernelCommandLine',
  'KernelVersion',
  'Credential',
  'Architecture',
  'Firmware',
]);

/** The card that a file is for, as it is written there; undefined when it is none that a cloud server surely has. */
function deviceOf(entries: readonly KeyfileEntry[]): string | undefined {
  const match = entries.filter(({ group, value }) => group === 'Match' && value !== '');
  if (match.some(({ key }) => others.has(key))) return undefined;
  const patterns = (...keys: string[]): string[] =>
    match.filter(({ key }) => keys.includes(key)).flatMap(({ value }) => value.split(/\s+/));
  const fits = (list: readonly string[], word: string): boolean => {
    const [first = ''] = list;
    const words = first.startsWith('!') ? [first.slice(1), ...list.slice(1)] : list;
    return words.some((pattern) => matches(pattern, word)) !== first.startsWith('!');
  };
  const [names, types] = [patterns('Name', 'OriginalName'), patterns('Type')];
  if (types.length > 0 && !fits(types, 'ether')) return undefined;
  if (names.length > 0 && !usualCards.some((each) => fits(names, each))) return undefined;
  return names.length > 0 ? names.join(' ') : 'every card';
}

function given(entries: readonly KeyfileEntry[]): {
  gives: 'address' | 'dhcp' | 'none';
  line: number | undefined;
} {
  const address = entries.find(
    ({ group, key, value }) =>
      value !== '' &&
      ((group === 'Network' && (key === 'Address' || key === 'Gateway')) ||
        (group === 'Address' && key === 'Address') ||
        (group === 'Route' && (key === 'Gateway' || key === 'Destination'))),
  );
  if (address) return { gives: 'address', line: address.line };
  const dhcp = entries.findLast(({ group, key }) => group === 'Network' && key === 'DHCP');
  if (dhcp && /^(?:yes|true|on|1|y|t|both|ipv4|ipv6|v4|v6)$/i.test(dhcp.value))
    return { gives: 'dhcp', line: dhcp.line };
  return { gives: 'none', line: undefined };
}

async function networks(
  image: Image,
): Promise<{ readonly path: GuestPath; readonly entries: readonly KeyfileEntry[] }[]> {
  const byName = new Map<string, GuestPath>();
  for (const folder of folders) {
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (name.endsWith('.network') && !byName.has(name)) byName.set(name, join(folder, name));
  }
  const found: { path: GuestPath; entries: readonly KeyfileEntry[] }[] = [];
  for (const path of byName.values()) {
    const entry = await image.stat(path);
    // A mask is a link to a device, or an empty file.
    if (entry?.type !== 'file' || entry.size === 0) continue;
    found.push({ path, entries: parseKeyfile((await image.readText(path)) ?? '') });
  }
  return found;
}
