import type { Change, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';

/** A VPN that starts at boot, and by what. */
export interface Vpn {
  /** "openvpn", "wireguard", "strongswan", "tinc" …; where only the mechanism is known, that: "ifupdown". */
  readonly product: string;
  /** Its connection or unit: "client1", "wg0", or the service's name. */
  readonly name: string;
  /** The link, line or file that makes it start at boot. */
  readonly evidence: Evidence;
  /** How, in words: "AUTOSTART in /etc/default/openvpn names it", "… is wanted by multi-user.target". */
  readonly how: string;
  /**
   * Whether it makes a link without an address of the link layer (tun, WireGuard, PPP): getifaddrs(3) gives it none, and
   * 1.x before 1.39.1 looks at it all the same (lib/agentlib.c). A tunnel over IP (gre, ipip, sit …) has one.
   */
  readonly tunnelLink: boolean;
  /** Whether it is not the boot that starts it, but what the boot starts: at some hour, or when it is used. */
  readonly isLater?: boolean;
  /** Describes the changes that keep it from starting at boot, on this image as it is when called. */
  disable(image: Image): Promise<Change[]>;
}
