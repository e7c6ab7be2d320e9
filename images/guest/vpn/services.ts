import { splitLines } from '../../formats/lines.js';
import { shellVariables } from '../../formats/shell-assignments.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Service } from '../init/service.js';
import { instancesOf } from './instances.js';
import type { Guest, Mechanism } from './mechanism.js';
import { type Device, products } from './products.js';
import { startedService } from './started.js';
import type { Vpn } from './vpn.js';

const n2nScript: GuestPath = '/etc/init.d/n2n';
const n2nSettings: GuestPath = '/etc/default/n2n';
const xl2tpdSettings: GuestPath = '/etc/xl2tpd/xl2tpd.conf';
const xl2tpdOptions: GuestPath = '/etc/default/xl2tpd';

/** Whether plain services of a product do anything as they are configured; those that are not named do. */
const configured: ReadonlyMap<string, (image: Image) => Promise<boolean>> = new Map([
  ['n2n', isN2nConfigured],
  ['xl2tpd', isXl2tpdConfigured],
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
    for (const { product, device, services = [], templates = {} } of products) {
      for (const name of services) {
        const service = guest.services.find(name);
        if (service?.state !== 'enabled' || (await configured.get(name)?.(guest.image)) === false) continue;
        const tunnelLink = (await deviceOf(guest, service, device)) === 'tun';
        found.push(...(await startedService(guest, service, { product, tunnelLink })));
      }
      for (const [template, configuration] of Object.entries(templates)) {
        for (const { name, service, evidence, how, disable } of await instancesOf(
          guest,
          template,
          configuration,
        )) {
          const tunnelLink = (await deviceOf(guest, service, device)) === 'tun';
          found.push({ product, name, evidence, how, tunnelLink, disable });
        }
      }
    }
    return found;
  },
};

/** The device that a service's own command asks for, or its product's. */
async function deviceOf(guest: Guest, service: Service, otherwise: Device): Promise<Device> {
  return (await guest.commands.ofService(service))?.device ?? otherwise;
}
