import { link, remove, write } from '../../image/change.js';
import { entryOf, parseKeyfile } from '../../formats/keyfile.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { matches } from '../../formats/wildcard.js';
import { baseName, join } from '../../image/resolve.js';
import type { Vpn } from './vpn.js';
import type { Mechanism } from './mechanism.js';
import { matchHost } from '../init/systemd/conditions/match.js';

/** The strongest first: a file hides those of the same name in weaker directories (systemd.netdev(5)). */
const directories: readonly GuestPath[] = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

/**
 * Kinds of a netdev that carry a network through another, and whether they lack an address of the link layer: that of a
 * tunnel over IP is the address of the network below (`addr_len` of its driver in Linux).
 */
const kinds: ReadonlyMap<string, boolean> = new Map([
  ['tun', true],
  ['tap', false],
  ['wireguard', true],
  ['gre', false],
  ['ip6gre', false],
  ['gretap', false],
  ['ip6gretap', false],
  ['erspan', false],
  ['ipip', false],
  ['sit', false],
  ['ip6tnl', false],
  ['vti', false],
  ['vti6', false],
  ['xfrm', false],
  ['l2tp', false],
]);

/** systemd-networkd makes every device of a .netdev file as soon as it runs. */
export const networkd: Mechanism = {
  inputs: directories.flatMap((directory) => [`${directory}/*.netdev`, `${directory}/*.network`]),
  async find({ image, services }) {
    if (services.find('systemd-networkd')?.state !== 'enabled') return [];
    const found: Vpn[] = [];
    for (const path of await filesInForce(image, '.netdev')) {
      const entries = parseKeyfile((await image.readText(path)) ?? '');
      const kind = entryOf(entries, 'NetDev', 'Kind');
      const tunnelLink = kind && kinds.get(kind.value);
      if (!kind || tunnelLink === undefined || !(await matchHost(image, entries)).fits) continue;
      const name = entryOf(entries, 'NetDev', 'Name')?.value ?? baseName(path);
      if (await staysDown(image, name)) continue;
      found.push({
        product: kind.value === 'wireguard' ? 'wireguard' : 'networkd',
        name,
        evidence: { path, line: kind.line },
        how: `systemd-networkd creates a device of kind ${kind.value}`,
        tunnelLink,
        disable: (now) => putAway(now, baseName(path)),
      });
    }
    return found;
  },
};

/**
 * The names of the tunnels that systemd-networkd makes, or made before their files were put away: the devices outlive
 * those.
 */
export async function netdevTunnels(image: Image): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const directory of [...directories, '/run/systemd/network'] as const) {
    for (const { name: file } of (await image.readDir(directory)) ?? []) {
      const path = join(directory, file);
      // A mask is a link to a device.
      if (!/\.netdev(?:\.off)?$/.test(file) || (await image.stat(path))?.type !== 'file') continue;
      const entries = parseKeyfile((await image.readText(path)) ?? '');
      const name = entryOf(entries, 'NetDev', 'Name')?.value;
      if (name !== undefined && kinds.has(entryOf(entries, 'NetDev', 'Kind')?.value ?? '')) found.add(name);
    }
  }
  return found;
}

/** Whether the configuration of a link leaves it to others to bring it up (systemd.network(5), ActivationPolicy=). */
async function staysDown(image: Image, name: string): Promise<boolean> {
  for (const path of await filesInForce(image, '.network')) {
    const entries = parseKeyfile((await image.readText(path)) ?? '');
    const patterns = (entryOf(entries, 'Match', 'Name')?.value ?? '').split(/\s+/).filter(Boolean);
    // Of the files that match, the first by name is the one.
    if (!patterns.some((pattern) => matches(pattern, name))) continue;
    return /^(?:manual|down|always-down)$/.test(entryOf(entries, 'Link', 'ActivationPolicy')?.value ?? '');
  }
  return false;
}

/** Files in force, by their names: not those that are hidden, nor those that are masked. */
async function filesInForce(image: Image, suffix: '.netdev' | '.network'): Promise<GuestPath[]> {
  const byName = new Map<string, GuestPath>();
  for (const directory of directories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (name.endsWith(suffix) && !byName.has(name)) byName.set(name, join(directory, name));
    }
  }
  const inForce: GuestPath[] = [];
  for (const [, path] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = await image.stat(path);
    if (entry?.type === 'file' && entry.size > 0) inForce.push(path);
  }
  return inForce;
}

/**
 * An administrator's file gets a name that networkd does not read; a vendor's, which the next update would bring back, is
 * masked by a link to /dev/null.
 */
async function putAway(image: Image, name: string): Promise<Change[]> {
  const path = join('/etc/systemd/network', name);
  const changes: Change[] = [];
  const entry = await image.lstat(path);
  if (entry?.type === 'file') {
    const { mode, uid, gid } = entry;
    changes.push(
      ...(await write(image, `${path}.off`, (await image.readFile(path)) ?? '', { mode, uid, gid })),
    );
  }
  const vendor = await Promise.all(
    directories.slice(1).map((directory) => image.lstat(join(directory, name))),
  );
  const hides = vendor.some((other) => other !== undefined);
  return [...changes, ...(hides ? await link(image, path, '/dev/null') : await remove(image, path))];
}
