import { splitLines } from '../../formats/lines.js';
import { shellVariables } from '../../formats/shell-assignments.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Vpn } from './vpn.js';
import type { Evidence } from '../evidence.js';
import { instancesOf, unlinkInstance } from './instances.js';
import type { Guest, Mechanism } from './mechanism.js';

const n2nScript: GuestPath = '/etc/init.d/n2n';
const n2nSettings: GuestPath = '/etc/default/n2n';
const xl2tpdSettings: GuestPath = '/etc/xl2tpd/xl2tpd.conf';
const xl2tpdOptions: GuestPath = '/etc/default/xl2tpd';

/** A product whose service is all there is to it. */
interface Product {
  readonly product: string;
  readonly services: readonly string[];
  /** Template units: "vpnc" for vpnc@.service. */
  readonly templates?: readonly string[];
  readonly tunnelLink: boolean;
  /** Whether its plain services do anything as they are configured; they do when this is not said. */
  readonly configured?: (image: Image) => Promise<boolean>;
}

/**
 * Products that start as plain services. Those that make an Ethernet-like device (tap, with a hardware address) have no
 * tunnel link in the sense that matters.
 */
const products: readonly Product[] = [
  { product: 'wireguard', services: [], templates: ['wg-quick'], tunnelLink: true },
  { product: 'vpnc', services: ['vpnc'], templates: ['vpnc'], tunnelLink: true },
  { product: 'openconnect', services: ['openconnect'], templates: ['openconnect'], tunnelLink: true },
  { product: 'ocserv', services: ['ocserv'], templates: ['ocserv'], tunnelLink: true },
  {
    product: 'softether',
    services: [
      'softether-vpnserver',
      'softether-vpnclient',
      'softether-vpnbridge',
      'vpnserver',
      'vpnclient',
      'vpnbridge',
    ],
    tunnelLink: false,
  },
  { product: 'n2n', services: ['n2n'], tunnelLink: false, configured: isN2nConfigured },
  { product: 'n2n', services: ['edge'], templates: ['edge', 'edge-ntop'], tunnelLink: false },
  { product: 'nebula', services: ['nebula'], templates: ['nebula'], tunnelLink: true },
  { product: 'zerotier', services: ['zerotier-one'], tunnelLink: false },
  { product: 'tailscale', services: ['tailscaled'], tunnelLink: true },
  { product: 'hamachi', services: ['logmein-hamachi'], tunnelLink: false },
  { product: 'anyconnect', services: ['vpnagentd'], tunnelLink: true },
  { product: 'globalprotect', services: ['gpd'], tunnelLink: true },
  { product: 'forticlient', services: ['forticlient'], tunnelLink: true },
  { product: 'openfortivpn', services: ['openfortivpn'], templates: ['openfortivpn'], tunnelLink: true },
  { product: 'l2tp', services: ['xl2tpd'], tunnelLink: true, configured: isXl2tpdConfigured },
  { product: 'l2tp', services: ['openl2tpd'], tunnelLink: true },
  { product: 'pptp', services: ['pptpd'], tunnelLink: true },
  { product: 'accel-ppp', services: ['accel-ppp'], tunnelLink: true },
  { product: 'racoon', services: ['racoon', 'setkey'], tunnelLink: false },
];

/** The services that are answered for here; a template's name ends in `@`. */
export const productServices: readonly string[] = products.flatMap(({ services, templates = [] }) => [
  ...services,
  ...templates.map((name) => `${name}@`),
]);

/** Debian's init script of n2n starts nothing before its administrator says that it is configured. */
async function isN2nConfigured(image: Image): Promise<boolean> {
  const script = await image.readText(n2nScript);
  if (!script?.includes('N2N_EDGE_CONFIG_DONE')) return true;
  const settings = shellVariables((await image.readText(n2nSettings)) ?? '');
  return (settings.get('N2N_EDGE_CONFIG_DONE')?.value ?? '') !== '';
}

/**
 * xl2tpd calls and answers for what its `[lac NAME]` and `[lns NAME]` sections say (xl2tpd.conf(5)); as the packages
 * install it, it has none. Options of the daemon may name another file.
 */
async function isXl2tpdConfigured(image: Image): Promise<boolean> {
  const settings = await image.readText(xl2tpdSettings);
  if (settings === undefined) return true;
  const options = shellVariables((await image.readText(xl2tpdOptions)) ?? '').get('DAEMON_OPTS')?.value ?? '';
  return (
    /(?:^|\s)-c/.test(options) ||
    splitLines(settings).some(({ text }) => /^\s*\[\s*(?:lac|lns)\b/i.test(text))
  );
}

/** VPNs that an enabled service or an instance of a template unit starts. */
export const vpnServices: Mechanism = {
  inputs: [n2nScript, n2nSettings, xl2tpdSettings, xl2tpdOptions],
  async find(guest) {
    const found: Vpn[] = [];
    for (const { product, services, templates = [], tunnelLink, configured } of products) {
      const enabled = services.flatMap((name) => enabledService(guest, product, name, tunnelLink));
      if (enabled.length > 0 && (await configured?.(guest.image)) !== false) found.push(...enabled);
      for (const template of templates) {
        for (const { name, unit, link, wantedBy } of await instancesOf(guest, template)) {
          found.push({
            product,
            name,
            evidence: { path: link },
            how: `${unit} is wanted by ${wantedBy}`,
            tunnelLink,
            disable: (image) => unlinkInstance(image, unit),
          });
        }
      }
    }
    return found;
  },
};

/**
 * A service as a VPN, when it starts at boot; none otherwise.
 * @param how - in place of "… is enabled"
 */
export function enabledService(
  { services, servicesOf }: Guest,
  product: string,
  name: string,
  tunnelLink: boolean,
  how?: string,
): Vpn[] {
  const service = services.find(name);
  if (service?.state !== 'enabled') return [];
  const [evidence = { path: service.path }]: readonly Evidence[] = service.evidence;
  return [
    {
      product,
      name: service.name,
      evidence,
      how: how ?? `${service.id} is enabled`,
      tunnelLink,
      disable: async (image) => {
        const now = await servicesOf(image);
        const same = now.find(service.id);
        return same?.state === 'enabled' ? now.disable(same) : [];
      },
    },
  ];
}
