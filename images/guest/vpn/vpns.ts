import type { Image } from '../../image/image.js';
import { type Fact, factsOf } from '../fact.js';
import { services } from '../init/services.js';
import type { Services } from '../init/service.js';
import { bootScripts } from './boot-scripts.js';
import { VpnCommands } from './commands.js';
import { hooks } from './hooks.js';
import { ifcfg } from './ifcfg.js';
import { ifupdown } from './ifupdown.js';
import { ipsec } from './ipsec.js';
import type { Guest, Mechanism } from './mechanism.js';
import { netplan } from './netplan.js';
import { networkManager } from './network-manager.js';
import { networkd } from './networkd.js';
import { openvpn } from './openvpn.js';
import { ownUnits } from './own-units.js';
import { pppOnBoot } from './ppp.js';
import { vpnServices } from './services.js';
import { tinc } from './tinc.js';
import { udev } from './udev.js';
import type { Vpn } from './vpn.js';

const mechanisms: readonly Mechanism[] = [
  openvpn,
  vpnServices,
  ipsec,
  tinc,
  networkManager,
  networkd,
  netplan,
  ifupdown,
  ifcfg,
  pppOnBoot,
  bootScripts,
  hooks,
  udev,
  ownUnits,
];

/**
 * The fact {@link vpns}, with another source of what the guest's services are.
 * @param from - the fact that knows which services start at boot
 */
export function vpnsFrom(from: Fact<Services>): Fact<readonly Vpn[]> {
  return {
    name: 'vpns',
    inputs: mechanisms.flatMap(({ inputs }) => inputs),
    async gather(image, get) {
      const system = await get(from);
      const guest: Guest = {
        image,
        services: system,
        servicesOf: (now: Image) => factsOf(now)(from),
        commands: new VpnCommands(image, system),
      };
      const found: Vpn[] = [];
      for (const mechanism of mechanisms) found.push(...(await mechanism.find(guest)));
      return found.sort(byName);
    },
  };
}

/** Every VPN that would start at boot, sorted by product, name and place. */
export const vpns: Fact<readonly Vpn[]> = vpnsFrom(services);

function byName(a: Vpn, b: Vpn): number {
  const keyOf = ({ product, name, evidence }: Vpn): string[] => [product, name, evidence.path];
  const [keyA, keyB] = [keyOf(a), keyOf(b)];
  for (const [at, part] of keyA.entries()) {
    const other = keyB[at] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return (a.evidence.line ?? 0) - (b.evidence.line ?? 0);
}
