/** Whether a network interface is, by its name, one that carries a network through another. */
export function isTunnelName(name: string): boolean {
  return /^(?:tun|tap|wg|ppp|gre|gretap|sit|ipip|vti|l2tp|vpn|tinc|zt|ham|tailscale|nebula|n2n|edge)\d*$/.test(
    name,
  );
}

/**
 * Whether a tunnel, by its name, has an address of the link layer: an Ethernet card's (tap), or that of the network below
 * (gre, ipip, sit, vti: `addr_len` of net/ipv4/ip_gre.c, ipip.c, ip_vti.c and net/ipv6/sit.c in Linux). tun, WireGuard
 * and PPP have none.
 */
export function hasLinkAddress(name: string): boolean {
  return /^(?:tap|gre|gretap|ipip|sit|vti|zt|ham|n2n|edge)/.test(name);
}
