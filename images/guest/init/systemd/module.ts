import { firstThere } from '../first-program.js';
import type { InitModule } from '../init-module.js';
import { disableScript, enableScript } from '../sysv/index.js';
import { isMadeByTmpfiles } from '../tmpfiles.js';
import { localFilesRequire } from './required-mount.js';
import { rootMount } from './root-mount.js';
import { systemdInputs, systemdServices } from './index.js';

export const systemd: InitModule = {
  recognize: async (_, { path, name }) => (name === 'systemd' ? path : undefined),
  isInstalled: async (image) =>
    (await firstThere(image, ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'])) !== undefined,
  inputs: systemdInputs,
  services: (image, version) => systemdServices(image, { enableScript, disableScript }, version),
  judgesServices: true,
  servicesFolder: '/etc/systemd/system',
  hasUnitFiles: true,
  runsGenerators: true,
  assumesNetworkManager: false,
  stopsWithout: localFilesRequire,
  queuesStarts: true,
  presetsUnits: true,
  readsInittab: false,
  // Its generator wants rc-local.service where rc.local can be executed.
  runsLocal: async (_, services) => services.find('rc-local')?.state === 'enabled',
  makes: isMadeByTmpfiles,
  rootMount,
  lsbRole: () => 'hint',
  // Every package of today brings a unit.
  hasAgentService: () => true,
};
