import { booleanOf, parseUnitFile, settingsOf } from '../../formats/unit-file.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import { initModules } from '../init/init-modules.js';
import type { Services } from '../init/service.js';
import { isStartFolder, keepOff, linksTo } from '../init/systemd/keep-off.js';
import { unitDirectories } from '../init/systemd/search.js';
import type { Guest } from './mechanism.js';

/** A timer, path or socket unit of the boot that starts a service. */
export interface Trigger {
  /** "vpn.timer". */
  readonly unit: string;
  /** What makes it start the service: "OnBootSec=1min". */
  readonly when: string;
  readonly isLater: boolean;
}

const isTrigger = /\.(?:timer|path|socket)$/;

/** What a timer's elapsing hangs on; the others count from when the service ran, so they start none that never did. */
const elapses = /^On(?:Active|Boot|Startup)Sec$|^On(?:Calendar|ClockChange|TimezoneChange)$/;
/** Of those, what comes true in the course of a boot. */
const atBoot = /^On(?:Active|Boot|Startup)Sec$|^PathExists(?:Glob)?$|^DirectoryNotEmpty$/;
const watches = /^(?:Path(?:Exists|ExistsGlob|Changed|Modified)|DirectoryNotEmpty)$/;
const listens = /^(?:Listen\w+)$/;

/**
 * By the service that it starts: every unit that may start another one (systemd.timer(5), systemd.path(5),
 * systemd.socket(5)), whether or not the boot starts it: {@link isBooted} tells.
 */
export async function triggersOf({ image, services }: Guest): Promise<ReadonlyMap<string, Trigger>> {
  const found = new Map<string, Trigger>();
  if (!initModules[services.system].hasUnitFiles) return found;
  for (const [unit, files] of await triggerUnits(image)) {
    if (unit.includes('@.')) continue;
    const settings = await settingsIn(image, files);
    const when = whenOf(unit, settings);
    const service =
      settings.findLast(({ key, value }) => (key === 'Unit' || key === 'Service') && value !== '')?.value ??
      unit.replace(/\.\w+$/, '.service');
    if (when !== undefined && service.endsWith('.service')) found.set(service, { unit, ...when });
  }
  return found;
}

/** Whether the boot starts a unit. */
export async function isBooted(services: Services, unit: string): Promise<boolean> {
  return (await services.graphs()).some(({ nodes }) => nodes.has(unit));
}

/** The strongest file of a unit, and its drop-ins. */
interface UnitFiles {
  readonly file?: GuestPath;
  readonly dropIns: readonly GuestPath[];
}

/** All timers, paths and sockets by name; of templates those instances that something wants. */
async function triggerUnits(image: Image): Promise<ReadonlyMap<string, UnitFiles>> {
  const found = new Map<string, UnitFiles>();
  const add = (name: string, file: UnitFiles): void => {
    const known = found.get(name);
    found.set(name, { ...file, ...known, dropIns: [...(known?.dropIns ?? []), ...file.dropIns] });
  };
  for (const directory of unitDirectories) {
    for (const { name, type } of (await image.readDir(directory)) ?? []) {
      const path = join(directory, name);
      if (isTrigger.test(name)) add(name, { file: path, dropIns: [] });
      const unit = /^(.*)\.d$/.exec(name)?.[1];
      if (unit !== undefined && isTrigger.test(unit)) add(unit, { dropIns: await dropInsIn(image, path) });
      if (type !== 'directory' || !isStartFolder.test(name)) continue;
      for (const { name: wanted } of (await image.readDir(path)) ?? [])
        if (wanted.includes('@') && isTrigger.test(wanted)) add(wanted, { dropIns: [] });
    }
  }
  for (const [name, files] of found) {
    const template = found.get(name.replace(/@.*(?=\.)/, '@'));
    if (name.includes('@') && template) found.set(name, { ...template, ...files });
  }
  return found;
}

async function dropInsIn(image: Image, folder: GuestPath): Promise<GuestPath[]> {
  const names = (await image.readDir(folder)) ?? [];
  return names.flatMap(({ name }) => (name.endsWith('.conf') ? [join(folder, name)] : []));
}

type Setting = ReturnType<typeof settingsOf>[number];

function whenOf(unit: string, settings: readonly Setting[]): Pick<Trigger, 'when' | 'isLater'> | undefined {
  const wanted = unit.endsWith('.timer') ? elapses : unit.endsWith('.path') ? watches : listens;
  const all = settings.filter(({ key, value }) => wanted.test(key) && value !== '');
  const setting = all.find(({ key }) => atBoot.test(key)) ?? all[0];
  if (!setting) return undefined;
  if (unit.endsWith('.socket')) {
    // Each connection gets an instance of its own.
    const accepts = settings.findLast(({ key }) => key === 'Accept')?.value ?? '';
    return booleanOf(accepts) === true ? undefined : { when: 'at the first connection', isLater: true };
  }
  return { when: `${setting.key}=${setting.value}`, isLater: !atBoot.test(setting.key) };
}

/** The settings of a unit and its drop-ins, in the sections of its own kind. */
async function settingsIn(image: Image, { file, dropIns }: UnitFiles): Promise<Setting[]> {
  const settings: Setting[] = [];
  for (const path of [...(file ? [file] : []), ...dropIns])
    settings.push(...settingsOf(parseUnitFile((await textOf(image, path)) ?? '')));
  return settings.filter(({ section }) => /^(?:Timer|Path|Socket)$/.test(section));
}

async function textOf(image: Image, path: GuestPath): Promise<string | undefined> {
  return (await image.stat(path))?.type === 'file' ? image.readText(path) : undefined;
}

/** The first link that wants a unit; without one, its file. */
export async function startOf(image: Image, unit: string): Promise<Evidence> {
  const [link] = await linksTo(image, unit);
  if (link) return { path: link };
  for (const directory of unitDirectories) {
    const path = join(directory, unit);
    if (await image.lstat(path)) return { path };
  }
  return { path: `/etc/systemd/system/${unit}` };
}

/** Changes after which a boot no longer starts a trigger. */
export async function withoutTrigger(
  guest: Pick<Guest, 'servicesOf'>,
  image: Image,
  unit: string,
): Promise<Change[]> {
  return keepOff(image, unit, async (now) => isBooted(await guest.servicesOf(now), unit));
}
