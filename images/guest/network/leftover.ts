import type { Change, GuestPath, Image } from '../../image/image.js';
import type { ConfigFile } from '../cloud-init/config-files.js';
import type { Renderer } from '../cloud-init/renderers.js';
import type { Evidence } from '../evidence.js';
import type { Services } from '../init/service.js';
import type { AgentNetwork } from './agent-network.js';

/** Who configures the network of a new server. */
export type Owner = 'cloud-init' | 'nova-agent';

/** Configuration of a network card that the server which the image was made of has left, and that takes effect on a new one. */
export interface NetworkLeftover extends Evidence {
  /** "eth0", or the pattern that stands for it. */
  readonly device: string;
  /** Whether the first cards of a cloud server are called so; what is for another has effect where there is such a card. */
  readonly usual: boolean;
  /** What it gives the device: addresses of its own, those that it asks a DHCP server for, or none at all. */
  readonly gives: 'address' | 'dhcp' | 'none';
  /** Whether it takes the place of what the owner writes; otherwise it has effect beside it. */
  readonly instead: boolean;
  /** In words that follow "but", when the image does not tell whether it has effect, or it has none as it stands. */
  readonly doubt?: string | undefined;
  /** What reads it. */
  readonly by:
    'cloud-init' | 'ifupdown' | 'netplan' | 'NetworkManager' | 'the network scripts' | 'systemd-networkd';
  /** Whose configuration it competes with. */
  readonly owners: readonly Owner[];
}

/** What is known of the guest's network when its files are looked at. */
export interface NetworkContext {
  readonly services: Services;
  /** What cloud-init writes for; undefined without cloud-init, or when it finds nothing. */
  readonly renderer: Renderer | undefined;
  /** The autoconnect-priority that cloud-init gives its profiles for NetworkManager. */
  readonly priority: number;
  readonly agent: AgentNetwork;
  /** What cloud-init's own files say, the strongest first; undefined without cloud-init. */
  readonly cloudConfig: readonly ConfigFile[] | undefined;
}

/** One kind of configuration files. */
export interface LeftoverReader {
  find(image: Image, context: NetworkContext): Promise<NetworkLeftover[]>;
  /** Changes after which a file of these no longer has effect on a card. */
  without(image: Image, path: GuestPath): Promise<Change[]>;
}

/** As the kernel and udev name network cards; `eth0:1` is a second address. VLANs, bridges, bonds and tunnels are nobody's. */
export const card = /^(?:eth\d+|en[a-zA-Z0-9]+)(?::\w+)?$/;

/** Names that a cloud server's first cards have: of the kernel, of udev for Xen, and of udev for others. */
export const usualCards: readonly string[] = ['eth0', 'eth1', 'enX0', 'enX1', 'ens3', 'enp0s3'];

/** Whether a card's name is one of those; `eth0:1` is the card eth0. */
export function isUsual(name: string): boolean {
  return usualCards.includes(name.replace(/:.*$/, ''));
}
