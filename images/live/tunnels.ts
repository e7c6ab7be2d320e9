import { readFileSync, readdirSync } from 'node:fs';
import { ImageError, systemCode } from '../base/errors.js';
import type { Observation } from './observation.js';
import { runningSystem } from './running-system.js';

/** A network interface that carries a network through another. */
export interface Tunnel {
  readonly name: string;
  /** "tun", "tap", "wireguard", "ppp" … */
  readonly kind: string;
  /**
   * Whether it has an address of the link layer, be it an Ethernet card's or, of a tunnel over IP, that of the network
   * below. One without is what kills nova-agent 1.x before 1.39.1.
   */
  readonly hasAddress: boolean;
}

/** Kinds by the kernel's number for the link layer (ARPHRD_… in linux/if_arp.h), where the driver does not say. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['256', 'slip'],
  ['512', 'ppp'],
  ['768', 'ipip'],
  ['769', 'ip6tnl'],
  ['776', 'sit'],
  ['778', 'gre'],
  ['823', 'ip6gre'],
  ['65534', 'tun'],
]);

/** The tunnels that are there now, by name; none of an image that is not running. */
export const tunnels: Observation<readonly Tunnel[]> = {
  name: 'tunnels',
  gather: async (_, get) => ((await get(runningSystem)) === true ? readTunnels() : []),
};

/** @param folder - where the kernel shows its network interfaces (sysfs(5)) */
export function readTunnels(folder = '/sys/class/net'): Tunnel[] {
  const found: Tunnel[] = [];
  for (const name of namesIn(folder)) {
    const attribute = (attributeName: string): string => valueOf(`${folder}/${name}/${attributeName}`);
    const kind = kindOf(attribute);
    if (kind === undefined || isFallback(name)) continue;
    found.push({ name, kind, hasAddress: attribute('address') !== '' });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Devices that the kernel makes by itself when a tunnel's module is loaded; nobody made a tunnel of them. */
const isFallback = (name: string): boolean =>
  /^(?:tunl0|sit0|gre0|gretap0|erspan0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)$/.test(name);

function kindOf(attribute: (name: string) => string): string | undefined {
  // Of tun(4): the flags with which it was made; IFF_TAP is 2.
  const flags = attribute('tun_flags');
  if (flags !== '') return (Number(flags) & 2) === 2 ? 'tap' : 'tun';
  const driver = /^DEVTYPE=(\S+)$/m.exec(attribute('uevent'))?.[1];
  return driver === 'wireguard' || driver === 'ppp' ? driver : kinds.get(attribute('type'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new ImageError('unreadable', `cannot read ${folder}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
      hint: 'Mount sysfs on /sys.',
    });
  }
}

/** An attribute; empty when the interface has none such, or is just going. */
function valueOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // EINVAL: what some attributes say of an interface that they do not fit.
    if (['ENOENT', 'ENOTDIR', 'ENODEV', 'EINVAL', 'EACCES'].includes(systemCode(error) ?? '')) return '';
    throw error;
  }
}
