import { type CloudConfig, isMapping, parseCloudConfig } from '../../formats/cloud-config.js';
import { splitLines } from '../../formats/lines.js';
import { ImageError } from '../../base/errors.js';
import { isEscaped } from '../../base/text.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';

/** The directory whose files take the place of what cloud.cfg says, the last in lexical order first. */
export const configDirectory: GuestPath = '/etc/cloud/cloud.cfg.d';

/** The file that the distribution ships; without it cloud-init has no modules to run. */
export const mainConfig: GuestPath = '/etc/cloud/cloud.cfg';

export const configInputs: readonly Input[] = [mainConfig, `${configDirectory}/*.cfg`];

/** A configuration file, and what it says. */
export interface ConfigFile {
  readonly path: GuestPath;
  readonly text: string;
  readonly config: CloudConfig;
  /**
   * The first line that is not UTF-8. Under Python 3 every stage of cloud-init ends at such a file, in all releases
   * (cloudinit/util.py: read_conf lets the UnicodeDecodeError of decode_binary through); nothing of it is in force.
   */
  readonly undecodable?: number | undefined;
}

/**
 * The configuration files, the strongest first: cloud.cfg.d in reverse lexical order, then cloud.cfg. Of the directory
 * every file counts that ends in `.cfg`, a hidden one too; what is no file is passed over (cloudinit/util.py,
 * read_conf_d).
 * @throws {ImageError} code `unsupported` when cloud.cfg moves its directory elsewhere (`conf_d`), or a file changes how
 *   it is merged with the others (`merge_how`)
 */
export async function configFiles(image: Image): Promise<ConfigFile[]> {
  const names = ((await image.readDir(configDirectory)) ?? [])
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.cfg'));
  const files: ConfigFile[] = [];
  for (const path of [...names.reverse().map((name) => join(configDirectory, name)), mainConfig]) {
    files.push(...(await configFile(image, path)));
  }
  const main = files.find(({ path }) => path === mainConfig);
  const elsewhere = main?.config.value['conf_d'];
  if (main && 'conf_d' in main.config.value && elsewhere !== configDirectory) {
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

/** One configuration file, read as cloud-init reads it; none when there is no file. */
export async function configFile(image: Image, path: GuestPath): Promise<ConfigFile[]> {
  if ((await image.stat(path))?.type !== 'file') return [];
  const text = (await image.readText(path)) ?? '';
  const bad = isEscaped(text) ? splitLines(text).findIndex((line) => isEscaped(line.text)) : -1;
  if (bad < 0) return [{ path, text, config: await parseCloudConfig(text) }];
  return [{ path, text, config: await parseCloudConfig(''), undecodable: bad + 1 }];
}

/** {@link configFiles}, which more than one fact needs: YAML takes time to read. */
export const cloudConfig: Fact<readonly ConfigFile[]> = {
  name: 'cloud-config',
  inputs: configInputs,
  gather: (image) => configFiles(image),
};

/** What one file says at some place. */
export interface Said {
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
export function merged(said: readonly Said[]): readonly Said[] {
  let inForce: readonly Said[] = said.slice(0, 1);
  for (const weaker of said.slice(1)) {
    if (!isMapping(weaker.value)) continue;
    const stronger = inForce[0]?.value;
    if (isMapping(stronger)) inForce = [...inForce, weaker];
    else if (Array.isArray(stronger) || typeof stronger === 'string') inForce = [weaker];
  }
  return inForce;
}

export function childrenOf(said: readonly Said[], key: string): Said[] {
  return said.flatMap(({ file, value }) =>
    isMapping(value) && Object.hasOwn(value, key) ? [{ file, value: value[key] }] : [],
  );
}

/** Where a file says something. */
export function place(file: ConfigFile, keys: readonly string[]): Evidence {
  const line = file.config.lineOf(...keys);
  return { path: file.path, line };
}
