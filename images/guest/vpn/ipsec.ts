import { splitLines } from '../../formats/lines.js';
import type { GuestPath, Image } from '../../image/image.js';
import { textAt, textsIn } from '../texts.js';
import type { Vpn } from './vpn.js';
import type { Guest, Mechanism } from './mechanism.js';
import { enabledService } from './services.js';

/** The services that are answered for here. */
export const ipsecServices: readonly string[] = [
  'strongswan-starter',
  'strongswan',
  'strongswan-swanctl',
  'ipsec',
  'pluto',
];

/** ipsec.conf(5): of strongSwan's starter and of Libreswan; below /etc/strongswan in EPEL's package. */
const starterFiles: readonly GuestPath[] = [
  '/etc/ipsec.conf',
  '/etc/strongswan/ipsec.conf',
  // What Debian's and Fedora's ipsec.conf include besides ipsec.d.
  '/var/lib/strongswan/ipsec.conf.inc',
  '/etc/crypto-policies/back-ends/libreswan.config',
];
const starterDirectories: readonly GuestPath[] = ['/etc/ipsec.d', '/etc/strongswan/ipsec.d'];

/** swanctl.conf(5). */
const swanctlFiles: readonly GuestPath[] = [
  '/etc/swanctl/swanctl.conf',
  '/etc/strongswan/swanctl/swanctl.conf',
];
const swanctlDirectories: readonly GuestPath[] = ['/etc/swanctl/conf.d', '/etc/strongswan/swanctl/conf.d'];

/** Includes that are read here in any case. */
const knownIncludes = new Set([
  ...starterFiles,
  ...starterDirectories.map((directory) => `${directory}/*.conf`),
  ...swanctlDirectories.map((directory) => `${directory}/*.conf`),
  'conf.d/*.conf',
]);

/**
 * strongSwan, Libreswan, Openswan. The daemon makes no link of its own: what it changes are routes and policies. It
 * starts the connections that say so (`auto=` in ipsec.conf(5), `start_action` in swanctl.conf(5)), and answers for the
 * others; so the service counts as soon as there is any connection. As the packages install it, it runs without one.
 */
export const ipsec: Mechanism = {
  inputs: [
    ...starterFiles,
    ...swanctlFiles,
    ...[...starterDirectories, ...swanctlDirectories].map((directory): GuestPath => `${directory}/*.conf`),
  ],
  async find(guest) {
    const enabled = ipsecServices.filter((name) => guest.services.find(name)?.state === 'enabled');
    // Of two names for one service the first, which says whose it is, stays.
    const ids = new Map(enabled.reverse().map((name) => [guest.services.find(name)?.id, name]));
    if (ids.size === 0) return [];
    const { defined, initiated } = await connections(guest.image);
    return defined ? [...ids].flatMap(([id, name]) => vpnOf(guest, String(id), name, initiated)) : [];
  },
};

function vpnOf(guest: Guest, id: string, name: string, initiated: number): Vpn[] {
  const detail =
    initiated === 0 ? '' : ` and starts ${initiated} connection${initiated === 1 ? '' : 's'} by itself`;
  const product = name.startsWith('strongswan') ? 'strongswan' : 'ipsec';
  return enabledService(guest, product, name, false, `${id} is enabled${detail}`);
}

interface Connections {
  /** Whether there is any; true as well when that cannot be told: nothing is there to read, or it is elsewhere. */
  readonly defined: boolean;
  /** How many are brought up or trapped without anyone asking. */
  readonly initiated: number;
}

async function connections(image: Image): Promise<Connections> {
  const starter = await linesOf(image, starterFiles, starterDirectories);
  const swanctl = await linesOf(image, swanctlFiles, swanctlDirectories);
  const all = [...starter, ...swanctl];
  const defined =
    all.length === 0 ||
    starter.some((line) => (/^conn\s+(\S+)/.exec(line)?.[1] ?? '%default') !== '%default') ||
    swanctl.some((line) => /^\s*connections\b/.test(line)) ||
    all.some((line) => includesUnknown(line));
  const initiated =
    starter.filter((line) => /^\s+auto\s*=\s*"?(?:start|route|ondemand|up)\b/.test(line)).length +
    swanctl.filter((line) => /^\s*start_action\s*=\s*(?:start|trap|route)\b/.test(line)).length;
  return { defined, initiated };
}

/** Whether a line includes files that are not read here. */
function includesUnknown(line: string): boolean {
  const file = /^\s*include\s+(.*)$/s.exec(line)?.[1];
  return file !== undefined && !knownIncludes.has(file.trim().replace(/^"(.*)"$/, '$1'));
}

async function linesOf(
  image: Image,
  files: readonly GuestPath[],
  directories: readonly GuestPath[],
): Promise<string[]> {
  const texts = [];
  for (const file of files) texts.push(...(await textAt(image, file)));
  for (const directory of directories)
    texts.push(...(await textsIn(image, directory, (name) => name.endsWith('.conf'))));
  return texts.flatMap(({ text }) => splitLines(text).map((line) => line.text));
}
