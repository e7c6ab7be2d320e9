import { scriptProcess } from '../../images/guest/init/process/process.js';
import { link, remove } from '../../images/image/change.js';
import type { Change, GuestPath, Image } from '../../images/image/image.js';
import type { Fact } from '../../images/guest/fact.js';
import { ordinaryGoal } from '../../images/guest/init/boot-goal.js';
import type { Service, ServiceState, Services } from '../../images/guest/init/service.js';

/**
 * The guest's services as far as tests of other facts need them: a unit is enabled by any link in a `.wants` of
 * /etc/systemd/system, a script by an S link of runlevels 2 to 5. No ordering, no aliases, no graph.
 */
export function plainServices(system: Services['system']): Fact<Services> {
  return {
    name: 'services',
    inputs: [],
    gather: (image) => (system === 'systemd' ? ofSystemd(image) : ofSysv(image)),
  };
}

const units: readonly GuestPath[] = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

async function ofSystemd(image: Image): Promise<Services> {
  const wants = new Map<string, GuestPath[]>();
  for (const { name } of (await image.readDir('/etc/systemd/system')) ?? []) {
    if (!name.endsWith('.wants')) continue;
    for (const entry of (await image.readDir(`/etc/systemd/system/${name}`)) ?? []) {
      wants.set(entry.name, [...(wants.get(entry.name) ?? []), `/etc/systemd/system/${name}/${entry.name}`]);
    }
  }
  const all = new Map<string, Service>();
  for (const directory of units) {
    for (const { name: id } of (await image.readDir(directory)) ?? []) {
      if (!/\.(?:service|target)$/.test(id) || all.has(id)) continue;
      const path: GuestPath = `${directory}/${id}`;
      const masked = (await image.readLink(path)) === '/dev/null';
      const links = wants.get(id) ?? [];
      all.set(
        id,
        serviceOf(id, path, 'unit', masked ? 'masked' : links.length > 0 ? 'enabled' : 'disabled', links),
      );
    }
  }
  return servicesOf('systemd', [...all.values()], image);
}

async function ofSysv(image: Image): Promise<Services> {
  const all: Service[] = [];
  for (const { name } of (await image.readDir('/etc/init.d')) ?? []) {
    const links: GuestPath[] = [];
    for (const level of [2, 3, 4, 5]) {
      for (const entry of (await image.readDir(`/etc/rc${level}.d`)) ?? []) {
        if (/^S\d\d/.test(entry.name) && entry.name.slice(3) === name)
          links.push(`/etc/rc${level}.d/${entry.name}`);
      }
    }
    const state = links.length > 0 ? 'enabled' : 'disabled';
    all.push(serviceOf(name, `/etc/init.d/${name}`, 'script', state, links));
  }
  return servicesOf('sysv', all, image);
}

function serviceOf(
  id: string,
  path: GuestPath,
  origin: Service['origin'],
  state: ServiceState,
  links: readonly GuestPath[],
): Service {
  const evidence = links.length > 0 ? links.map((place) => ({ path: place })) : [{ path }];
  return { id, name: id.replace(/\.service$/, ''), aliases: [], origin, path, state, evidence, exec: [] };
}

function servicesOf(system: Services['system'], all: readonly Service[], image: Image): Services {
  const unused = (): Promise<never> => Promise.reject(new Error('no graph in tests of other facts'));
  return {
    system,
    all,
    graphs: unused,
    order: unused,
    cycles: unused,
    putBefore: unused,
    goal: async () => ordinaryGoal,
    setDefaultGoal: unused,
    obstacles: async () => [],
    process: async ({ path, origin }) =>
      origin === 'unit' ? { ...scriptProcess(path), origin, commands: [] } : scriptProcess(path),
    enabledInVain: async () => [],
    starters: async () => [],
    find: (name) => all.find((service) => service.id === name || service.name === name),
    enable: async (service) => {
      if (system === 'sysv') return link(image, `/etc/rc2.d/S20${service.name}`, `../init.d/${service.name}`);
      const unmasked: Change[] = service.state === 'masked' ? await remove(image, service.path) : [];
      const wants: GuestPath = `/etc/systemd/system/multi-user.target.wants/${service.id}`;
      return [...unmasked, ...(await link(image, wants, `/lib/systemd/system/${service.id}`))];
    },
    disable: async (service) => {
      const changes: Change[] = [];
      for (const { path } of service.evidence) changes.push(...(await remove(image, path)));
      return changes;
    },
  };
}
