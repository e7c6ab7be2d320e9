import type { Image } from '../../image/image.js';
import { bootInputs, obstacles } from './boot.js';
import { readConfig } from './config.js';
import { cloudConfig, configInputs, mainConfig } from './config-files.js';
import { datasourceInputs } from './datasources.js';
import { dsIdentifyInputs } from './ds-identify.js';
import type { CloudInit } from './state.js';
import type { Fact, Gather } from '../fact.js';
import { init } from '../init/init.js';
import { initModules } from '../init/init-modules.js';
import { packages } from '../packages.js';
import { services } from '../init/services.js';
import { programs } from './program.js';
import { stageServices } from './stages.js';

const absent: CloudInit = {
  installed: false,
  version: undefined,
  enabled: false,
  disabledBy: [],
  datasources: undefined,
  network: { enabled: false, evidence: undefined },
  ignored: [],
};

/**
 * cloud-init in the guest: installed, enabled, datasources, network on or off. Sources: cloud-init's documentation
 * ("Boot stages", "Network configuration"), its generator and ds-identify, whose rules are followed here.
 */
export const cloudInit: Fact<CloudInit> = {
  name: 'cloud-init',
  inputs: [...configInputs, ...bootInputs, ...dsIdentifyInputs, ...datasourceInputs],
  async gather(image, get) {
    const known = (await get(packages)).installed.get('cloud-init');
    if (!known && !(await isUnpackaged(image, get))) return absent;
    const [files, version] = [await get(cloudConfig), known?.version];
    const config = await readConfig(image, files, version);
    const disabledBy = await obstacles(image, await get(services), { files, version });
    return {
      installed: true,
      version,
      enabled: !disabledBy.some(({ certain }) => certain),
      disabledBy,
      ...config,
    };
  },
};

/**
 * Whether it is there without a package: its program with its configuration, or a unit of its stages that a boot
 * starts, wherever that finds its program. Init scripts do not count: they outlive a package that was removed.
 */
async function isUnpackaged(image: Image, get: Gather): Promise<boolean> {
  if (await image.stat(mainConfig)) {
    for (const path of programs) if (await image.stat(path)) return true;
  }
  if (!initModules[(await get(init)).system].hasUnitFiles) return false;
  const { all } = await get(services);
  const names = new Set(stageServices.flat());
  return all.some(({ name, origin, state }) => names.has(name) && origin === 'unit' && state === 'enabled');
}
