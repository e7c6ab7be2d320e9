import { isIPv4, isIPv6 } from 'node:net';

/** An IP address with the length of its network's prefix. */
export interface Cidr {
  readonly family: 4 | 6;
  /** IPv6 in the canonical form of RFC 5952, as `ip` prints it. */
  readonly address: string;
  readonly prefix: number;
}

/** @returns what "10.181.30.181/17" says, or undefined when it is no such thing */
export function parseCidr(text: string): Cidr | undefined {
  const [, written = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = canonical(written);
  const prefix = Number(digits);
  if (address === undefined) return undefined;
  const family = isIPv4(address) ? 4 : 6;
  return prefix <= (family === 4 ? 32 : 128) ? { family, address, prefix } : undefined;
}

/** One that was checked when the scenario was read. @throws {RangeError} when it is none after all */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new RangeError(`${text} is no address with a prefix`);
  return parsed;
}

/** @returns an address in the one form that `ip` prints, or undefined when it is none */
export function canonical(address: string): string | undefined {
  if (isIPv4(address)) return address;
  if (!isIPv6(address) || address.includes('%')) return undefined;
  // The URL standard writes IPv6 hosts as RFC 5952 has them.
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** "255.255.128.0" for 17. */
export function netmask(prefix: number): string {
  return dotted(maskOf(prefix));
}

/** The highest address of an IPv4 network. */
export function broadcast({ address, prefix }: Cidr): string {
  return dotted((numberOf(address) | ~maskOf(prefix)) >>> 0);
}

/** The lowest address of an IPv4 network. */
export function networkOf({ address, prefix }: Cidr): string {
  return dotted((numberOf(address) & maskOf(prefix)) >>> 0);
}

function maskOf(prefix: number): number {
  // A shift by 32 is a shift by 0.
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}
