import { posix } from 'node:path';
import { remove } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { collapse } from '../../image/overlay.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { cloudInit } from './cloud-init.js';
import { type ConfigFile, cloudConfig, configFile, settingOf } from './config-files.js';
import { programInputs, pythonOf } from './program.js';

/** What cloud-init of the source server left behind, and a new server would use instead of its own drive. */
export interface PreviousInstance extends Evidence {
  readonly kind:
    /** A cached datasource that is used without a look at the drive. */
    | 'cache'
    /** /var/lib/cloud/instance, or a folder beside it, is not what cloud-init makes: it crashes. */
    | 'crash'
    /** Data that is read before any drive. */
    | 'seed'
    /** The same, but it cannot be read, and that ends the search. */
    | 'broken-seed';
  /** What must go for a new server to look at its drive. */
  readonly remove: GuestPath;
  /** For `cache`: what makes cloud-init trust it. For `crash`: what should be there. For seeds: the datasource. */
  readonly detail: string;
}

/** cloud_dir, unless `system_info: {paths: {cloud_dir: …}}` moves it (cloudinit/helpers.py, Paths). */
const customaryDirectory: GuestPath = '/var/lib/cloud';

/** Files of the instance that are configuration, stronger than those below /etc (cloudinit/helpers.py, ConfigMerger). */
const instanceConfigs = ['cloud-config.txt', 'vendor2-cloud-config.txt', 'vendor-cloud-config.txt'];

/** What a person's own data holds, at most. */
const metadataLimit = 1024 * 1024;

const ofInstance = ['instance', 'instances/*'].flatMap((folder) =>
  [...instanceConfigs, 'datasource'].map((name) => `${customaryDirectory}/${folder}/${name}`),
);

const seedInputs: readonly Input[] = [
  ...[`${customaryDirectory}/seed/config_drive`, '/config-drive'].map((folder) => ({
    glob: `${folder}/openstack/*/meta_data.json`,
    limit: metadataLimit,
  })),
  ...['nocloud', 'nocloud-net'].map((name) => ({
    glob: `${customaryDirectory}/seed/${name}/meta-data`,
    limit: metadataLimit,
  })),
];

/**
 * What is left of the source server's first boot. `/run` is not in an image, and what cloud-init replaces by itself is
 * harmless: semaphores and data are kept by instance id, boot-finished is removed, a link to another server's instance is
 * replaced, since the id of a config drive does not match the new server's (DataSourceConfigDrive.check_instance_id).
 */
export const previousInstance: Fact<readonly PreviousInstance[]> = {
  name: 'previous-instance',
  inputs: [
    ...cloudInit.inputs,
    ...programInputs,
    ...ofInstance,
    ...seedInputs,
    `${customaryDirectory}/data/python-version`,
  ],
  async gather(image, get) {
    const known = await get(cloudInit);
    if (!known.installed) return [];
    const files = await get(cloudConfig);
    const moved = settingOf(files, ['system_info', 'paths', 'cloud_dir'])?.value;
    const directory =
      typeof moved === 'string' && moved.startsWith('/')
        ? (posix.resolve(moved) as GuestPath)
        : customaryDirectory;
    const crashes = await misshapen(image, directory);
    if (crashes.length > 0) return crashes;
    const list = known.datasources?.list;
    return [
      ...(await cached(image, directory, files)),
      ...(await driveSeeds(image, directory)),
      ...(await otherSeeds(image, directory, files, list)),
    ];
  },
};

/**
 * cloud-init makes /var/lib/cloud and folders in it, and `instance` a link. A directory or a file in the place of the link
 * cannot be replaced or looked into (cloudinit/util.py del_file, stages.py purge_cache), nor can a file be a folder: found
 * by trying 22.4 and 25.1; the lines are the same from 0.7.5 on.
 */
async function misshapen(image: Image, directory: GuestPath): Promise<PreviousInstance[]> {
  const crash = (path: GuestPath, detail: string): PreviousInstance => ({
    kind: 'crash',
    path,
    detail,
    remove: path,
  });
  const top = await image.stat(directory);
  if (!top) return [];
  if (top.type !== 'directory') return [crash(directory, 'a directory')];
  const found: PreviousInstance[] = [];
  const instance = join(directory, 'instance');
  const entry = await image.lstat(instance);
  if (entry && entry.type !== 'link') found.push(crash(instance, 'a link to the folder of an instance'));
  // A link to a file is as bad as the file: `instance/boot-finished` is then below a file.
  else if (entry && ![undefined, 'directory'].includes((await image.stat(instance))?.type))
    found.push(crash(instance, 'a link to the folder of an instance'));
  for (const name of ['data', 'instances']) {
    const type = (await image.stat(join(directory, name)))?.type;
    if (type !== undefined && type !== 'directory') found.push(crash(join(directory, name), 'a directory'));
  }
  return found;
}

/** A cached datasource, and what makes the first stage trust it (cloudinit/cmd/main.py, main_init, "Stage 4"). */
async function cached(
  image: Image,
  directory: GuestPath,
  files: readonly ConfigFile[],
): Promise<PreviousInstance[]> {
  const instance = join(directory, 'instance');
  const pickle = await image.stat(join(instance, 'obj.pkl'));
  if (pickle?.type !== 'file' || pickle.size === 0) return [];
  if (await isPurged(image, directory)) return [];
  const found = (evidence: Evidence, detail: string): PreviousInstance[] => [
    { kind: 'cache', ...evidence, detail, remove: instance },
  ];
  const readable = directory === customaryDirectory;
  const own: ConfigFile[] = [];
  for (const name of readable ? instanceConfigs : [])
    own.push(...(await configFile(image, join(instance, name))));
  const setting = settingOf([...own, ...files], ['manual_cache_clean']);
  // As cloudinit/util.py is_true takes it.
  const on = setting && /^(?:true|1|on|yes)$/i.test(String(setting.value).trim());
  if (on) return found(setting.evidence, 'manual_cache_clean');
  const marker = join(instance, 'manual-clean');
  if (await image.stat(marker)) return found({ path: marker }, 'this marker');
  const source = readable ? ((await image.readText(join(instance, 'datasource'))) ?? '') : '';
  if (!source.startsWith('DataSourceNoCloud')) return [];
  // Its check_instance_id compares with what the seed says.
  for (const name of ['nocloud', 'nocloud-net']) {
    const seed = join(join(join(directory, 'seed'), name), 'meta-data');
    if ((await image.stat(seed))?.type === 'file')
      return found({ path: seed }, 'the instance id in this seed');
  }
  return [];
}

/** Whether a cache is thrown away anyhow: it is one of another Python (main.py, purge_cache_on_python_version_change). */
async function isPurged(image: Image, directory: GuestPath): Promise<boolean> {
  const path = join(join(directory, 'data'), 'python-version');
  if (directory !== customaryDirectory || (await image.stat(path))?.type !== 'file') return false;
  const [then, now] = [(await image.readText(path)) ?? '', await pythonOf(image)];
  return now?.includes('.') === true && then !== now;
}

/** A copy of a config drive, which is read before any drive (DataSourceConfigDrive._get_data). */
async function driveSeeds(image: Image, directory: GuestPath): Promise<PreviousInstance[]> {
  const found: PreviousInstance[] = [];
  for (const folder of [join(join(directory, 'seed'), 'config_drive'), '/config-drive'] as const) {
    const metadata = await driveMetadata(image, folder);
    if (metadata === undefined) continue;
    const broken = metadata.endsWith('.json') && !(await isJson(image, metadata));
    found.push({
      kind: broken ? 'broken-seed' : 'seed',
      path: metadata,
      detail: 'ConfigDrive',
      remove: folder,
    });
  }
  return found;
}

/** What makes a folder a config drive: the metadata of OpenStack, or a file of the first version. */
async function driveMetadata(image: Image, folder: GuestPath): Promise<GuestPath | undefined> {
  const openstack = join(folder, 'openstack');
  for (const { name } of ((await image.readDir(openstack)) ?? []).toReversed()) {
    const path = join(join(openstack, name), 'meta_data.json');
    if ((await image.stat(path))?.type === 'file') return path;
  }
  for (const name of ['meta.js', 'etc/network/interfaces', 'root/.ssh/authorized_keys'])
    if ((await image.stat(join(folder, name)))?.type === 'file') return join(folder, name);
  return undefined;
}

async function isJson(image: Image, path: GuestPath): Promise<boolean> {
  if (!path.startsWith(customaryDirectory) && !path.startsWith('/config-drive/')) return true;
  try {
    JSON.parse((await image.readText(path, metadataLimit)) ?? '');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** What of the other datasources comes from files alone, where the list has them before ConfigDrive. */
async function otherSeeds(
  image: Image,
  directory: GuestPath,
  files: readonly ConfigFile[],
  list: readonly string[] | undefined,
): Promise<PreviousInstance[]> {
  const before = (list ?? []).slice(0, Math.max(0, (list ?? []).indexOf('ConfigDrive')));
  const seed = (name: string): GuestPath => join(join(directory, 'seed'), name);
  const found: PreviousInstance[] = [];
  if (before.includes('NoCloud')) {
    for (const name of ['nocloud', 'nocloud-net']) {
      const types = await Promise.all(
        ['meta-data', 'user-data'].map(async (file) => (await image.stat(join(seed(name), file)))?.type),
      );
      const path = join(seed(name), 'meta-data');
      if (types.every((type) => type === 'file'))
        found.push({ kind: 'seed', path, detail: 'NoCloud', remove: seed(name) });
    }
    const inline = settingOf(files, ['datasource', 'NoCloud', 'meta-data']);
    if (inline)
      found.push({ kind: 'seed', ...inline.evidence, detail: 'NoCloud', remove: inline.evidence.path });
  }
  if (before.includes('OVF')) {
    const path = join(seed('ovf'), 'ovf-env.xml');
    if ((await image.stat(path))?.type === 'file')
      found.push({ kind: 'seed', path, detail: 'OVF', remove: seed('ovf') });
  }
  return found;
}

/** Entries below a folder that is removed with all that is in it. */
const mostEntries = 2000;

/**
 * Changes after which a new server looks at its own drive: what is left goes, as `cloud-init clean --seed` takes it away.
 * Nothing where a person's configuration would have to be edited.
 */
export async function withoutPreviousInstance(
  image: Image,
  left: readonly PreviousInstance[],
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const path of new Set(left.map((each) => each.remove))) {
    if (path.startsWith('/etc/')) continue;
    changes.push(...(await removeTree(image, path)));
  }
  return collapse(changes);
}

async function removeTree(image: Image, path: GuestPath): Promise<Change[]> {
  const changes: Change[] = [];
  const pending = [path];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (changes.length >= mostEntries)
      throw new ImageError(
        'unsupported',
        `${path} holds more than ${mostEntries} entries, which is too many to remove`,
      );
    changes.push(...(await remove(image, next)));
    if ((await image.lstat(next))?.type !== 'directory') continue;
    for (const { name } of (await image.readDir(next)) ?? []) pending.push(join(next, name));
  }
  // The deepest first.
  return changes.reverse();
}
