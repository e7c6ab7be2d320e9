import { type KeyfileEntry, entryOf, parseKeyfile } from '../../formats/keyfile.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { refusal } from '../network/profile-trust.js';
import { textAt } from '../texts.js';
import type { Device } from './products.js';

/** The strongest first. The program reads only root's own files; those of /run are made anew at each boot. */
export const profileDirectories: readonly GuestPath[] = [
  '/etc/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

/** Connection types that are tunnels by themselves. */
export const tunnelTypes: ReadonlySet<string> = new Set(['wireguard', 'tun', 'ip-tunnel', 'ipsec', 'pppoe']);

/** A connection of NetworkManager. */
export interface Profile {
  readonly path: GuestPath;
  readonly entries: readonly KeyfileEntry[];
  readonly type: KeyfileEntry | undefined;
  readonly uuid: string | undefined;
  readonly name: string;
  /** A connection starts by itself unless `autoconnect` is false (nm-settings-keyfile(5)). */
  readonly auto: boolean;
}

/** Every profile in force. */
export async function profiles(image: Image): Promise<Profile[]> {
  const byName = new Map<string, Profile>();
  for (const directory of profileDirectories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      const path = join(directory, name);
      if (!isProfile(name) || byName.has(name) || (await image.stat(path))?.type !== 'file') continue;
      if ((await refusal(image, path)) !== undefined) continue;
      for (const { text } of await textAt(image, path)) byName.set(name, profileOf(path, text));
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

/** A tun device in mode 2 is a tap device; tunnels over IP have the address of the network below. */
export function hasNoAddress(type: string, mode: string | undefined): boolean {
  return type !== 'ip-tunnel' && type !== 'ipsec' && !(type === 'tun' && mode === '2');
}

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
