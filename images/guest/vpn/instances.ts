import type { Evidence } from '../evidence.js';
import type { Service } from '../init/service.js';
import type { GuestPath } from '../../image/image.js';
import type { Guest } from './mechanism.js';
import { isStarted, keepFromStarting, wantedBy } from './started.js';
import type { Vpn } from './vpn.js';

/** An instance of a template unit that a boot starts. */
export interface Instance {
  /** "client1" of openvpn@client1.service. */
  readonly name: string;
  readonly service: Service;
  readonly evidence: Evidence;
  /** "openvpn@client1.service is wanted by multi-user.target". */
  readonly how: string;
  readonly disable: Vpn['disable'];
}

/** A file without which the program of a unit ends at once. */
const isConfiguration = /^\/.*\.(?:conf|ya?ml|json|toml|ovpn|net|cfg)$/;

/**
 * The instances of a template unit that a boot starts, because a link or a setting says that some unit of the boot wants
 * them. Not among them are those whose configuration is missing: their program ends with an error.
 * @param template - "openvpn" for openvpn@.service
 * @param configuration - the file of an instance, in which "%i" is its name; the unit's own command goes before
 */
export async function instancesOf(
  guest: Guest,
  template: string,
  configuration: string | undefined,
): Promise<Instance[]> {
  const found: Instance[] = [];
  for (const service of guest.services.all) {
    if (!service.name.startsWith(`${template}@`) || service.state !== 'enabled') continue;
    const name = service.name.slice(template.length + 1);
    if (name === '' || !(await isStarted(guest.services, service))) continue;
    if (!(await hasConfiguration(guest, service, configuration?.replaceAll('%i', name)))) continue;
    const [evidence = { path: service.path }]: readonly Evidence[] = service.evidence;
    found.push({
      name,
      service,
      evidence,
      how: `${service.id} is wanted by ${wantedBy(evidence)}`,
      disable: (image) => keepFromStarting(guest, image, service.id),
    });
  }
  return found;
}

async function hasConfiguration(
  { image, services }: Guest,
  service: Service,
  configuration: string | undefined,
): Promise<boolean> {
  const { commands } = await services.process(service);
  const named = commands
    .filter(({ kind }) => kind === 'ExecStart')
    .flatMap(({ words }) => words.slice(1).filter((word) => isConfiguration.test(word)));
  const paths = named.length > 0 ? named : configuration === undefined ? [] : [configuration];
  for (const path of paths) if ((await image.stat(path as GuestPath)) === undefined) return false;
  return true;
}
