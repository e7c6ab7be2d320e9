import type { Machine } from './machine.js';
import type { NamespaceRunOptions, Namespaces } from './namespaces.js';

/** A network interface that the guest is to have. */
export interface GuestInterface {
  /** "eth0". */
  readonly name: string;
  /** "bc:76:4e:04:cf:e5". */
  readonly mac: string;
  /** Addresses that it will have, without prefixes: an answer to them goes through its other end. */
  readonly addresses?: readonly string[];
  /** Gateways that it will ask for, without prefixes: its other end has them. */
  readonly gateways?: readonly string[];
}

const inNetwork: NamespaceRunOptions = { enter: 'network', package: 'iproute2' };

/**
 * Makes an interface in the namespaces, for a guest that is yet to be started. Its other end stays in the namespaces,
 * where a gateway answers, but leads nowhere: see {@link leadNowhere}.
 */
export async function makeLink(namespaces: Namespaces, link: GuestInterface): Promise<void> {
  const { name, mac, addresses = [], gateways = [] } = link;
  const outer = outerOf(name);
  await batch(namespaces, [
    `link add name ${name} address ${mac} type veth peer name ${outer}`,
    `link set dev ${outer} up`,
    ...gateways.filter(isIpv4).map((address) => `address add ${address}/32 dev ${outer}`),
    ...addresses.filter(isIpv4).map((address) => `route replace ${address}/32 dev ${outer}`),
  ]);
  await batchOfIpv6(namespaces, [
    ...gateways.filter(isIpv6).map((address) => `address add ${address}/64 dev ${outer} nodad`),
    ...addresses.filter(isIpv6).map((address) => `-6 route replace ${address}/128 dev ${outer}`),
  ]);
}

/**
 * Makes the network of the namespaces one that ends there, and says so: what a guest sends anywhere else is refused at
 * once, as a router does that knows no way. Without it a guest would wait for answers that never come.
 * @param own - addresses that are there, without prefixes: name servers
 */
export async function leadNowhere(namespaces: Namespaces, own: readonly string[]): Promise<void> {
  const forward =
    'for one in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 >/proc/sys/net/$one || true; done';
  await namespaces.run('sh', ['-c', `${forward} 2>/dev/null`], inNetwork);
  await batch(namespaces, [
    'link set dev lo up',
    'route replace unreachable default',
    ...own.filter(isIpv4).map((address) => `address add ${address}/32 dev lo`),
  ]);
  await batchOfIpv6(namespaces, [
    '-6 route replace unreachable default metric 4096',
    ...own.filter(isIpv6).map((address) => `address add ${address}/128 dev lo nodad`),
  ]);
}

/** Makes a tunnel's interface in the namespaces: like that of a VPN it has no hardware address. */
export async function makeTunnel(namespaces: Namespaces, name: string): Promise<void> {
  await batch(namespaces, [`tuntap add dev ${name} mode tun`]);
}

/** Plugs another interface into a guest that runs. */
export async function plugIn(namespaces: Namespaces, machine: Machine, link: GuestInterface): Promise<void> {
  await makeLink(namespaces, link);
  await batch(namespaces, [`link set dev ${link.name} netns ${machine.leader}`]);
}

/** Takes an interface away from a guest that runs. */
export async function unplug(namespaces: Namespaces, name: string): Promise<void> {
  await batch(namespaces, [`link delete dev ${outerOf(name)}`]);
}

/** Takes away what a guest that has ended had: the kernel does so as well, but in its own time (network_namespaces(7)). */
export async function clearLinks(namespaces: Namespaces, names: readonly string[]): Promise<void> {
  const lines = names.map((name) => `link delete dev ${name}\n`).join('');
  await namespaces.run('sh', ['-c', 'ip -force -batch - 2>/dev/null || true'], {
    ...inNetwork,
    input: lines,
  });
}

/** The names that an interface has in the namespaces while no guest has it, and of its other end. */
export const endsOf = (name: string): string[] => [outerOf(name), name];

/** One process for all of them: ip(8), `-batch`. */
async function batch(namespaces: Namespaces, lines: readonly string[]): Promise<void> {
  await namespaces.run('ip', ['-batch', '-'], { ...inNetwork, input: `${lines.join('\n')}\n` });
}

/** A host may have no IPv6: then its guests have none, and the claims about their addresses say so. */
async function batchOfIpv6(namespaces: Namespaces, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const input = `${lines.join('\n')}\n`;
  await namespaces.run('sh', ['-c', 'ip -force -batch - 2>/dev/null || true'], { ...inNetwork, input });
}

const isIpv6 = (address: string): boolean => address.includes(':');
const isIpv4 = (address: string): boolean => !isIpv6(address);

const outerOf = (name: string): string => `out-${name}`;
