import type { Change, GuestPath, Image } from '../../image/image.js';
import { packageFolderGlobs } from '../agents/python.js';
import { cloudInit } from '../cloud-init/cloud-init.js';
import { cloudConfig } from '../cloud-init/config-files.js';
import { cloudInitNetwork } from '../cloud-init/network.js';
import { networkModules } from '../cloud-init/renderers.js';
import { type Fact, factsOf } from '../fact.js';
import { services } from '../init/services.js';
import { join } from '../../image/resolve.js';
import { agentNetwork } from './agent-network.js';
import { cloudConfigNetwork } from './left-cloud-config.js';
import { ifcfg, ifcfgFolder } from './left-ifcfg.js';
import { ifupdown, interfaces } from './left-ifupdown.js';
import { keyfiles, managerInputs } from './left-keyfiles.js';
import { netplan, netplanInputs } from './left-netplan.js';
import { networkd, networkdInputs } from './left-networkd.js';
import type { LeftoverReader, NetworkLeftover, Owner } from './leftover.js';

const readers: readonly LeftoverReader[] = [cloudConfigNetwork, ifupdown, netplan, keyfiles, ifcfg, networkd];

/** What competes with what the owner of the network writes for a new server, whichever program reads it. */
export const networkLeftovers: Fact<readonly NetworkLeftover[]> = {
  name: 'network-leftovers',
  inputs: [
    interfaces,
    '/etc/network/interfaces.d/*',
    ...netplanInputs,
    ...managerInputs,
    `${ifcfgFolder}/ifcfg-*`,
    ...networkdInputs,
    ...packageFolderGlobs.map((folder) => `${folder}/cloudinit/net/network_manager.py`),
  ],
  async gather(image, get) {
    const { installed } = await get(cloudInit);
    const { renderer } = installed ? await get(cloudInitNetwork) : { renderer: undefined };
    const priority = renderer === 'network-manager' ? await priorityOf(image) : 0;
    const context = {
      ...{ services: await get(services), renderer, priority, agent: await get(agentNetwork) },
      cloudConfig: installed ? await get(cloudConfig) : undefined,
    };
    const found: NetworkLeftover[] = [];
    for (const reader of readers) found.push(...(await reader.find(image, context)));
    return found;
  },
};

/** The priority that this release of cloud-init gives its profiles for NetworkManager; 0 before 23.3. */
async function priorityOf(image: Image): Promise<number> {
  const modules = await networkModules(image);
  const source = modules && (await image.readText(join(modules, 'network_manager.py')));
  return Number(/["']autoconnect-priority["']\s*:\s*["'](\d+)["']/.exec(source ?? '')?.[1] ?? 0);
}

/** Changes after which nothing competes with an owner: stanzas become comments, profiles no longer connect, files go. */
export async function withoutLeftovers(image: Image, owner: Owner): Promise<Change[]> {
  const changes: Change[] = [];
  const left = (await factsOf(image)(networkLeftovers)).filter(({ owners }) => owners.includes(owner));
  const byPath = new Map<GuestPath, NetworkLeftover>(left.map((each) => [each.path, each]));
  for (const { path, by } of byPath.values())
    changes.push(...(await readerOf(path, by).without(image, path)));
  return changes;
}

function readerOf(path: GuestPath, by: NetworkLeftover['by']): LeftoverReader {
  switch (by) {
    case 'cloud-init':
      return cloudConfigNetwork;
    case 'ifupdown':
      return ifupdown;
    case 'netplan':
      return netplan;
    case 'systemd-networkd':
      return networkd;
    case 'the network scripts':
      return ifcfg;
    case 'NetworkManager':
      return path.startsWith(`${ifcfgFolder}/`) ? ifcfg : keyfiles;
  }
}
