import type { Image } from '../../image/image.js';
import { agents } from './agents.js';
import type { Agent } from './agent.js';
import type { Fact } from '../fact.js';
import { services } from '../init/services.js';
import type { Service, Services } from '../init/service.js';

/** An agent with the services that start it. */
export interface InstalledAgent extends Agent {
  /** What starts it, enabled ones first; empty when no unit or script does. */
  readonly services: readonly Service[];
}

const scriptLimit = 256 * 1024;

/**
 * Every agent in the guest with its own services. The two generations share service names, so a service is
 * told by the program that it starts, or that its script names; one that does not say belongs to the newest agent
 * whose name it bears.
 */
export const installedAgents: Fact<readonly InstalledAgent[]> = {
  name: 'installed-agents',
  inputs: [
    ...agents.inputs,
    ...services.inputs,
    { glob: '/etc/init.d/*', limit: scriptLimit },
    { glob: '/etc/rc.d/init.d/*', limit: scriptLimit },
  ],
  async gather(image, get) {
    const [installed, system] = [await get(agents), await get(services)];
    const owned = new Map<Agent, Service[]>(installed.map((agent) => [agent, []]));
    for (const service of candidates(installed, system)) {
      const owner = await ownerOf(image, service, installed, system);
      if (owner) owned.get(owner)?.push(service);
    }
    return installed.map((agent) => ({ ...agent, services: (owned.get(agent) ?? []).sort(enabledFirst) }));
  },
};

/** The services that answer to a list of names, each once, in the order of the names. */
export function servicesNamed(names: readonly string[], system: Services): Service[] {
  const found = new Map<string, Service>();
  for (const name of names) {
    const service = system.find(name);
    if (service) found.set(service.id, service);
  }
  return [...found.values()];
}

function candidates(installed: readonly Agent[], system: Services): Service[] {
  return servicesNamed([...new Set(installed.flatMap(({ serviceNames }) => serviceNames))], system);
}

async function ownerOf(
  image: Image,
  service: Service,
  installed: readonly Agent[],
  system: Services,
): Promise<Agent | undefined> {
  const bearers = installed.filter((agent) =>
    servicesNamed(agent.serviceNames, system).some(({ id }) => id === service.id),
  );
  if (bearers.length < 2) return bearers[0];
  const generation = await generationOf(image, service);
  return bearers.find((agent) => agent.generation === generation) ?? bearers[0];
}

/** Which generation a service starts: 2.x is always /usr/bin/nova-agent, 1.x lives in sbin and its own tree. */
async function generationOf(image: Image, service: Service): Promise<1 | 2 | undefined> {
  for (const { program } of service.exec) {
    const script = /\/init\.d\/[^/]+$/.test(program) ? await textOf(image, program) : undefined;
    const text = script ?? program;
    if (/\/usr\/share\/nova-agent\/|\/usr\/sbin\/nova-agent/.test(text)) return 1;
    if (text.includes('/usr/bin/nova-agent')) return 2;
  }
  return undefined;
}

/** The script behind a path; undefined when it is gone (another rule says so). */
async function textOf(image: Image, program: string): Promise<string | undefined> {
  const path = `/${program.replace(/^\/+/, '')}` as const;
  return (await image.stat(path))?.type === 'file' ? image.readText(path, scriptLimit) : undefined;
}

function enabledFirst(a: Service, b: Service): number {
  return Number(b.state === 'enabled') - Number(a.state === 'enabled');
}
