import { write } from '../../image/change.js';
import { type KeyfileEntry, entryOf, parseKeyfile, setKey } from '../../formats/keyfile.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { textsIn } from '../texts.js';
import type { Vpn } from './vpn.js';
import type { Mechanism } from './mechanism.js';
import type { Device } from './products.js';
import { rewrite } from './rewrite.js';

/** The strongest first. The program reads only root's own files; those of /run are made anew at each boot. */
const directories: readonly GuestPath[] = [
  '/etc/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

/** Connection types that are tunnels by themselves. */
export const tunnelTypes: ReadonlySet<string> = new Set(['wireguard', 'tun', 'ip-tunnel', 'ipsec', 'pppoe']);

interface Profile {
  readonly path: GuestPath;
  readonly entries: readonly KeyfileEntry[];
  readonly type: KeyfileEntry | undefined;
  readonly uuid: string | undefined;
  readonly name: string;
  /** A connection starts by itself unless `autoconnect` is false (nm-settings-keyfile(5)). */
  readonly auto: boolean;
}

/**
 * NetworkManager's key files. A tunnel comes up by itself unless `autoconnect` says no; a connection of type `vpn` never
 * does, but with another one that lists it among its `secondaries` and comes up by itself.
 */
export const networkManager: Mechanism = {
  inputs: directories.map((directory) => `${directory}/*`),
  async find({ image, services }) {
    // The second is the name of Debian's init script.
    const names = ['NetworkManager', 'network-manager'];
    if (!names.some((name) => services.find(name)?.state === 'enabled')) return [];
    const all = await profiles(image);
    return [...all.flatMap(tunnel), ...all.flatMap((profile) => secondaries(profile, all))];
  },
};

/**
 * The device of a profile that is a tunnel, by the name or UUID with which `nmcli connection up` calls it; undefined for
 * any other.
 */
export async function deviceOfProfile(image: Image, name: string): Promise<Device | undefined> {
  const profile = (await profiles(image)).find((one) => one.name === name || one.uuid === name);
  const type = profile?.type?.value ?? '';
  if (!profile || (type !== 'vpn' && !tunnelTypes.has(type))) return undefined;
  if (!hasNoAddress(type, entryOf(profile.entries, 'tun', 'mode')?.value))
    return type === 'tun' ? 'tap' : 'none';
  return 'tun';
}

function tunnel(profile: Profile): Vpn[] {
  const { path, entries, type, name, auto } = profile;
  if (!type || !tunnelTypes.has(type.value) || !auto) return [];
  const line = entryOf(entries, 'connection', 'autoconnect')?.line ?? type.line;
  return [
    {
      product: type.value === 'wireguard' ? 'wireguard' : 'network-manager',
      name,
      evidence: { path, line },
      how: `NetworkManager connects this ${type.value} automatically`,
      tunnelLink: hasNoAddress(type.value, entryOf(entries, 'tun', 'mode')?.value),
      disable: (image) => setAutoconnect(image, path),
    },
  ];
}

/** A tun device in mode 2 is a tap device; tunnels over IP have the address of the network below. */
function hasNoAddress(type: string, mode: string | undefined): boolean {
  return type !== 'ip-tunnel' && type !== 'ipsec' && !(type === 'tun' && mode === '2');
}

/** A profile's `secondaries` that are VPNs. */
function secondaries(profile: Profile, all: readonly Profile[]): Vpn[] {
  const entry = entryOf(profile.entries, 'connection', 'secondaries');
  if (!entry || !profile.auto) return [];
  return listOf(entry.value).flatMap((uuid) => {
    const vpn = all.find((other) => other.uuid === uuid && other.type?.value === 'vpn');
    if (!vpn) return [];
    return [
      {
        product: 'network-manager',
        name: vpn.name,
        evidence: { path: profile.path, line: entry.line },
        how: 'NetworkManager connects it together with a connection that names it as a secondary',
        tunnelLink: true,
        disable: (image) => dropSecondary(image, profile.path, uuid),
      },
    ];
  });
}

async function setAutoconnect(image: Image, path: GuestPath): Promise<Change[]> {
  return override(image, path, (text) => setKey(text, 'connection', 'autoconnect', 'false'));
}

async function dropSecondary(image: Image, path: GuestPath, uuid: string): Promise<Change[]> {
  return override(image, path, (text) => {
    const entry = entryOf(parseKeyfile(text), 'connection', 'secondaries');
    const rest = listOf(entry?.value ?? '').filter((other) => other !== uuid);
    return setKey(text, 'connection', 'secondaries', rest.map((other) => `${other};`).join(''));
  });
}

/** Edits an administrator's profile; a vendor's is copied to where it hides the vendor's, readable by root alone. */
async function override(image: Image, path: GuestPath, edit: (text: string) => string): Promise<Change[]> {
  const own = join('/etc/NetworkManager/system-connections', baseName(path));
  if (path === own || (await image.lstat(own))) return rewrite(image, own, edit);
  const text = await image.readText(path);
  return text === undefined ? [] : write(image, own, edit(text), { mode: 0o600 });
}

async function profiles(image: Image): Promise<Profile[]> {
  const byName = new Map<string, Profile>();
  for (const directory of directories) {
    for (const { path, text } of await textsIn(image, directory, isProfile)) {
      if (!byName.has(baseName(path))) byName.set(baseName(path), profileOf(path, text));
    }
  }
  return [...byName.values()];
}

function profileOf(path: GuestPath, text: string): Profile {
  const entries = parseKeyfile(text);
  const valueOf = (key: string): string | undefined => entryOf(entries, 'connection', key)?.value;
  const auto = valueOf('autoconnect');
  return {
    path,
    entries,
    type: entryOf(entries, 'connection', 'type'),
    uuid: valueOf('uuid'),
    name: valueOf('id') ?? baseName(path).replace(/\.nmconnection$/, ''),
    auto: auto !== 'false' && auto !== '0',
  };
}

/** Hidden files and what editors and package managers leave behind are not read. */
function isProfile(name: string): boolean {
  return !name.startsWith('.') && !/(?:~|\.(?:bak|orig|rpmsave|rpmnew|rpmorig|swp|off))$/.test(name);
}

function listOf(value: string): string[] {
  return value
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter(Boolean);
}
