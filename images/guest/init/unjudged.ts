import { ImageError } from '../../base/errors.js';
import type { InitModule } from './init-module.js';
import type { InitSystem } from './init-system.js';
import { lsbRoleUnder } from './sysv/dialect.js';

type Unjudged = Omit<InitModule, 'recognize' | 'isInstalled' | 'hasAgentService'>;

/** The part of a module that is the same for every system whose services cannot be judged yet: it says so. */
export function unjudged(system: InitSystem): Unjudged {
  return {
    inputs: [],
    services: async () => {
      throw new ImageError('unsupported-init', `services of the init system ${system} cannot be judged yet`);
    },
    judgesServices: false,
    servicesFolder: '/etc/init.d',
    hasUnitFiles: false,
    runsGenerators: false,
    assumesNetworkManager: true,
    // OpenRC's localmount warns of what it cannot mount, and goes on.
    stopsWithout: async () => false,
    queuesStarts: false,
    presetsUnits: false,
    readsInittab: false,
    runsLocal: async () => true,
    makes: async () => false,
    // rc.sysinit and OpenRC mount it with rw.
    rootMount: {
      asksReadOnly: async () => undefined,
      mask: async () => undefined,
      staysWithoutLine: false,
    },
    lsbRole: lsbRoleUnder,
  };
}
