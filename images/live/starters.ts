import { ImageError } from '../base/errors.js';
import type { Image } from '../image/image.js';
import type { Gather } from '../guest/fact.js';
import { ifupdownStarter } from './ifupdown.js';
import { networkManagerStarter } from './network-manager.js';
import { networkdStarter } from './networkd.js';
import type { RunningVpn, Starter } from './starter.js';
import { vpnServiceStarter } from './vpn-services.js';

/** All that can bring a VPN up again, in the order in which they are asked to take theirs down. */
export function starters(): readonly Starter[] {
  return [vpnServiceStarter(), networkManagerStarter, ifupdownStarter, networkdStarter];
}

/** Every VPN that is up and can be brought up again. @param image - the running system */
export async function runningVpns(all: readonly Starter[], image: Image, get: Gather): Promise<RunningVpn[]> {
  const found: RunningVpn[] = [];
  for (const starter of all) found.push(...(await starter.running(image, get)));
  return found;
}

/** Who brings a VPN up again. @throws {ImageError} code `unsupported` when that is not of this system */
export function starterOf({ by }: RunningVpn, all: readonly Starter[]): Starter {
  const starter = all.find(({ name }) => name === by);
  if (!starter) throw new ImageError('unsupported', `${by} stopped it, but this system has no ${by}`);
  return starter;
}
