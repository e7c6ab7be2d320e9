import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { cloudConfig, configInputs, settingOf } from './config-files.js';

/**
 * Where the configuration keeps cloud-init from setting the host name of a new server; undefined when it sets it. Both
 * modules that could return at once (cloudinit/config/cc_set_hostname.py, cc_update_hostname.py: `preserve_hostname`).
 */
export const keptHostName: Fact<Evidence | undefined> = {
  name: 'kept-host-name',
  inputs: configInputs,
  async gather(_, get) {
    const setting = settingOf(await get(cloudConfig), ['preserve_hostname']);
    return setting && isTrue(setting.value) ? setting.evidence : undefined;
  },
};

/** As cloud-init takes a value for true: cloudinit/util.py, translate_bool(). */
function isTrue(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  return (
    (typeof value === 'string' || typeof value === 'number') &&
    /^\s*(?:true|1|on|yes)\s*$/i.test(String(value))
  );
}
