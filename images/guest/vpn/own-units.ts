import { parseUnitFile, settingsOf } from '../../formats/unit-file.js';
import type { Image } from '../../image/image.js';
import type { Exec, Service, Services } from '../init/service.js';
import type { Vpn } from './vpn.js';
import { vpnProgramIn } from './commands.js';
import { instancesOf, unlinkInstance } from './instances.js';
import { ipsecServices } from './ipsec.js';
import type { Guest, Mechanism } from './mechanism.js';
import { openvpnServices } from './openvpn.js';
import { enabledService, productServices } from './services.js';

/** Services of VPNs, by what packages call them; a template's name ends in `@`. */
export const vpnServiceNames: ReadonlySet<string> = new Set([
  ...openvpnServices,
  ...productServices,
  ...ipsecServices,
  'tinc',
  'tinc@',
]);

/** Programs whose device has a hardware address, or that make none. */
const withoutTunnelLink = new Set(['n2n', 'zerotier', 'ipsec', 'strongswan', 'racoon']);

/**
 * Units of the administrator's own making that bring a VPN up: no package has their names, so what they run tells
 * (openconnect, for one, ships no unit at all).
 */
export const ownUnits: Mechanism = {
  // Unit files are among the inputs of the services.
  inputs: [],
  async find(guest) {
    const found: Vpn[] = [];
    for (const service of guest.services.all) {
      // Another mechanism answers for those, which knows more of them than what they run.
      if (service.state !== 'enabled' || !isOwn(service)) continue;
      const product = await productOf(guest.image, service);
      if (product !== undefined) found.push(...(await vpnsOf(guest, service, product)));
    }
    return found;
  },
};

/** The names of the administrator's own units that run a VPN, enabled or not; a template's name ends in `@`. */
export async function ownVpnServices(image: Image, { all }: Services): Promise<string[]> {
  const found: string[] = [];
  for (const service of all) {
    if (isOwn(service) && (await productOf(image, service)) !== undefined) found.push(service.name);
  }
  return found;
}

function isOwn({ origin, name }: Service): boolean {
  return origin === 'unit' && !vpnServiceNames.has(name) && !vpnServiceNames.has(name.replace(/@.+$/, '@'));
}

async function vpnsOf(guest: Guest, { id, name }: Service, product: string): Promise<Vpn[]> {
  const tunnelLink = !withoutTunnelLink.has(product);
  // An instance is listed beside its template; it is the template that says which of them are started.
  if (!name.includes('@'))
    return enabledService(guest, product, name, tunnelLink, `${id} is enabled and runs it`);
  if (!name.endsWith('@')) return [];
  return (await instancesOf(guest, name.slice(0, -1))).map((instance) => ({
    product,
    name: instance.unit.replace(/\.service$/, ''),
    evidence: { path: instance.link },
    how: `${instance.unit} is wanted by ${instance.wantedBy} and runs it`,
    tunnelLink,
    disable: (image) => unlinkInstance(image, instance.unit),
  }));
}

async function productOf(image: Image, { exec }: Service): Promise<string | undefined> {
  for (const each of exec) {
    const product = vpnProgramIn(await commandLine(image, each));
    if (product !== undefined) return product;
  }
  return undefined;
}

/**
 * The whole of ExecStart=, with its continuation lines, since a shell or env(1) in front of it hides what it runs.
 */
async function commandLine(image: Image, { program, evidence }: Exec): Promise<string> {
  const text = evidence.line === undefined ? undefined : await image.readText(evidence.path);
  const setting = settingsOf(parseUnitFile(text ?? '')).find(
    ({ key, line }) => key === 'ExecStart' && line === evidence.line,
  );
  return setting?.value.replace(/^[-@:+!|]+/, '') ?? program;
}
