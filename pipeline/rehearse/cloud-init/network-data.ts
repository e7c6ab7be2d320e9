import { randomUUID } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { canonical, cidr, netmask, networkOf } from '../nova/network.js';
import type { Interface } from '../scenario.js';

/** What `network_data.json` says: nova's doc/api_schemas/network_data.json, and virt/netutils.py for the details. */
export interface NetworkData {
  readonly links: readonly Link[];
  /** One for each address. */
  readonly networks: readonly Network[];
  readonly services: readonly Service[];
}

interface Link {
  readonly id: string;
  readonly vif_id: string;
  readonly type: 'phy';
  readonly mtu: number;
  readonly ethernet_mac_address: string;
}

interface Network {
  readonly id: string;
  readonly network_id: string;
  readonly type: 'ipv4' | 'ipv6';
  /** The id of its link. */
  readonly link: string;
  readonly ip_address: string;
  readonly netmask: string;
  readonly routes: readonly Route[];
  readonly services: readonly Service[];
}

interface Route {
  readonly network: string;
  readonly netmask: string;
  readonly gateway: string;
}

interface Service {
  readonly type: 'dns';
  readonly address: string;
}

const families = [4, 6] as const;
type Family = (typeof families)[number];

/** Tells of the interfaces as OpenStack does; the guest knows each by its hardware address. */
export function networkData(interfaces: readonly Interface[]): NetworkData {
  const networks = interfaces.flatMap((one, at) => networksOf(one, linkId(at)));
  return {
    links: interfaces.map(({ mac }, at) => ({
      id: linkId(at),
      vif_id: randomUUID(),
      type: 'phy',
      mtu: 1500,
      ethernet_mac_address: mac.toLowerCase(),
    })),
    networks: networks.map((network, at) => ({ id: `network${at}`, ...network })),
    services: servicesOf([...new Set(interfaces.flatMap(({ dns }) => dns ?? []))]),
  };
}

const linkId = (at: number): string => `interface${at}`;

/** The first address of a family has the routes and the name servers of that family. */
function networksOf(one: Interface, link: string): Omit<Network, 'id'>[] {
  const network_id = randomUUID();
  return families.flatMap((family) =>
    ((family === 4 ? one.ipv4 : one.ipv6) ?? []).map(cidr).map(({ address, prefix }, at) => ({
      network_id,
      type: `ipv${family}` as const,
      link,
      ip_address: address,
      netmask: family === 4 ? netmask(prefix) : netmask6(prefix),
      routes: at === 0 ? routesOf(one, family) : [],
      services: at === 0 ? servicesOf((one.dns ?? []).filter((dns) => isIPv4(dns) === (family === 4))) : [],
    })),
  );
}

function routesOf({ gateway, gateway6, routes = [] }: Interface, family: Family): Route[] {
  if (family === 6)
    return gateway6 === undefined ? [] : [{ network: '::', netmask: '::', gateway: gateway6 }];
  return [
    ...(gateway === undefined ? [] : [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway }]),
    ...routes.map(({ to, via }) => {
      const network = cidr(to);
      return { network: networkOf(network), netmask: netmask(network.prefix), gateway: via };
    }),
  ];
}

function servicesOf(addresses: readonly string[]): Service[] {
  return addresses.map((address) => ({ type: 'dns', address }));
}

/** "ffff:ffff:ffff:ffff::" for 64. */
function netmask6(prefix: number): string {
  const groups = Array.from({ length: 8 }, (_, at) => {
    const ones = Math.min(16, Math.max(0, prefix - 16 * at));
    return ((0xffff << (16 - ones)) & 0xffff).toString(16);
  });
  const mask = groups.join(':');
  return canonical(mask) ?? mask;
}
