import { link, remove, write } from '../../image/change.js';
import { entryOf, parseKeyfile } from '../../formats/keyfile.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import type { Vpn } from './vpn.js';
import type { Mechanism } from './mechanism.js';

/** The strongest first: a file hides those of the same name in weaker directories (systemd.netdev(5)). */
const directories: readonly GuestPath[] = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

/** Kinds of a netdev that carry a network through another, and whether they lack a hardware address. */
const kinds: ReadonlyMap<string, boolean> = new Map([
  ['tun', true],
  ['tap', false],
  ['wireguard', true],
  ['gre', true],
  ['ip6gre', true],
  ['gretap', false],
  ['ip6gretap', false],
  ['erspan', false],
  ['ipip', true],
  ['sit', true],
  ['ip6tnl', true],
  ['vti', true],
  ['vti6', true],
  ['xfrm', true],
  ['l2tp', false],
]);

/** systemd-networkd makes every device of a .netdev file as soon as it runs. */
export const networkd: Mechanism = {
  inputs: directories.map((directory) => `${directory}/*.netdev`),
  async find({ image, services }) {
    if (services.find('systemd-networkd')?.state !== 'enabled') return [];
    const found: Vpn[] = [];
    for (const path of await netdevs(image)) {
      const entries = parseKeyfile((await image.readText(path)) ?? '');
      const kind = entryOf(entries, 'NetDev', 'Kind');
      const tunnelLink = kind && kinds.get(kind.value);
      if (!kind || tunnelLink === undefined) continue;
      found.push({
        product: kind.value === 'wireguard' ? 'wireguard' : 'networkd',
        name: entryOf(entries, 'NetDev', 'Name')?.value ?? baseName(path),
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

/** The .netdev files in force, by their paths: not those that are hidden, nor those that are masked. */
async function netdevs(image: Image): Promise<GuestPath[]> {
  const byName = new Map<string, GuestPath>();
  for (const directory of directories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (name.endsWith('.netdev') && !byName.has(name)) byName.set(name, join(directory, name));
    }
  }
  const inForce: GuestPath[] = [];
  for (const path of byName.values()) {
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
