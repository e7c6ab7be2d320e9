import { ImageError } from '../../base/errors.js';
import { withoutKey } from '../../formats/cloud-config-edit.js';
import { remove, write } from '../../image/change.js';
import type { Change, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { cloudConfig, configFiles, configInputs, settingOf } from './config-files.js';

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

/**
 * Changes after which cloud-init sets the host name of a new server: `preserve_hostname` is taken out of each file that
 * turns it on.
 * @throws {ImageError} code `unsupported` when it cannot be taken out without harm to the rest of its file
 */
export async function setHostName(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { path, text, config } of await configFiles(image)) {
    if (!isTrue(config.value['preserve_hostname'])) continue;
    const rest = await withoutKey(text, ['preserve_hostname']);
    if (rest === undefined)
      throw new ImageError('unsupported', `preserve_hostname in ${path} cannot be taken out by itself`);
    const real = (await image.realPath(path)) ?? path;
    changes.push(...(await (rest.trim() === '' ? remove(image, path) : write(image, real, rest))));
  }
  return changes;
}
