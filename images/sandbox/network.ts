import type { Machine } from './machine.js';
import type { Namespaces } from './namespaces.js';

/** A network interface that the guest is to have. */
export interface GuestInterface {
  /** "eth0". */
  readonly name: string;
  /** "bc:76:4e:04:cf:e5". */
  readonly mac: string;
}

/**
 * Makes an interface in the namespaces, for a guest that is yet to be started. Its other end stays in the namespaces, which leads
 * nowhere: a guest has a network, and nobody to talk to.
 */
export async function makeLink(namespaces: Namespaces, { name, mac }: GuestInterface): Promise<void> {
  const ip = (...args: string[]): Promise<unknown> =>
    namespaces.run('ip', ['link', ...args], { enter: 'network', package: 'iproute2' });
  await ip('add', 'name', name, 'address', mac, 'type', 'veth', 'peer', 'name', outerOf(name));
  await ip('set', 'dev', outerOf(name), 'up');
}

/** Makes a tunnel's interface in the namespaces: like that of a VPN it has no hardware address. */
export async function makeTunnel(namespaces: Namespaces, name: string): Promise<void> {
  await namespaces.run('ip', ['tuntap', 'add', 'dev', name, 'mode', 'tun'], {
    enter: 'network',
    package: 'iproute2',
  });
}

/** Plugs another interface into a guest that runs. */
export async function plugIn(namespaces: Namespaces, machine: Machine, link: GuestInterface): Promise<void> {
  await makeLink(namespaces, link);
  await namespaces.run('ip', ['link', 'set', 'dev', link.name, 'netns', String(machine.leader)], {
    enter: 'network',
    package: 'iproute2',
  });
}

/** Takes an interface away from a guest that runs. */
export async function unplug(namespaces: Namespaces, name: string): Promise<void> {
  await namespaces.run('ip', ['link', 'delete', 'dev', outerOf(name)], {
    enter: 'network',
    package: 'iproute2',
  });
}

const outerOf = (name: string): string => `out-${name}`;
