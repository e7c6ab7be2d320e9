import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { CloudInit } from './state.js';
import { type ConfigFile, childrenOf, configFiles, merged, place } from './config-files.js';
import { datasourcesOf } from './datasources.js';
import { networkLines } from './given-network.js';

/** What keeps cloud-init off the network after an upgrade from a release that did not configure it. */
export const upgradedNetwork: GuestPath = '/var/lib/cloud/data/upgraded-network';

/**
 * What the configuration in force says of datasources and network, and which files are not in force.
 * @param known - the files, when they have been read
 * @param version - cloud-init's, where a package database tells it
 */
export async function readConfig(
  image: Image,
  known?: readonly ConfigFile[],
  version?: string,
): Promise<Pick<CloudInit, 'datasources' | 'network' | 'ignored'>> {
  const files = known ?? (await configFiles(image));
  const ignored = files
    .flatMap(({ path, config }) => (config.ignored ? [{ path, ...config.ignored }] : []))
    .reverse();
  const disabled = await networkDisabledBy(image, files);
  return {
    datasources: await datasourcesOf(image, files, version),
    network: { enabled: disabled.length === 0, evidence: disabled[0] ?? networkLine(files) },
    ignored,
  };
}

/**
 * Everything that keeps cloud-init from configuring the network; nothing when it does. A kernel command line is
 * stronger than every file, but not every boot entry need have it.
 */
async function networkDisabledBy(image: Image, files: readonly ConfigFile[]): Promise<Evidence[]> {
  if (await image.stat(upgradedNetwork)) return [{ path: upgradedNetwork }];
  const given = await networkLines(image);
  if (given.some(({ said }) => said === 'taken')) return [];
  const stanza = networkStanza(files);
  return [...given.map(({ path, line }) => ({ path, line })), ...(stanza ? [stanza.evidence] : [])];
}

/** Where `config: disabled` is in force. */
export interface NetworkStanza {
  readonly file: ConfigFile;
  /** The keys that lead to it: network, config. */
  readonly keys: readonly string[];
  readonly evidence: Evidence;
}

/**
 * The `config: disabled` that is in force; undefined when none is. Mappings of all files are merged, so a
 * `network:` with other keys in a stronger file does not lift a `config: disabled` in a weaker one. A `network:`
 * inside `network:` is taken for it.
 */
export function networkStanza(files: readonly ConfigFile[]): NetworkStanza | undefined {
  const top = merged(
    childrenOf(
      files.map((file) => ({ file, value: file.config.value })),
      'network',
    ),
  );
  const inner = childrenOf(top, 'network');
  const nested = inner.length > 0;
  const [winner] = merged(childrenOf(nested ? merged(inner) : top, 'config'));
  if (winner?.value !== 'disabled') return undefined;
  const keys = nested ? ['network', 'network', 'config'] : ['network', 'config'];
  return { file: winner.file, keys, evidence: place(winner.file, keys) };
}

function networkLine(files: readonly ConfigFile[]): Evidence | undefined {
  const file = files.find(({ config }) => 'network' in config.value);
  return file && place(file, ['network']);
}
