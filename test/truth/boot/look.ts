import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../images/base/exec.js';
import { hostName, network } from './cloud.js';
import type { Server } from './server.js';

interface Link {
  readonly ifname: string;
  readonly address?: string;
  readonly addr_info?: readonly { readonly local: string }[];
  readonly linkinfo?: { readonly info_kind?: string };
}

/** What the kernel says of the guest's links; the program is the host's. */
async function links(server: Server): Promise<readonly Link[]> {
  const { stdout } = await server.machine.look('ip', ['-json', '-details', 'address', 'show']);
  return JSON.parse(stdout === '' ? '[]' : stdout) as Link[];
}

/** What is wrong with the network of a server that has had time to configure it; nothing when it is as the cloud says. */
export async function networkFault(server: Server): Promise<string | undefined> {
  const ours = (await links(server)).find(({ address }) => address === network.mac.toLowerCase());
  const addresses = (ours?.addr_info ?? []).map(({ local }) => local);
  if (!addresses.includes(network.address))
    return `${network.device} has not the address ${network.address}, but ${addresses.join(', ') || 'none'}`;
  const stray = addresses.filter((one) => /^\d/.test(one) && one !== network.address);
  if (stray.length > 0) return `${network.device} also has ${stray.join(', ')}`;
  const { stdout } = await server.machine.look('ip', ['-json', '-4', 'route', 'show', 'default']);
  const routes = JSON.parse(stdout === '' ? '[]' : stdout) as { readonly gateway?: string }[];
  const vias = routes.map(({ gateway = '?' }) => gateway);
  return vias[0] === network.gateway
    ? undefined
    : `the default route leads to ${vias.join(', ') || 'nothing'}`;
}

export async function hostNameFault(server: Server): Promise<string | undefined> {
  const { stdout } = await server.machine.look('hostname', []);
  const name = stdout.trim();
  return name === hostName ? undefined : `the host name is ${name}`;
}

/** Whether the guest knows any name server at all: resolv.conf(5), to which every resolver of Linux keeps. */
export async function nameServerFault(server: Server): Promise<string | undefined> {
  const known = await server.ask('/bin/sh', '-c', 'cat /etc/resolv.conf 2>/dev/null || true');
  return /^\s*nameserver\s+\S/m.test(known) ? undefined : 'it knows no name server';
}

const crypt = 'my ($word, $hash) = <STDIN>; chomp($word, $hash); print crypt($word, $hash) // ""';

/** Whether root's password is this one: shadow(5), crypt(5). */
export async function passwordFault(server: Server, password: string): Promise<string | undefined> {
  const shadow = readFileSync(join(server.sandbox.root, 'etc/shadow'), 'utf8');
  const hash = /^root:([^:]*):/m.exec(shadow)?.[1] ?? '';
  const { stdout } = await run('perl', ['-e', crypt], { input: `${password}\n${hash}\n` });
  return hash !== '' && stdout === hash ? undefined : 'root’s password is not the one that was sent';
}

/** Links that have no hardware address, and are no loopback: what a VPN makes. */
export async function tunnels(server: Server): Promise<readonly string[]> {
  const kinds = new Set(['tun', 'wireguard', 'xfrm', 'vti', 'ppp', 'ipip', 'sit', 'gre']);
  return (await links(server))
    .filter(({ linkinfo }) => kinds.has(linkinfo?.info_kind ?? ''))
    .map(({ ifname, linkinfo }) => `${ifname} (${linkinfo?.info_kind ?? ''})`);
}
