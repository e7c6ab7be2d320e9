import type { Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import type { Services } from '../init/service.js';
import type { VpnCommands } from './commands.js';
import type { Vpn } from './vpn.js';

/** What every mechanism is given to look at. */
export interface Guest {
  readonly image: Image;
  readonly services: Services;
  /** The services of this guest with changes laid over it: what a later `disable` needs. */
  readonly servicesOf: (image: Image) => Promise<Services>;
  /** Which VPN a command of this guest brings up. */
  readonly commands: VpnCommands;
}

/** One product, or one place where a VPN can be told to start at boot. */
export interface Mechanism {
  /** Everything whose content it reads. */
  readonly inputs: readonly Input[];
  /** Every VPN that it would start at boot, each with the changes that keep it from doing so. */
  find(guest: Guest): Promise<Vpn[]>;
}
