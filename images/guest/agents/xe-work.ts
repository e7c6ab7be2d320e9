import type { Fact } from '../fact.js';
import type { Obstacle } from '../init/obstacle.js';
import { type Work, processInputs, processObstacles } from '../init/process.js';
import { services } from '../init/services.js';
import { servicesNamed } from './agent-services.js';
import { xe } from './xe.js';

/** What keeps a service of the guest utilities, once it is started, from doing its work. */
export interface XeWork {
  /** The service's id. */
  readonly service: string;
  readonly obstacles: readonly Obstacle[];
}

/** xe-daemon writes what it finds into XenStore, through a device that is root's (xe-daemon/xe-daemon.go). */
const work: Work = { root: true, devices: [{ path: '/dev/xen/xenbus', group: 'char-misc' }] };

/** Whether the services of the guest utilities can do their work. */
export const xeWork: Fact<readonly XeWork[]> = {
  name: 'xe-work',
  inputs: [...xe.inputs, ...services.inputs, ...processInputs],
  async gather(image, get) {
    const [tools, system] = [await get(xe), await get(services)];
    const found: XeWork[] = [];
    for (const service of servicesNamed(tools?.serviceNames ?? [], system)) {
      const obstacles = await processObstacles(image, system, service, work);
      if (obstacles.length > 0) found.push({ service: service.id, obstacles });
    }
    return found;
  },
};
