import { splitLines } from '../../formats/lines.js';
import type { GuestPath, Image } from '../../image/image.js';
import { textAt, textsIn } from '../texts.js';
import type { Vpn } from './vpn.js';
import type { Mechanism } from './mechanism.js';
import { startedService } from './started.js';

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
 * starts the connections that say so (`auto=` in ipsec.conf(5), `start_action` in swanctl.conf(5)) and only answers for
 * the others, so that those start nothing.
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
    const { initiated, unread } = await connections(guest.image);
    if (initiated === 0 && !unread) return [];
    const found: Vpn[] = [];
    for (const [id, name] of ids) {
      const detail =
        initiated === 0
          ? 'includes files elsewhere, which may start connections'
          : `starts ${initiated} connection${initiated === 1 ? '' : 's'} by itself`;
      found.push(
        ...(await startedService(guest, guest.services.find(name), {
          product: name.startsWith('strongswan') ? 'strongswan' : 'ipsec',
          name,
          tunnelLink: false,
          how: `${String(id)} is enabled and ${detail}`,
        })),
      );
    }
    return found;
  },
};

interface Connections {
  /** How many are brought up or trapped without anyone asking. */
  readonly initiated: number;
  /** Whether there may be more, in files that are not read here. */
  readonly unread: boolean;
}

async function connections(image: Image): Promise<Connections> {
  const starter = await linesOf(image, starterFiles, starterDirectories);
  const swanctl = await linesOf(image, swanctlFiles, swanctlDirectories);
  const actions = swanctl.flatMap((line) => [
    ...line.replace(/#.*/, '').matchAll(/\bstart_action\s*=\s*(?:start|trap|route)\b/g),
  ]);
  return {
    initiated: initiatedBy(starter) + actions.length,
    unread: [...starter, ...swanctl].some((line) => includesUnknown(line)),
  };
}

/** A section of ipsec.conf(5). */
interface Section {
  auto: string | undefined;
  readonly also: string[];
}

/** A connection has the `auto=` of its own section, of those that it takes in by `also=`, or of `%default`. */
function initiatedBy(lines: readonly string[]): number {
  const sections = new Map<string, Section>();
  let section: Section | undefined;
  for (const line of lines) {
    const [, kind, name = ''] = /^(conn|config|ca)\s+(\S+)/.exec(line) ?? [];
    if (kind !== undefined) {
      section = kind === 'conn' ? (sections.get(name) ?? { auto: undefined, also: [] }) : undefined;
      if (section) sections.set(name, section);
    }
    const [, key, value = ''] = /^\s+(auto|also)\s*=\s*"?([^\s"#]+)/.exec(line) ?? [];
    if (key === 'auto' && section) section.auto = value;
    if (key === 'also') section?.also.push(value);
  }
  const autoOf = (name: string, depth = 0): string | undefined => {
    const own = sections.get(name);
    if (own?.auto !== undefined || depth > 8) return own?.auto;
    for (const other of own?.also.slice(0, 16) ?? []) {
      const auto = autoOf(other, depth + 1);
      if (auto !== undefined) return auto;
    }
    return undefined;
  };
  const isStarted = (name: string): boolean =>
    /^(?:start|route|ondemand|up|trap)$/.test(autoOf(name) ?? sections.get('%default')?.auto ?? 'ignore');
  return [...sections.keys()].filter((name) => name !== '%default' && isStarted(name)).length;
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
