import { type KeyfileEntry, parseKeyfile } from '../../formats/keyfile.js';
import { link, remove } from '../../image/change.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join, parentOf } from '../../image/resolve.js';
import {
  type LeftoverReader,
  type NetworkContext,
  type NetworkLeftover,
  type Owner,
  card,
  isUsual,
} from './leftover.js';
import { hasNetplan } from './left-netplan.js';
import { cardOf } from './networkd-match.js';

/** The strongest first: a file hides those of the same name in weaker directories (systemd.network(5)). */
const folders: readonly GuestPath[] = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

export const networkdInputs: readonly string[] = folders.flatMap((folder) => [
  `${folder}/*.network`,
  `${folder}/*.network.d/*.conf`,
]);

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
    const found: NetworkLeftover[] = [];
    for (const network of await settingsIn(image, folders, '.network')) {
      const name = baseName(network.path);
      if (/^10-(?:cloud-init|netplan)-/.test(name)) continue;
      const parts = [network, ...(await added(image, name))];
      const match = await cardOf(
        image,
        parts.flatMap(({ entries }) => entries),
      );
      if (!match) continue;
      const { gives, line, path = network.path } = given(parts);
      const places = (['cloud-init', 'nova-agent'] as const).flatMap((owner) => {
        const written = prefixOf(owner, context);
        if (written === 'nothing' || (written !== undefined && name > written)) return [];
        return [{ owner, instead: written !== undefined }];
      });
      // Beside what another program reads, a card without addresses here keeps those that it has there.
      const harmed = places.filter(({ instead }) => instead || gives !== 'none');
      const [first] = harmed;
      if (!first) continue;
      const owners = harmed.map(({ owner }) => owner);
      const by = 'systemd-networkd' as const;
      found.push({ path, line, ...match, usual: true, gives, by, instead: first.instead, owners });
    }
    return [...found, ...(await dropIns(image, context))];
  },
  async without(image, path) {
    const folder = folders.find((each) => path.startsWith(`${each}/`));
    const name = path.slice((folder ?? parentOf(path)).length + 1);
    const place = join('/etc/systemd/network', name);
    const weaker = await Promise.all(folders.slice(1).map((each) => image.lstat(join(each, name))));
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

interface Given {
  readonly gives: 'address' | 'dhcp' | 'none';
  readonly line?: number;
  /** Of the file that gives it. */
  readonly path?: GuestPath;
}

/** What files that belong together give a card. */
function given(parts: readonly Settings[]): Given {
  const entries = parts.flatMap(({ path, entries: own }) => own.map((entry) => ({ ...entry, path })));
  const address = entries.find(
    ({ group, key, value }) =>
      value !== '' &&
      ((group === 'Network' && (key === 'Address' || key === 'Gateway')) ||
        (group === 'Address' && key === 'Address') ||
        (group === 'Route' && (key === 'Gateway' || key === 'Destination'))),
  );
  if (address) return { gives: 'address', line: address.line, path: address.path };
  const dhcp = entries.findLast(({ group, key }) => group === 'Network' && key === 'DHCP');
  if (dhcp && /^(?:yes|true|on|1|y|t|both|ipv4|ipv6|v4|v6)$/i.test(dhcp.value))
    return { gives: 'dhcp', line: dhcp.line, path: dhcp.path };
  return { gives: 'none' };
}

/** What stands in the folders NAME.network.d, by name, whichever folder it is in (systemd.network(5), DESCRIPTION). */
async function added(image: Image, name: string): Promise<readonly Settings[]> {
  const found = await settingsIn(
    image,
    folders.map((folder) => join(folder, `${name}.d`)),
    '.conf',
  );
  return found.toSorted((a, b) => (baseName(a.path) < baseName(b.path) ? -1 : 1));
}

/** It is added also to what cloud-init or netplan writes under that name on every server. */
async function dropIns(image: Image, context: NetworkContext): Promise<NetworkLeftover[]> {
  const found: NetworkLeftover[] = [];
  const names = new Set<string>();
  for (const folder of folders) for (const { name } of (await image.readDir(folder)) ?? []) names.add(name);
  for (const name of [...names].sort()) {
    const [, prefix, device = ''] = /^(10-(?:cloud-init|netplan)-)(.+)\.network\.d$/.exec(name) ?? [];
    const owners = (['cloud-init', 'nova-agent'] as const).filter(
      (owner) => prefix !== undefined && prefixOf(owner, context) === prefix,
    );
    if (owners.length === 0 || !card.test(device)) continue;
    for (const part of await added(image, name.slice(0, -'.d'.length))) {
      const { path } = part;
      const { gives, line } = given([part]);
      if (gives === 'none') continue;
      const by = 'systemd-networkd' as const;
      found.push({ path, line, device, usual: isUsual(device), gives, by, instead: false, owners });
    }
  }
  return found;
}

interface Settings {
  readonly path: GuestPath;
  readonly entries: readonly KeyfileEntry[];
}

/** What the files of some folders say, the strongest folder first: a file hides those of its name in the weaker. */
async function settingsIn(
  image: Image,
  from: readonly GuestPath[],
  suffix: string,
): Promise<readonly Settings[]> {
  const byName = new Map<string, GuestPath>();
  for (const folder of from) {
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (name.endsWith(suffix) && !byName.has(name)) byName.set(name, join(folder, name));
  }
  const found: Settings[] = [];
  for (const path of byName.values()) {
    const entry = await image.stat(path);
    // A mask is a link to a device, or an empty file.
    if (entry?.type !== 'file' || entry.size === 0) continue;
    found.push({ path, entries: parseKeyfile((await image.readText(path)) ?? '') });
  }
  return found;
}
