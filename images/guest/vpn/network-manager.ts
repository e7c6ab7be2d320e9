import { write } from '../../image/change.js';
import { entryOf, parseKeyfile, setKey } from '../../formats/keyfile.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import type { Vpn } from './vpn.js';
import type { Mechanism } from './mechanism.js';
import { type Profile, hasNoAddress, profileDirectories, profiles, tunnelTypes } from './nm-profiles.js';
import { rewrite } from './rewrite.js';

/**
 * NetworkManager's key files. A tunnel comes up by itself unless `autoconnect` says no; a connection of type `vpn` never
 * does, but with another one that lists it among its `secondaries` and comes up by itself.
 */
export const networkManager: Mechanism = {
  inputs: profileDirectories.map((directory) => `${directory}/*`),
  async find({ image, services }) {
    // The second is the name of Debian's init script.
    const names = ['NetworkManager', 'network-manager'];
    if (!names.some((name) => services.find(name)?.state === 'enabled')) return [];
    const all = await profiles(image);
    return [...all.flatMap(tunnel), ...all.flatMap((profile) => secondaries(profile, all))];
  },
};

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

function listOf(value: string): string[] {
  return value
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter(Boolean);
}
