import { ImageError } from '../../base/errors.js';
import { withoutKey } from '../../formats/cloud-config-edit.js';
import { remove, write } from '../../image/change.js';
import { dropBootWords } from '../boot/changes.js';
import { networkLines, networkWords, takenNetwork } from '../cloud-init/given-network.js';
import { configDirectory, mainConfig } from '../cloud-init/config-files.js';
import type { LeftoverReader } from './leftover.js';

/**
 * cloud-init asks the kernel command line first, then its own configuration, and the config drive last
 * (cloudinit/sources/__init__.py, DataSource.network_config_sources): a `network:` in a file of its own, as curtin writes
 * it in an installation (50-curtin-networking.cfg), is what every server made of the image gets.
 */
export const cloudConfigNetwork: LeftoverReader = {
  async find(image, { cloudConfig }) {
    if (cloudConfig === undefined) return [];
    const lines = await networkLines(image);
    const taken = lines.filter(({ said }) => said === 'taken').map(({ path, line }) => ({ path, line }));
    return [...taken, ...takenNetwork(cloudConfig)].map((evidence) => ({
      ...evidence,
      ...{ device: 'every card', usual: true, gives: 'address', instead: true, by: 'cloud-init' },
      owners: ['cloud-init'],
    }));
  },
  async without(image, path) {
    if (path !== mainConfig && !path.startsWith(`${configDirectory}/`)) {
      const words = await networkWords(image, 'taken');
      return dropBootWords(image, (word) => words.has(word));
    }
    const rest = await withoutKey((await image.readText(path)) ?? '', ['network']);
    if (rest === undefined)
      throw new ImageError('unsupported', `the network in ${path} cannot be taken out by itself`);
    if (rest.trim() === '' && path !== mainConfig) return remove(image, path);
    return write(image, (await image.realPath(path)) ?? path, rest);
  },
};
