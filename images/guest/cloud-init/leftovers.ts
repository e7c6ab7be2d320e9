import { remove, write } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import { isMapping, parseCloudConfig, withoutKey } from '../../formats/cloud-config.js';
import { type InterfaceStanza, withoutStanzas } from '../../formats/interfaces.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import type { Evidence } from '../evidence.js';
import { type Fact, factsOf } from '../fact.js';
import { textsIn } from '../texts.js';
import { interfacesFiles } from '../network/interfaces-files.js';
import { interfaces } from './network.js';

/** Configuration of a network card that the server which the image was made of has left, and a new one would use beside its own. */
export interface NetworkLeftover extends Evidence {
  /** "eth0". */
  readonly device: string;
  /** What it gives the device: addresses of its own, or those that it asks a DHCP server for. */
  readonly gives: 'address' | 'dhcp';
  /** What reads it. */
  readonly by: 'ifupdown' | 'netplan';
}

const netplan: GuestPath = '/etc/netplan';

/**
 * What competes with cloud-init's own configuration. ifup applies every stanza that an interface has, whichever file it
 * is in, and netplan merges its files: the server has both addresses and both default routes, or the second route
 * fails and with it the interface (found by experiment, with ifupdown 0.8.41 and netplan 0.106).
 */
export const networkLeftovers: Fact<readonly NetworkLeftover[]> = {
  name: 'network-leftovers',
  inputs: [interfaces, '/etc/network/interfaces.d/*', `${netplan}/*.yaml`],
  gather: async (image) => [...(await ofIfupdown(image)), ...(await ofNetplan(image))],
};

/** Changes that take them out: stanzas become comments, files of netplan's go or lose their network cards. */
export async function withoutLeftovers(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  const left = await factsOf(image)(networkLeftovers);
  for (const path of new Set(left.map((each) => each.path))) {
    const text = (await image.readText(path)) ?? '';
    const real = (await image.realPath(path)) ?? path;
    if (left.some((each) => each.path === path && each.by === 'ifupdown')) {
      changes.push(...(await write(image, real, withoutStanzas(text, isLeft))));
      continue;
    }
    const rest = await withoutKey(text, ['network', 'ethernets']);
    if (rest === undefined)
      throw new ImageError(
        'unsupported',
        `the configuration of network cards in ${path} cannot be taken out by itself`,
      );
    changes.push(...((await saysNothing(rest)) ? await remove(image, path) : await write(image, real, rest)));
  }
  return changes;
}

/** As the kernel and udev name network cards; `eth0:1` is a second address. VLANs, bridges, bonds and tunnels are not cloud-init's. */
const card = /^(?:eth\d+|en[a-z0-9]+)(?::\w+)?$/;

function isLeft({ name, method }: InterfaceStanza): boolean {
  return card.test(name) && (method === 'static' || method === 'dhcp');
}

async function ofIfupdown(image: Image): Promise<NetworkLeftover[]> {
  if (!(await findProgram(image, 'ifup')) || !(await image.stat(interfaces))) return [];
  const files = await interfacesFiles(image);
  return files
    .filter(({ path }) => !isOwn(path))
    .flatMap(({ path, stanzas }) =>
      stanzas.filter(isLeft).map(({ name, method, line }) => ({
        ...{ path, line, device: name, by: 'ifupdown' as const },
        gives: method === 'static' ? 'address' : 'dhcp',
      })),
    );
}

async function ofNetplan(image: Image): Promise<NetworkLeftover[]> {
  if (!(await findProgram(image, 'netplan'))) return [];
  const found: NetworkLeftover[] = [];
  for (const { path, text } of await textsIn(image, netplan, (name) => name.endsWith('.yaml'))) {
    if (isOwn(path)) continue;
    const config = await parseCloudConfig(text);
    const network = config.value['network'];
    const cards = isMapping(network) ? network['ethernets'] : undefined;
    if (!isMapping(cards)) continue;
    for (const [device, settings] of Object.entries(cards)) {
      const line = config.lineOf('network', 'ethernets', device);
      const gives = isMapping(settings) ? given(settings) : undefined;
      if (gives) found.push({ path, line, device, gives, by: 'netplan' });
    }
  }
  return found;
}

/** Keys of netplan(5) that give a card addresses or routes. */
function given(settings: Readonly<Record<string, unknown>>): NetworkLeftover['gives'] | undefined {
  const own = ['addresses', 'routes', 'gateway4', 'gateway6'].some((key) => settings[key] !== undefined);
  if (own) return 'address';
  const isOn = (key: string): boolean =>
    settings[key] === true || /^(?:yes|true|on)$/i.test(String(settings[key]));
  return isOn('dhcp4') || isOn('dhcp6') ? 'dhcp' : undefined;
}

/** What cloud-init itself wrote on the source server, it writes anew on every other. */
function isOwn(path: GuestPath): boolean {
  return /^50-cloud-init(?:\.\w+)?$/.test(baseName(path));
}

/** Whether nothing is left in a file of netplan's but its version, and the renderer that netplan takes anyway. */
async function saysNothing(text: string): Promise<boolean> {
  const { value } = await parseCloudConfig(text);
  const network = value['network'];
  if (Object.keys(value).some((key) => key !== 'network')) return false;
  if (!isMapping(network)) return true;
  return Object.entries(network).every(
    ([key, setting]) => key === 'version' || (key === 'renderer' && setting === 'networkd'),
  );
}
