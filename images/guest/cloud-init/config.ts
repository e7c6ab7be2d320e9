import { type CloudConfig, isMapping, nameIn, parseCloudConfig } from '../../formats/cloud-config.js';
import { ImageError } from '../../base/errors.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import type { CloudInit } from './state.js';
import type { Fact } from '../fact.js';
import type { Input } from '../../image/inputs.js';
import { textAt, textsIn } from '../texts.js';
import { bootLines } from '../boot/entries.js';
import { readDsIdentify } from './ds-identify.js';

/** The directory whose files take the place of what cloud.cfg says, the last in lexical order first. */
export const configDirectory: GuestPath = '/etc/cloud/cloud.cfg.d';

/** What keeps cloud-init off the network after an upgrade from a release that did not configure it. */
export const upgradedNetwork: GuestPath = '/var/lib/cloud/data/upgraded-network';

/** `network-config=disabled`, or a whole configuration in base64. */
export const networkWord = 'network-config=';

export const configInputs: readonly Input[] = ['/etc/cloud/cloud.cfg', `${configDirectory}/*.cfg`];

/** A configuration file, and what it says. */
export interface ConfigFile {
  readonly path: GuestPath;
  readonly text: string;
  readonly config: CloudConfig;
}

/**
 * The configuration files, the strongest first: cloud.cfg.d in reverse lexical order, then cloud.cfg.
 * @throws {ImageError} code `unsupported` when cloud.cfg moves its directory elsewhere (`conf_d`), or a file changes how
 *   it is merged with the others (`merge_how`)
 */
export async function configFiles(image: Image): Promise<ConfigFile[]> {
  const own = await textAt(image, '/etc/cloud/cloud.cfg');
  const added = await textsIn(image, configDirectory, (name) => name.endsWith('.cfg'));
  const files: ConfigFile[] = [];
  for (const file of [...added.reverse(), ...own]) {
    files.push({ ...file, config: await parseCloudConfig(file.text) });
  }
  const main = files.find(({ path }) => path === '/etc/cloud/cloud.cfg');
  if (main && 'conf_d' in main.config.value) {
    throw new ImageError(
      'unsupported',
      `${main.path} names another directory for its parts (conf_d), which is not supported`,
    );
  }
  const odd = files.find(({ config }) => 'merge_how' in config.value || 'merge_type' in config.value);
  if (odd)
    throw new ImageError(
      'unsupported',
      `${odd.path} says how it is to be merged (merge_how), which is not supported`,
    );
  return files;
}

/** {@link configFiles}, which more than one fact needs: YAML takes time to read. */
export const cloudConfig: Fact<readonly ConfigFile[]> = {
  name: 'cloud-config',
  inputs: configInputs,
  gather: (image) => configFiles(image),
};

/**
 * What the configuration in force says of datasources and network, and which files are not in force.
 * @param known - the files, when they have been read
 */
export async function readConfig(
  image: Image,
  known?: readonly ConfigFile[],
): Promise<Pick<CloudInit, 'datasources' | 'network' | 'ignored'>> {
  const files = known ?? (await configFiles(image));
  const ignored = files
    .flatMap(({ path, config }) => (config.ignored ? [{ path, ...config.ignored }] : []))
    .reverse();
  const disabled = await networkDisabledBy(image, files);
  return {
    datasources: await datasourcesOf(image, files),
    network: { enabled: disabled.length === 0, evidence: disabled[0] ?? networkLine(files) },
    ignored,
  };
}

async function datasourcesOf(image: Image, files: readonly ConfigFile[]): Promise<CloudInit['datasources']> {
  const { datasource, policy } = await readDsIdentify(image);
  // What ds-identify is told outright, it writes to /run as the list that cloud-init then uses.
  if (datasource) return { list: [datasource.value], evidence: datasource.evidence, probed: false };
  const file = files.find(({ config }) => 'datasource_list' in config.value);
  if (!file) return undefined;
  const value = file.config.value['datasource_list'];
  const list = Array.isArray(value) ? value.map((item) => (item === null ? 'None' : nameIn(item))) : [];
  const line = file.config.lineOf('datasource_list');
  const evidence = { path: file.path, line };
  const single = list.length === 1 || (list.length === 2 && list[1] === 'None');
  const off = policy?.value === 'enabled' || policy?.value === 'disabled';
  return { list, evidence, probed: !off && !(single && isOnOneLine(file.text, line)) };
}

/** ds-identify sees `datasource_list: [ … ]` at the start of a line, and only what is on that line. */
function isOnOneLine(text: string, line: number | undefined): boolean {
  const written = line === undefined ? '' : (text.split('\n')[line - 1] ?? '');
  return /^\s*datasource_list:\s+\[[^\]]*\]/.test(written);
}

/**
 * Everything that keeps cloud-init from configuring the network; nothing when it does. A kernel command line is
 * stronger than every file, but not every boot entry need have it.
 */
async function networkDisabledBy(image: Image, files: readonly ConfigFile[]): Promise<Evidence[]> {
  if (await image.stat(upgradedNetwork)) return [{ path: upgradedNetwork }];
  const given = (await bootLines(image)).flatMap(({ path, line, words }) => {
    const word = words.findLast((candidate) => candidate.startsWith(networkWord));
    return word === undefined ? [] : [{ path, line, off: word === `${networkWord}disabled` }];
  });
  if (given.some(({ off }) => !off)) return [];
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

/** What one file says at some place. */
interface Said {
  readonly file: ConfigFile;
  readonly value: unknown;
}

/** What is in force at a place of the configuration; undefined when no file says anything of it. */
export function settingOf(
  files: readonly ConfigFile[],
  keys: readonly string[],
): { readonly value: unknown; readonly evidence: Evidence } | undefined {
  let said: readonly Said[] = files.map((file) => ({ file, value: file.config.value }));
  for (const key of keys) said = childrenOf(merged(said), key);
  const [winner] = merged(said);
  return winner && { value: winner.value, evidence: place(winner.file, keys) };
}

/**
 * Of what the files say at one place, the strongest first, what is in force: one value, or all the mappings that are
 * merged. The stronger value stays, but for one oddity of cloud-init's mergers: a mapping takes the place of a
 * stronger list or string.
 */
function merged(said: readonly Said[]): readonly Said[] {
  let inForce: readonly Said[] = said.slice(0, 1);
  for (const weaker of said.slice(1)) {
    if (!isMapping(weaker.value)) continue;
    const stronger = inForce[0]?.value;
    if (isMapping(stronger)) inForce = [...inForce, weaker];
    else if (Array.isArray(stronger) || typeof stronger === 'string') inForce = [weaker];
  }
  return inForce;
}

function childrenOf(said: readonly Said[], key: string): Said[] {
  return said.flatMap(({ file, value }) =>
    isMapping(value) && Object.hasOwn(value, key) ? [{ file, value: value[key] }] : [],
  );
}

function networkLine(files: readonly ConfigFile[]): Evidence | undefined {
  const file = files.find(({ config }) => 'network' in config.value);
  return file && place(file, ['network']);
}

function place(file: ConfigFile, keys: readonly string[]): Evidence {
  const line = file.config.lineOf(...keys);
  return { path: file.path, line };
}
