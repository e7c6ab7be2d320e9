import type { Fact } from '../fact.js';
import { packages } from '../packages.js';
import { init } from './init.js';
import { initModules } from './init-modules.js';
import type { Services } from './service.js';

/** The guest's services, as its init system sees them. Throws ImageError code `unsupported-init` for others. */
export const services: Fact<Services> = {
  name: 'services',
  inputs: [...init.inputs, ...packages.inputs, ...Object.values(initModules).flatMap(({ inputs }) => inputs)],
  async gather(image, get) {
    const { system, systemdVersion } = await get(init);
    return initModules[system].services(image, systemdVersion);
  },
};
