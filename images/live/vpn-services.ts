import type { Image } from '../image/image.js';
import type { Gather } from '../guest/fact.js';
import { services } from '../guest/init/services.js';
import { ownVpnServices, vpnServiceNames } from '../guest/vpn/own-units.js';
import { processes, processesOf } from './processes.js';
import { type ServiceManager, serviceManager } from './service-manager.js';
import type { Starter } from './starter.js';

/** The programs by which one sees that what an init script started is running. */
const daemons: ReadonlyMap<string, readonly string[]> = new Map([
  ['accel-ppp', ['accel-pppd']],
  ['ipsec', ['starter', 'charon', 'pluto']],
  ['n2n', ['edge']],
  ['ocserv', ['ocserv']],
  ['openvpn', ['openvpn']],
  ['pptpd', ['pptpd']],
  ['racoon', ['racoon']],
  ['strongswan', ['starter', 'charon']],
  ['tinc', ['tincd']],
  ['vpnc', ['vpnc']],
  ['xl2tpd', ['xl2tpd']],
]);

/** The services of VPNs, by the init system's own tool. */
export function vpnServiceStarter(manager: ServiceManager = serviceManager()): Starter {
  const { tool: name } = manager;
  return {
    name,
    running: async (image, get) =>
      (await runningVpnServices(image, get, manager)).map((id) => ({ by: name, id })),
    start: (id) => manager.start(id),
    stop: (id) => manager.stop(id),
    reload: () => manager.reload(),
  };
}

/**
 * The services of VPNs that are running, by the ids that the service manager takes, sorted. What brings a tunnel up
 * besides (NetworkManager, networkd, ifupdown, a person at a shell) runs more than a VPN, and is not among them.
 * @param image - the running system
 */
export async function runningVpnServices(
  image: Image,
  get: Gather,
  manager: ServiceManager,
): Promise<string[]> {
  const system = await get(services);
  if (manager.tool === 'systemctl') {
    const names = [...vpnServiceNames, ...(await ownVpnServices(image, system))];
    return manager.active(names.map((name) => (name.endsWith('@') ? `${name}*` : name)));
  }
  const running = await get(processes);
  return system.all
    .filter(({ name, origin }) => {
      const programs = origin === 'script' ? daemons.get(name) : undefined;
      return programs?.some((program) => processesOf(running, program).length > 0) ?? false;
    })
    .map(({ name }) => name)
    .sort();
}
