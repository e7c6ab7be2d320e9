import { ImageError } from '../../base/errors.js';
import { isMapping, parseCloudConfig } from '../../formats/cloud-config.js';
import { withoutKey } from '../../formats/cloud-config-edit.js';
import { matches } from '../../formats/wildcard.js';
import { remove, write } from '../../image/change.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { findProgram } from '../agents/programs.js';
import { type GuestText, textsIn } from '../texts.js';
import {
  type LeftoverReader,
  type NetworkLeftover,
  type Owner,
  card,
  isUsual,
  usualCards,
} from './leftover.js';

const ownFolder: GuestPath = '/etc/netplan';

/** The strongest first: a file hides that of its name in a weaker folder (netplan-generate(8)); /run is empty at boot. */
const folders: readonly GuestPath[] = [ownFolder, '/lib/netplan'];

export const netplanInputs: readonly string[] = [...folders, '/usr/lib/netplan'].map(
  (folder) => `${folder}/*.yaml`,
);

/** What each owner writes, and so writes anew on every server. */
const own: Readonly<Record<Owner, RegExp>> = {
  'cloud-init': /^50-cloud-init\.yaml$/,
  'nova-agent': /^rackspace-cloud\.yaml$/,
};
const agentsFile = 'rackspace-cloud.yaml';

/**
 * netplan merges its files: lists of addresses are joined, of other settings the last file wins (netplan-generate(8)). The
 * server has both addresses and both default routes (found by experiment, with netplan 0.106). The agent's own file turns
 * DHCP off for every card, so an earlier one does not matter to it.
 */
export const netplan: LeftoverReader = {
  async find(image) {
    if (!(await findProgram(image, 'netplan'))) return [];
    const found: NetworkLeftover[] = [];
    for (const { path, text } of await filesInForce(image)) {
      const name = baseName(path);
      const all = (Object.keys(own) as Owner[]).filter((owner) => !own[owner].test(name));
      const config = await parseCloudConfig(text);
      const network = config.value['network'];
      const cards = isMapping(network) ? network['ethernets'] : undefined;
      if (!isMapping(cards)) continue;
      for (const [device, settings] of Object.entries(cards)) {
        const line = config.lineOf('network', 'ethernets', device);
        const gives = isMapping(settings) && !isOfAnother(device, settings) ? given(settings) : undefined;
        const owners =
          gives === 'dhcp' && name < agentsFile ? all.filter((owner) => owner !== 'nova-agent') : all;
        if (gives && owners.length > 0)
          found.push({
            path,
            line,
            device,
            usual: isOfUsual(device, settings),
            gives,
            by: 'netplan',
            instead: false,
            owners,
          });
      }
    }
    return found;
  },
  async without(image, path) {
    const text = (await image.readText(path)) ?? '';
    const rest = await withoutKey(text, ['network', 'ethernets']);
    if (rest === undefined)
      throw new ImageError(
        'unsupported',
        `the configuration of network cards in ${path} cannot be taken out by itself`,
      );
    const isEmpty = await saysNothing(rest);
    if (!path.startsWith(`${ownFolder}/`))
      return write(image, join(ownFolder, baseName(path)), isEmpty ? '' : rest, { mode: 0o600 });
    if (isEmpty && !(await isHiding(image, path))) return remove(image, path);
    return write(image, (await image.realPath(path)) ?? path, rest);
  },
};

async function filesInForce(image: Image): Promise<readonly GuestText[]> {
  const byName = new Map<string, GuestText>();
  for (const folder of folders) {
    for (const file of await textsIn(image, folder, (name) => name.endsWith('.yaml')))
      if (!byName.has(baseName(file.path))) byName.set(baseName(file.path), file);
  }
  return [...byName.values()];
}

/** Whether a file keeps one of its name in a weaker folder from being read. */
async function isHiding(image: Image, path: GuestPath): Promise<boolean> {
  const weaker = folders.slice(1).map((folder) => image.stat(join(folder, baseName(path))));
  return (await Promise.all(weaker)).some((entry) => entry !== undefined);
}

/** Keys of netplan(5) that give a card addresses or routes. */
function given(settings: Readonly<Record<string, unknown>>): 'address' | 'dhcp' | undefined {
  const addressed = ['addresses', 'routes', 'gateway4', 'gateway6'].some(
    (key) => settings[key] !== undefined,
  );
  if (addressed) return 'address';
  const isOn = (key: string): boolean =>
    settings[key] === true || /^(?:yes|true|on)$/i.test(String(settings[key]));
  return isOn('dhcp4') || isOn('dhcp6') ? 'dhcp' : undefined;
}

/** A card of another server by its hardware address; under the name of a card it is merged with that card all the same. */
function isOfAnother(device: string, settings: Readonly<Record<string, unknown>>): boolean {
  const match = settings['match'];
  return !card.test(device) && isMapping(match) && match['macaddress'] !== undefined;
}

/** Whether a usual card is meant: by `match`, whose name may be a pattern, or else by the key itself (netplan(5)). */
function isOfUsual(device: string, settings: unknown): boolean {
  const match = isMapping(settings) ? settings['match'] : undefined;
  if (!isMapping(match) || isUsual(device)) return isUsual(device);
  const name = match['name'];
  return typeof name !== 'string' || usualCards.some((each) => matches(name, each));
}

/** Whether nothing is left in a file but its version, and the renderer that netplan takes anyway. */
async function saysNothing(text: string): Promise<boolean> {
  const { value } = await parseCloudConfig(text);
  const network = value['network'];
  if (Object.keys(value).some((key) => key !== 'network')) return false;
  if (!isMapping(network)) return true;
  return Object.entries(network).every(
    ([key, setting]) => key === 'version' || (key === 'renderer' && setting === 'networkd'),
  );
}

/** Whether a guest has the program of netplan. */
export async function hasNetplan(image: Image): Promise<boolean> {
  return (await findProgram(image, 'netplan')) !== undefined;
}
