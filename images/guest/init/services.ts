import { ImageError } from '../../base/errors.js';
import type { Fact } from '../fact.js';
import { init } from './init.js';
import { packages } from '../packages.js';
import type { Services } from './service.js';
import { systemdInputs, systemdServices } from './systemd/index.js';
import { disableScript, enableScript, sysvInputs, sysvServices } from './sysv/index.js';

/** The guest's services, as its init system sees them. Throws ImageError code `unsupported-init` for others. */
export const services: Fact<Services> = {
  name: 'services',
  inputs: [...init.inputs, ...packages.inputs, ...systemdInputs, ...sysvInputs],
  async gather(image, get) {
    const { system } = await get(init);
    if (system === 'systemd') return systemdServices(image, { enableScript, disableScript });
    if (system === 'sysv') return sysvServices(image);
    throw new ImageError('unsupported-init', `services of the init system ${system} cannot be judged yet`);
  },
};
