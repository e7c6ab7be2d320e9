import { type NameServers, startNameServers } from '../../images/sandbox/name-server.js';
import { type GuestInterface, leadNowhere } from '../../images/sandbox/network.js';
import type { Sandbox } from '../../images/sandbox/sandbox.js';
import { type ExpectedInterface, expectedOf } from './nova/vm-data.js';
import type { Scenario } from './scenario.js';

/**
 * Makes what is around a guest, before it has an interface: a network that ends at its gateways, and the name servers
 * that the scenario names.
 */
export async function makeSurroundings(
  { namespaces }: Sandbox,
  { interfaces, rounds }: Scenario,
): Promise<NameServers> {
  const all = [...interfaces, ...rounds.flatMap(({ add = [] }) => add)].map(expectedOf);
  const servers = [...new Set(all.flatMap(({ dns }) => dns))];
  await leadNowhere(namespaces, servers);
  return startNameServers(namespaces, servers);
}

/** An interface, as the network at its other end sees it. */
export function linkOf({ device, mac, addresses, routes }: ExpectedInterface): GuestInterface {
  return {
    name: device,
    mac,
    addresses: addresses.map((address) => address.replace(/\/.*/, '')),
    gateways: [...new Set(routes.filter(({ to }) => to === 'default').map(({ via }) => via))],
  };
}
