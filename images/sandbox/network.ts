import type { Machine } from './machine.js';
import type { Stage } from './stage.js';

/** A network interface that the guest is to have. */
export interface Link {
  /** "eth0". */
  readonly name: string;
  /** "bc:76:4e:04:cf:e5". */
  readonly mac: string;
}

/**
 * Makes an interface in the stage, for a guest that is yet to be started. Its other end stays in the stage, which leads
 * nowhere: a guest has a network, and nobody to talk to.
 */
export async function makeLink(stage: Stage, { name, mac }: Link): Promise<void> {
  const ip = (...args: string[]): Promise<unknown> =>
    stage.run('ip', ['link', ...args], { namespaces: 'network', package: 'iproute2' });
  await ip('add', 'name', name, 'address', mac, 'type', 'veth', 'peer', 'name', outerOf(name));
  await ip('set', 'dev', outerOf(name), 'up');
}

/** Makes a tunnel's interface in the stage: like that of a VPN it has no hardware address. */
export async function makeTunnel(stage: Stage, name: string): Promise<void> {
  await stage.run('ip', ['tuntap', 'add', 'dev', name, 'mode', 'tun'], {
    namespaces: 'network',
    package: 'iproute2',
  });
}

/** Plugs another interface into a guest that runs. */
export async function plugIn(stage: Stage, machine: Machine, link: Link): Promise<void> {
  await makeLink(stage, link);
  await stage.run('ip', ['link', 'set', 'dev', link.name, 'netns', String(machine.leader)], {
    namespaces: 'network',
    package: 'iproute2',
  });
}

/** Takes an interface away from a guest that runs. */
export async function unplug(stage: Stage, name: string): Promise<void> {
  await stage.run('ip', ['link', 'delete', 'dev', outerOf(name)], {
    namespaces: 'network',
    package: 'iproute2',
  });
}

const outerOf = (name: string): string => `out-${name}`;
