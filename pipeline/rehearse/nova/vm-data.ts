import type { Interface, Provider, Scenario } from '../scenario.js';
import { broadcast, canonical, cidr, netmask, networkOf } from './network.js';
import type { Store } from './store.js';

/**
 * What XenServer's dom0 puts into a new server's XenStore (nova's vmops: `inject_instance_metadata`,
 * `inject_network_info`, `inject_hostname`, `inject_auto_disk_config`, `inject_provider_data`).
 */
export function writeVmData(store: Store, scenario: Scenario): void {
  store.write('vm-data/hostname', scenario.hostName);
  if (scenario.autoDiskConfig !== undefined)
    store.write('vm-data/auto-disk-config', scenario.autoDiskConfig ? 'True' : 'False');
  if (scenario.provider) writeProvider(store, scenario.provider);
  for (const [key, value] of Object.entries(scenario.userMetadata ?? {}))
    store.write(`vm-data/user-metadata/${key}`, JSON.stringify(value));
  for (const one of scenario.interfaces) writeInterface(store, one);
}

/**
 * Makes of a store what a guest finds in it at its next boot: what it has written itself is gone with its domain, and the
 * host name is no longer told, which nova takes away after the first boot (vmops: `_remove_hostname`): by then the owner
 * may have chosen another.
 */
export function renewVmData(store: Store): void {
  for (const path of ['data', 'attr', 'vm-data/hostname']) store.remove(path);
}

function writeProvider(store: Store, { name, region, roles, ipWhitelist }: Provider): void {
  store.write('vm-data/provider_data/provider', name);
  if (region !== undefined) store.write('vm-data/provider_data/region', region);
  if (roles) store.write('vm-data/provider_data/roles', JSON.stringify(roles));
  for (const [at, network] of (ipWhitelist ?? []).entries())
    store.write(`vm-data/provider_data/ip_whitelist/${at}`, network);
}

/** Tells the guest of a network that it has. */
export function writeInterface(store: Store, one: Interface): void {
  store.write(nodeOf(one), networkInfo(one));
}

/** Takes a network away from what the guest is told. */
export function removeInterface(store: Store, one: Interface): void {
  store.remove(nodeOf(one));
}

function nodeOf({ mac }: Interface): string {
  return `vm-data/networking/${mac.toUpperCase().replaceAll(':', '')}`;
}

/** @returns a network in the JSON that the agents read (nova's `_network_info_to_xenstore`) */
export function networkInfo(one: Interface): string {
  const ipv4 = (one.ipv4 ?? []).map(cidr);
  const ipv6 = (one.ipv6 ?? []).map(cidr);
  const [first] = ipv4;
  const routes = (one.routes ?? []).map(({ to, via }) => {
    const network = cidr(to);
    return { route: networkOf(network), netmask: netmask(network.prefix), gateway: via };
  });
  // JSON leaves out what is undefined.
  return JSON.stringify({
    label: one.label,
    mac: one.mac,
    broadcast: first && broadcast(first),
    gateway: one.gateway,
    gateway_v6: one.gateway6,
    dns: one.dns ?? [],
    ips: ipv4.map(({ address, prefix }) => ({
      ip: address,
      netmask: netmask(prefix),
      enabled: '1',
      gateway: one.gateway,
    })),
    ip6s: some(
      ipv6.map(({ address, prefix }) => ({
        ip: address,
        netmask: prefix,
        enabled: '1',
        gateway: one.gateway6,
      })),
    ),
    routes: some(routes),
  });
}

/** Undefined for an empty list: Nova leaves it out. */
function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** What an interface must have when the agent has done its work; all in the form that `ip` prints. */
export interface ExpectedInterface {
  readonly device: string;
  /** In lower case, as the kernel has it. */
  readonly mac: string;
  readonly label: string;
  /** "203.0.113.124/24". */
  readonly addresses: readonly string[];
  readonly routes: readonly ExpectedRoute[];
  readonly dns: readonly string[];
}

export interface ExpectedRoute {
  readonly family: 4 | 6;
  /** A network, or "default". */
  readonly to: string;
  readonly via: string;
}

/** What the guest must make of a network that it was told of. */
export function expectedOf(one: Interface): ExpectedInterface {
  const addresses = [...(one.ipv4 ?? []), ...(one.ipv6 ?? [])].map(cidr);
  return {
    device: one.device,
    mac: one.mac.toLowerCase(),
    label: one.label,
    addresses: addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    routes: [
      ...defaultRoute(4, one.gateway),
      ...defaultRoute(6, one.gateway6),
      ...(one.routes ?? []).map(({ to, via }): ExpectedRoute => {
        const network = cidr(to);
        return { family: 4, to: `${networkOf(network)}/${network.prefix}`, via };
      }),
    ],
    dns: (one.dns ?? []).map((address) => canonical(address) ?? address),
  };
}

function defaultRoute(family: 4 | 6, gateway: string | undefined): ExpectedRoute[] {
  return gateway === undefined ? [] : [{ family, to: 'default', via: canonical(gateway) ?? gateway }];
}
