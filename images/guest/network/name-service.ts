import type { GuestPath, Image } from '../../image/image.js';
import { findProgram, isProgram } from '../agents/programs.js';
import { cloudInit } from '../cloud-init/cloud-init.js';
import { cloudInitNetwork } from '../cloud-init/network.js';
import type { Fact } from '../fact.js';
import type { Services } from '../init/service.js';
import { services } from '../init/services.js';
import { textAt } from '../texts.js';
import { agentNetwork } from './agent-network.js';
import type { Owner } from './leftover.js';

/** What a server built from the image resolves names with. */
export interface NameService {
  /** Whose name servers reach nothing, because nothing hands them on from where they are written. */
  readonly unheard: readonly Owner[];
  /** Whether resolv.conf names servers itself: those of the image. */
  readonly fixed: boolean;
  /** Whether there is no resolv.conf at all: whoever finishes the image may still bring one. */
  readonly missing: boolean;
  /** Where resolv.conf leads, when nothing makes that file at boot. */
  readonly dangling: string | undefined;
}

export const resolvConf: GuestPath = '/etc/resolv.conf';

/** resolv.conf(5), resolvconf(8), systemd-resolved.service(8) "/ETC/RESOLV.CONF". */
export const nameService: Fact<NameService> = {
  name: 'name-service',
  inputs: [resolvConf],
  async gather(image, get) {
    const system = await get(services);
    const { installed } = await get(cloudInit);
    const renderer = installed ? (await get(cloudInitNetwork)).renderer : undefined;
    const { writes } = await get(agentNetwork);
    const hooked = await isHandedOn(image, system);
    const resolved = isEnabled(system, 'systemd-resolved');
    const unheard: Owner[] = [];
    if (renderer === 'eni' && !hooked) unheard.push('cloud-init');
    if ((renderer === 'networkd' || renderer === 'netplan') && !resolved) unheard.push('cloud-init');
    if (writes === 'interfaces' && !hooked) unheard.push('nova-agent');
    if (writes === 'netplan' && !resolved) unheard.push('nova-agent');
    return {
      unheard,
      fixed: await namesServers(image),
      missing: !(await image.lstat(resolvConf)),
      dangling: await danglingTarget(image, system),
    };
  },
};

function isEnabled(system: Services, name: string): boolean {
  return system.find(name)?.state === 'enabled';
}

/** Whether a hook of ifup(8) does something with `dns-nameservers`: resolvconf's, openresolv's, systemd-resolved's. */
async function isHandedOn(image: Image, system: Services): Promise<boolean> {
  for (const name of ['000resolvconf', 'resolvconf'])
    if ((await isProgram(image, `/etc/network/if-up.d/${name}`)) && (await findProgram(image, 'resolvconf')))
      return true;
  return (await isProgram(image, '/etc/network/if-up.d/resolved')) && isEnabled(system, 'systemd-resolved');
}

async function namesServers(image: Image): Promise<boolean> {
  if ((await image.stat(resolvConf))?.type !== 'file') return false;
  const [file] = await textAt(image, resolvConf);
  return /^\s*nameserver\s+\S/m.test(file?.text ?? '');
}

/** Who makes the files to which resolv.conf is linked. */
const makers: readonly (readonly [RegExp, (image: Image, system: Services) => Promise<boolean>])[] = [
  [/\/run\/systemd\/resolve\//, async (_, system) => isEnabled(system, 'systemd-resolved')],
  [/\/run\/NetworkManager\//, async (_, system) => isEnabled(system, 'NetworkManager')],
  [/\/run\/resolvconf\//, async (image) => (await findProgram(image, 'resolvconf')) !== undefined],
  [/\/run\/netconfig\//, async () => true],
];

async function danglingTarget(image: Image, system: Services): Promise<string | undefined> {
  const target = await image.readLink(resolvConf);
  if (target === undefined || (await image.stat(resolvConf))) return undefined;
  for (const [pattern, makes] of makers)
    if (pattern.test(`/${target}`)) return (await makes(image, system)) ? undefined : target;
  return target;
}
