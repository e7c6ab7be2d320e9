/** What a VPN makes: a link without a hardware address (tun, WireGuard, PPP), one that has an address (tap), or none. */
export type Device = 'tun' | 'tap' | 'none';

/** A program of a VPN. */
export interface Program {
  readonly name: string;
  /** One of these words has to be among its arguments; without them it is a daemon, which needs none. */
  readonly words?: RegExp;
}

/** One VPN, and how one recognizes it. A line more here is a product more that is recognized. */
export interface Product {
  /** As messages call it. */
  readonly product: string;
  readonly device: Device;
  /** Services whose start is the VPN's start, by what packages call them. */
  readonly services?: readonly string[];
  /**
   * Template units, with the file without which an instance cannot start ("%i" is the instance); undefined where that is
   * not a file of a known place.
   */
  readonly templates?: Readonly<Record<string, string | undefined>>;
  readonly programs?: readonly (string | Program)[];
}

const up = /^(?:up|start|restart|connect|reconnect)$/;

/**
 * Sources: the packages of Debian 12 (units and scripts as they install them), for the others the packages and manuals of
 * their makers; where the device is not said there, a tun device, as every VPN of layer 3 without an own kernel module.
 * Debian's `tinc`, `openvpn` and the IPsec daemons have modules of their own, which know their configuration; here they
 * have their programs only.
 */
export const products: readonly Product[] = [
  // Debian 12.
  { product: 'openvpn', device: 'tun', programs: ['openvpn'] },
  { product: 'tinc', device: 'tun', programs: ['tincd'] },
  {
    product: 'ipsec',
    device: 'none',
    programs: [{ name: 'ipsec', words: up }, { name: 'swanctl', words: /^(?:--initiate|-i)$/ }, 'pluto'],
  },
  { product: 'racoon', device: 'none', services: ['racoon', 'setkey'], programs: ['racoon'] },
  {
    product: 'wireguard',
    device: 'tun',
    templates: { 'wg-quick': '/etc/wireguard/%i.conf' },
    programs: [{ name: 'wg-quick', words: up }, 'wireguard-go', 'boringtun', 'boringtun-cli'],
  },
  {
    product: 'vpnc',
    device: 'tun',
    services: ['vpnc'],
    templates: { vpnc: '/etc/vpnc/%i.conf' },
    programs: ['vpnc', 'vpnc-connect'],
  },
  {
    product: 'openconnect',
    device: 'tun',
    services: ['openconnect'],
    templates: { openconnect: undefined },
    programs: ['openconnect'],
  },
  {
    product: 'openfortivpn',
    device: 'tun',
    services: ['openfortivpn'],
    templates: { openfortivpn: '/etc/openfortivpn/%i.conf' },
    programs: ['openfortivpn'],
  },
  {
    product: 'ocserv',
    device: 'tun',
    services: ['ocserv'],
    templates: { ocserv: undefined },
    programs: ['ocserv'],
  },
  {
    product: 'softether',
    device: 'tap',
    services: [
      'softether-vpnserver',
      'softether-vpnclient',
      'softether-vpnbridge',
      'vpnserver',
      'vpnclient',
      'vpnbridge',
    ],
    programs: ['vpnserver', 'vpnclient', 'vpnbridge'].map((name) => ({ name, words: up })),
  },
  {
    product: 'n2n',
    device: 'tap',
    services: ['n2n', 'edge'],
    templates: { edge: '/etc/n2n/edge-%i.conf', 'edge-ntop': undefined },
    programs: ['edge', 'n2n'],
  },
  {
    product: 'nebula',
    device: 'tun',
    services: ['nebula'],
    templates: { nebula: '/etc/nebula/%i.yml' },
    programs: ['nebula', 'nebula-systemd-launcher'],
  },
  // Without `mode`, fastd.conf makes a tap device.
  { product: 'fastd', device: 'tap', templates: { fastd: '/etc/fastd/%i/fastd.conf' }, programs: ['fastd'] },
  { product: 'gvpe', device: 'tap', services: ['gvpe'], programs: ['gvpe'] },
  {
    product: 'iodine',
    device: 'tun',
    services: ['iodined'],
    programs: ['iodine', 'iodined', 'iodine-client-start'],
  },
  { product: 'miredo', device: 'tun', services: ['miredo'], programs: ['miredo'] },
  { product: 'tayga', device: 'tun', services: ['tayga'], programs: ['tayga'] },
  { product: 'vtun', device: 'tun', services: ['vtun'], programs: ['vtund'] },
  { product: 'quicktun', device: 'tun', programs: ['quicktun'] },
  { product: 'yggdrasil', device: 'tun', services: ['yggdrasil'], programs: ['yggdrasil'] },
  { product: 'isatapd', device: 'none', services: ['isatapd'], programs: ['isatapd'] },
  { product: 'l2tp', device: 'tun', services: ['xl2tpd', 'openl2tpd'], programs: ['xl2tpd', 'openl2tpd'] },
  { product: 'pptp', device: 'tun', services: ['pptpd'], programs: ['pptpd', 'pptp'] },
  { product: 'accel-ppp', device: 'tun', services: ['accel-ppp'], programs: ['accel-pppd'] },
  {
    product: 'ppp',
    device: 'tun',
    programs: ['pppd', 'pon', 'wvdial', 'pppoe-start', 'pppoe-connect', 'pppoe-server'],
  },
  { product: 'sstp', device: 'tun', programs: ['sstpc'] },
  { product: 'tun', device: 'tun', programs: ['tunctl'] },
  // tailscale.com: tailscaled.service; it makes its device whether or not anybody has logged in.
  {
    product: 'tailscale',
    device: 'tun',
    services: ['tailscaled'],
    programs: ['tailscaled', { name: 'tailscale', words: up }],
  },
  // zerotier.com; its device has a hardware address.
  { product: 'zerotier', device: 'tap', services: ['zerotier-one'], programs: ['zerotier-one'] },
  // developers.cloudflare.com, WARP client; cloudflared makes no device and is none.
  {
    product: 'cloudflare-warp',
    device: 'tun',
    services: ['warp-svc'],
    programs: ['warp-svc', { name: 'warp-cli', words: up }],
  },
  {
    product: 'netbird',
    device: 'tun',
    services: ['netbird', 'wiretrustee'],
    programs: [{ name: 'netbird', words: /^(?:up|service)$/ }],
  },
  // OpenVPN 3 Linux: openvpn3-systemd(1), openvpn3-autoload(8); the profiles of the former lie in its own store.
  {
    product: 'openvpn3',
    device: 'tun',
    services: ['openvpn3-autoload'],
    templates: { 'openvpn3-session': undefined },
    programs: [
      'openvpn3-autoload',
      'openvpn3-systemd',
      'openvpn2',
      { name: 'openvpn3', words: /^session-start$/ },
    ],
  },
  { product: 'openvpn-as', device: 'tun', services: ['openvpnas'], programs: ['openvpnas'] },
  {
    product: 'twingate',
    device: 'tun',
    services: ['twingate'],
    programs: ['twingated', { name: 'twingate', words: up }],
  },
  {
    product: 'pritunl',
    device: 'tun',
    services: ['pritunl', 'pritunl-client'],
    programs: ['pritunl', 'pritunl-client-service'],
  },
  // mullvad-early-boot-blocking.service only sets a firewall.
  {
    product: 'mullvad',
    device: 'tun',
    services: ['mullvad-daemon'],
    programs: ['mullvad-daemon', { name: 'mullvad', words: up }],
  },
  {
    product: 'nordvpn',
    device: 'tun',
    services: ['nordvpnd'],
    programs: ['nordvpnd', { name: 'nordvpn', words: /^(?:c|connect)$/ }],
  },
  {
    product: 'expressvpn',
    device: 'tun',
    services: ['expressvpn', 'expressvpn-service'],
    programs: ['expressvpnd', 'expressvpn-daemon', { name: 'expressvpn', words: up }],
  },
  {
    product: 'protonvpn',
    device: 'tun',
    services: ['protonwire', 'protonvpn-autoconnect'],
    programs: [
      { name: 'protonwire', words: up },
      { name: 'protonvpn', words: /^(?:c|connect)$/ },
      { name: 'protonvpn-cli', words: /^(?:c|connect)$/ },
    ],
  },
  {
    product: 'surfshark',
    device: 'tun',
    services: ['surfsharkd2'],
    programs: ['surfsharkd2', 'surfshark-vpn'],
  },
  {
    product: 'windscribe',
    device: 'tun',
    services: ['windscribe-helper'],
    programs: [{ name: 'windscribe-cli', words: up }],
  },
  {
    product: 'pia',
    device: 'tun',
    services: ['piavpn'],
    programs: ['pia-daemon', { name: 'piactl', words: up }],
  },
  {
    product: 'ivpn',
    device: 'tun',
    services: ['ivpn-service'],
    programs: ['ivpn-service', { name: 'ivpn', words: up }],
  },
  {
    product: 'mozillavpn',
    device: 'tun',
    services: ['mozillavpn'],
    programs: [{ name: 'mozillavpn', words: /^(?:linuxdaemon|activate)$/ }],
  },
  // AirVPN's Eddie/Bluetit.
  { product: 'airvpn', device: 'tun', services: ['bluetit'], programs: ['bluetit', 'hummingbird'] },
  {
    product: 'outline',
    device: 'tun',
    services: ['outline_proxy_controller'],
    programs: ['OutlineProxyController'],
  },
  {
    product: 'innernet',
    device: 'tun',
    templates: { innernet: '/etc/innernet/%i.conf', 'innernet-server': '/etc/innernet-server/%i.conf' },
    programs: [
      { name: 'innernet', words: up },
      { name: 'innernet-server', words: /^serve$/ },
    ],
  },
  {
    product: 'netmaker',
    device: 'tun',
    services: ['netclient'],
    programs: [{ name: 'netclient', words: /^(?:daemon|join|connect)$/ }],
  },
  {
    product: 'firezone',
    device: 'tun',
    services: ['firezone-client-headless', 'firezone-client-ipc', 'firezone-gateway'],
    programs: ['firezone-client-headless', 'firezone-gateway'],
  },
  { product: 'defguard', device: 'tun', services: ['defguard-service'], programs: ['defguard-service'] },
  { product: 'openziti', device: 'tun', services: ['ziti-edge-tunnel'], programs: ['ziti-edge-tunnel'] },
  {
    product: 'vpncloud',
    device: 'tun',
    services: ['vpncloud'],
    templates: { vpncloud: '/etc/vpncloud/%i.net' },
    programs: ['vpncloud'],
  },
  {
    product: 'easytier',
    device: 'tun',
    services: ['easytier'],
    templates: { easytier: undefined },
    programs: ['easytier-core'],
  },
  {
    product: 'amneziawg',
    device: 'tun',
    templates: { 'awg-quick': '/etc/amnezia/amneziawg/%i.conf' },
    programs: [{ name: 'awg-quick', words: up }, 'amneziawg-go'],
  },
  { product: 'cjdns', device: 'tun', services: ['cjdns'], programs: ['cjdroute'] },
  { product: 'clatd', device: 'tun', services: ['clatd'], programs: ['clatd'] },
  {
    product: 'tun2socks',
    device: 'tun',
    services: ['tun2socks'],
    programs: ['tun2socks', 'badvpn-tun2socks', 'hev-socks5-tunnel'],
  },
  // hamachi's ham0 has a hardware address.
  { product: 'hamachi', device: 'tap', services: ['logmein-hamachi'], programs: ['hamachid'] },
  { product: 'anyconnect', device: 'tun', services: ['vpnagentd'], programs: ['vpnagentd'] },
  {
    product: 'globalprotect',
    device: 'tun',
    services: ['gpd'],
    programs: ['PanGPS', 'gpclient', 'gpservice'],
  },
  {
    product: 'forticlient',
    device: 'tun',
    services: ['forticlient', 'forticlient-scheduler'],
    programs: ['fctsched', 'forticlientsslvpn_cli'],
  },
  { product: 'checkpoint', device: 'tun', services: ['snx-rs'], programs: ['snx', 'snx-rs'] },
  { product: 'pulse', device: 'tun', services: ['pulsesecure'], programs: ['pulsesvc', 'pulsesecure'] },
  { product: 'netextender', device: 'tun', services: ['NEService'], programs: ['netExtender', 'nxcli'] },
  { product: 'barracuda', device: 'tun', services: ['barracudavpn'], programs: ['barracudavpn'] },
  { product: 'aws-vpn-client', device: 'tun', services: ['awsvpnclient'], programs: ['ACVC.GTK.Service'] },
  { product: 'appgate', device: 'tun', services: ['appgatedriver'], programs: ['appgate-driver'] },
  { product: 'zscaler', device: 'tun', services: ['zscaler', 'zstunnel'], programs: ['zstunnel'] },
];

/** The services that the table answers for; a template's name ends in `@`. */
export const productServices: readonly string[] = products.flatMap(({ services = [], templates = {} }) => [
  ...services,
  ...Object.keys(templates).map((name) => `${name}@`),
]);
