/** Whether a network interface is, by its name, one that carries a network through another. */
export function isTunnelName(name: string): boolean {
  return /^(?:tun|tap|wg|ppp|gre|gretap|sit|ipip|vti|l2tp|vpn|tinc|zt|ham|tailscale|nebula|n2n|edge)\d*$/.test(
    name,
  );
}

/** Whether a tunnel has a hardware address like an Ethernet card, by its name. */
export function isEthernetLike(name: string): boolean {
  return /^(?:tap|gretap|zt|ham|n2n|edge)/.test(name);
}
