import type { Owner } from '../../../images/guest/network/leftover.js';
import { ImageError } from '../../../images/base/errors.js';
import type { Image } from '../../../images/image/image.js';
import { join } from '../../../images/image/resolve.js';
import { canonical } from '../nova/network.js';
import type { ExpectedInterface, ExpectedRoute } from '../nova/vm-data.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, quote } from './claim.js';
import { nameServerClaims } from './name-servers.js';
import { type RunningGuest, look } from '../running-guest.js';
import { orRefuted, readable } from './unreadable.js';

/** What `ip --json` prints of an interface: ip-address(8). */
interface Link {
  readonly ifname: string;
  readonly address?: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
}

/** Where distributions keep the configuration of interfaces: a file, or every file of a folder. */
const places = [
  '/etc/network/interfaces',
  '/etc/network/interfaces.d',
  '/etc/netplan',
  '/etc/sysconfig/network-scripts',
  '/etc/sysconfig/network',
  '/etc/NetworkManager/system-connections',
  '/etc/systemd/network',
  '/etc/netctl',
  '/etc/conf.d/net',
  '/etc/rc.conf',
] as const;

/** What an agent puts aside, and an editor: nobody reads those. */
const isPutAside = (name: string): boolean => /(?:\.bak|~|\.old|\.tmp|\.dpkg-\w+)$|\.bak\./.test(name);

/** Whether each interface has what it should, as the kernel says, and nothing of those that are gone is left in files. */
export async function networkClaims(
  guest: RunningGuest,
  owner: Owner,
  expected: readonly ExpectedInterface[],
  removed: readonly ExpectedInterface[],
): Promise<ProvenClaim[]> {
  return orRefuted('network', 'the network is as the cloud has it', () =>
    lookAtNetwork(guest, owner, expected, removed),
  );
}

async function lookAtNetwork(
  guest: RunningGuest,
  owner: Owner,
  expected: readonly ExpectedInterface[],
  removed: readonly ExpectedInterface[],
): Promise<ProvenClaim[]> {
  const links = await ask<Link>(guest, ['address', 'show']);
  const routes = {
    4: await ask<Route>(guest, ['-4', 'route', 'show']),
    6: await ask<Route>(guest, ['-6', 'route', 'show']),
  };
  const files = removed.length > 0 ? await addressesIn(guest) : new Map<string, string>();
  const claims: ProvenClaim[] = [];
  for (const one of expected) {
    const link = links.find(({ address }) => address === one.mac);
    for (const address of one.addresses) claims.push(addressClaim(one, address, link));
    for (const route of one.routes) claims.push(routeClaim(one, route, link, routes[route.family]));
  }
  claims.push(...(await nameServerClaims(guest, owner, expected)));
  for (const one of removed) claims.push(...removedClaims(one, expected, files));
  return claims;
}

function addressClaim(
  { device, label }: ExpectedInterface,
  address: string,
  link: Link | undefined,
): ProvenClaim {
  const has = (link?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  const seen = link ? `${link.ifname} has ${has.join(', ') || 'no address'}` : `there is no ${device}`;
  return claimed(
    `address ${device} ${address}`,
    `${device} (${label}) has the address ${address}`,
    has.includes(address),
    seen,
  );
}

function routeClaim(
  { device }: ExpectedInterface,
  { family, to, via }: ExpectedRoute,
  link: Link | undefined,
  routes: readonly Route[],
): ProvenClaim {
  const there = routes.filter(({ dst }) => dst === to);
  const holds = there.some(({ gateway, dev }) => gateway === via && dev === link?.ifname);
  const seen = there.map(
    ({ gateway = 'no gateway', dev = '?' }) => `${to} goes to ${gateway} through ${dev}`,
  );
  const name = to === 'default' ? `the default route (IPv${family})` : `the route to ${to}`;
  return claimed(
    `route ${device} IPv${family} ${to}`,
    `${name} goes to ${via} through ${device}`,
    holds,
    seen.join(', ') || 'there is no such route',
  );
}

function removedClaims(
  { device, addresses }: ExpectedInterface,
  expected: readonly ExpectedInterface[],
  files: ReadonlyMap<string, string>,
): ProvenClaim[] {
  const still = new Set(expected.flatMap((one) => one.addresses));
  return addresses
    .filter((address) => !still.has(address))
    .map((address) => {
      const file = files.get(address.replace(/\/.*/, ''));
      return claimed(
        `removed ${device} ${address}`,
        `${address}, an address of the removed network, is no longer configured`,
        file === undefined,
        file === undefined ? 'no file contains it' : `it is still in ${file}`,
      );
    });
}

/** What a program of the host sees in the guest's network. */
async function ask<T>(guest: RunningGuest, args: readonly string[]): Promise<readonly T[]> {
  const { exitCode, stdout, stderr } = await guest.machine.look('ip', ['-json', ...args]);
  if (exitCode !== 0) throw new ImageError('program-failed', `ip failed: ${quote(stderr)}`);
  return JSON.parse(stdout === '' ? '[]' : stdout) as T[];
}

/** Every IP address in the files, in canonical form, each with the file that has it. */
async function addressesIn(guest: RunningGuest): Promise<Map<string, string>> {
  await using image = look(guest);
  const found = new Map<string, string>();
  for (const place of places)
    for (const path of await filesAt(image, place)) await collect(image, path, found);
  return found;
}

async function filesAt(image: Image, place: `/${string}`): Promise<readonly `/${string}`[]> {
  const entry = await image.stat(place);
  if (entry?.type === 'file') return [place];
  const names = (await image.readDir(place)) ?? [];
  return names
    .filter(({ name, type }) => type === 'file' && !isPutAside(name))
    .map(({ name }) => join(place, name));
}

async function collect(image: Image, path: `/${string}`, found: Map<string, string>): Promise<void> {
  for (const address of addressesOf((await readable(image, path)) ?? ''))
    if (!found.has(address)) found.set(address, path);
}

/** The addresses in a text, without those in comments. */
export function addressesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^\s*[#;]/.test(line));
  const words = lines.flatMap((line) => line.match(/[0-9A-Fa-f:.]{2,45}/g) ?? []);
  return words
    .map((word) => canonical(word) ?? canonical(word.replace(/[.:]$/, '')))
    .filter((one) => one !== undefined);
}
