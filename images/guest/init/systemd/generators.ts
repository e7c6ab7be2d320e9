import type { GuestPath, Image } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';
import { generateFromFstab } from './fstab-generator.js';
import type { KernelWords } from './kernel-words.js';
import { type UnitSearch, isNull } from './search.js';
import { generateFromScripts, idleScripts } from './sysv-generator.js';
import { type GeneratedLink, Units } from './unit.js';

/** Where systemd looks for generators (systemd.generator(7)); of one name the first directory's counts. */
export const generatorDirectories: readonly GuestPath[] = [
  '/etc/systemd/system-generators',
  '/usr/local/lib/systemd/system-generators',
  '/usr/lib/systemd/system-generators',
  '/lib/systemd/system-generators',
];

/**
 * The guest's units with those that its generators make at boot. Modelled are the generators that put services
 * into the boot or order them: init scripts, fstab, cloud-init's target and rc.local. Not modelled, since what they
 * make is ordered only after what exists from the start (gettys, encrypted and discovered disks, hibernation) or
 * comes from the kernel's command line (run): none of it is started before the agent could be.
 * OpenVPN's tunnels come after network.target and before nothing.
 */
export async function loadUnits(
  image: Image,
  search: UnitSearch,
  words: Pick<KernelWords, 'goal' | 'masks' | 'wants'>,
): Promise<Units> {
  // systemd-debug-generator(8): every package of systemd has it.
  const debug = !(await isMasked(image, 'systemd-debug-generator'));
  const units = new Units(image, search, debug ? words.masks : undefined);
  const hasUnit = (name: string): boolean => search.resolve(name).found !== undefined;
  const makesUnits = await runs(image, 'systemd-sysv-generator');
  if (makesUnits) units.add(await generateFromScripts(image, hasUnit), []);
  for (const script of await idleScripts(image, makesUnits, hasUnit)) units.idle.set(script.unit, script);
  if (await runs(image, 'systemd-fstab-generator')) {
    const { units: mounts, links } = await generateFromFstab(image);
    units.add(mounts, links);
  }
  units.add(
    [],
    [...(await cloudInitLink(image)), ...(await rcLocalLink(image)), ...(debug ? wantedLinks(words) : [])],
  );
  return units;
}

async function runs(image: Image, name: string): Promise<boolean> {
  return (await generator(image, name)) !== undefined;
}

/**
 * Where the generator of a name is that a boot runs; undefined when there is none, or it is masked. A file that cannot be
 * executed is passed over, and hides nothing (conf_files_list_strv() with CONF_FILES_EXECUTABLE).
 */
export async function generator(image: Image, name: string): Promise<GuestPath | undefined> {
  for (const directory of generatorDirectories) {
    const path = join(directory, name);
    const link = await image.lstat(path);
    if (!link) continue;
    if (link.size === 0 || isNull(link.target)) return undefined;
    const entry = await image.stat(path);
    if (entry?.type === 'file' && (entry.mode & 0o111) !== 0) return entry.size === 0 ? undefined : path;
  }
  return undefined;
}

/** Whether a generator is switched off by a link to /dev/null or an empty file. */
async function isMasked(image: Image, name: string): Promise<boolean> {
  for (const directory of generatorDirectories) {
    const entry = await image.lstat(join(directory, name));
    if (entry) return entry.size === 0 || isNull(entry.target);
  }
  return false;
}

/** `systemd.wants=` adds to what the boot leads to (systemd-debug-generator(8)). */
function wantedLinks({ goal, wants }: Pick<KernelWords, 'goal' | 'wants'>): GeneratedLink[] {
  return [...wants].map(([name, { evidence }]) => ({
    target: goal?.unit ?? 'default.target',
    relation: 'Wants',
    name,
    evidence,
  }));
}

/**
 * cloud-init's generator wants its target unless a file or the kernel's command line forbids it, or ds-identify
 * finds no datasource. What the next server will find is not in the image, so it is taken to find one: the
 * boot with cloud-init is the one that holds more units, and more possible cycles.
 */
async function cloudInitLink(image: Image): Promise<GeneratedLink[]> {
  const path = await generator(image, 'cloud-init-generator');
  if (!path) return [];
  // It asks for regular files: `[ -f … ]`.
  const isFile = async (marker: GuestPath): Promise<boolean> => (await image.stat(marker))?.type === 'file';
  if ((await isFile('/etc/cloud/cloud-init.disabled')) && !(await isFile('/etc/cloud/cloud-init.enabled')))
    return [];
  return [{ target: 'multi-user.target', relation: 'Wants', name: 'cloud-init.target', evidence: { path } }];
}

/** systemd-rc-local-generator(8): an executable rc.local is wanted by multi-user.target. */
async function rcLocalLink(image: Image): Promise<GeneratedLink[]> {
  if (!(await runs(image, 'systemd-rc-local-generator'))) return [];
  const redHat: GuestPath = '/etc/rc.d/rc.local';
  const path: GuestPath = (await image.stat(redHat)) ? redHat : '/etc/rc.local';
  const entry = await image.stat(path);
  if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) return [];
  return [{ target: 'multi-user.target', relation: 'Wants', name: 'rc-local.service', evidence: { path } }];
}
