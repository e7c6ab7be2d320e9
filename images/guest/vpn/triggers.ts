import { booleanOf, parseUnitFile, settingsOf } from '../../formats/unit-file.js';
import { remove } from '../../image/change.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { overlay } from '../../image/overlay.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import { initModules } from '../init/init-modules.js';
import { unitDirectories } from '../init/systemd/search.js';
import type { Guest } from './mechanism.js';
import { mask } from './started.js';

/** A timer, path or socket unit of the boot that starts a service. */
export interface Trigger {
  /** "vpn.timer". */
  readonly unit: string;
  /** The link that starts it, or its unit file. */
  readonly evidence: Evidence;
  /** When it starts the service, in words: "1min after the boot". */
  readonly when: string;
}

/** What a timer's elapsing hangs on; the others count from when the service ran, so they start none that never did. */
const elapses = /^On(?:Active|Boot|Startup)Sec$|^On(?:Calendar|ClockChange|TimezoneChange)$/;
const watches = /^(?:Path(?:Exists|ExistsGlob|Changed|Modified)|DirectoryNotEmpty)$/;
const listens = /^(?:Listen\w+)$/;

/** By the service that it starts: every trigger of the boot (systemd.timer(5), systemd.path(5), systemd.socket(5)). */
export async function triggersOf({ image, services }: Guest): Promise<ReadonlyMap<string, Trigger>> {
  const found = new Map<string, Trigger>();
  if (!initModules[services.system].hasUnitFiles) return found;
  for (const { nodes } of await services.graphs()) {
    for (const unit of nodes) {
      if (!/\.(?:timer|path|socket)$/.test(unit)) continue;
      const settings = await settingsOfUnit(image, unit);
      const when = whenOf(unit, settings);
      const service =
        settings.findLast(({ key, value }) => (key === 'Unit' || key === 'Service') && value !== '')?.value ??
        unit.replace(/\.\w+$/, '.service');
      if (when === undefined || !service.endsWith('.service')) continue;
      found.set(service, { unit, when, evidence: { path: await startOf(image, unit) } });
    }
  }
  return found;
}

type Setting = ReturnType<typeof settingsOf>[number];

function whenOf(unit: string, settings: readonly Setting[]): string | undefined {
  const wanted = unit.endsWith('.timer') ? elapses : unit.endsWith('.path') ? watches : listens;
  const setting = settings.find(({ key, value }) => wanted.test(key) && value !== '');
  if (!setting) return undefined;
  if (unit.endsWith('.socket')) {
    // Each connection gets an instance of its own.
    const accepts = settings.findLast(({ key }) => key === 'Accept')?.value ?? '';
    return booleanOf(accepts) === true ? undefined : 'at the first connection';
  }
  return `${setting.key}=${setting.value}`;
}

/** The settings of a unit and its drop-ins, in the sections of its own kind. */
async function settingsOfUnit(image: Image, unit: string): Promise<Setting[]> {
  const texts: string[] = [];
  for (const directory of unitDirectories) {
    const text = await textOf(image, join(directory, unit));
    if (text === undefined) continue;
    texts.push(text);
    break;
  }
  for (const directory of unitDirectories) {
    const folder = join(directory, `${unit}.d`);
    for (const { name } of (await image.readDir(folder)) ?? [])
      if (name.endsWith('.conf')) texts.push((await textOf(image, join(folder, name))) ?? '');
  }
  return texts
    .flatMap((text) => settingsOf(parseUnitFile(text)))
    .filter(({ section }) => /^(?:Timer|Path|Socket)$/.test(section));
}

async function textOf(image: Image, path: GuestPath): Promise<string | undefined> {
  return (await image.stat(path))?.type === 'file' ? image.readText(path) : undefined;
}

/** The first link that wants a unit; without one, its file. */
async function startOf(image: Image, unit: string): Promise<GuestPath> {
  const [link] = await linksTo(image, unit);
  if (link) return link;
  for (const directory of unitDirectories) {
    const path = join(directory, unit);
    if (await image.lstat(path)) return path;
  }
  return `/etc/systemd/system/${unit}`;
}

async function linksTo(image: Image, unit: string): Promise<GuestPath[]> {
  const found: GuestPath[] = [];
  for (const directory of unitDirectories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (!/\.(?:wants|requires|upholds)$/.test(name)) continue;
      const path = join(join(directory, name), unit);
      if (await image.lstat(path)) found.push(path);
    }
  }
  return found;
}

/** Changes after which a boot no longer starts a trigger: its links below /etc go; what still starts it meets a mask. */
export async function withoutTrigger(
  guest: Pick<Guest, 'servicesOf'>,
  image: Image,
  unit: string,
): Promise<Change[]> {
  const isStarted = async (now: Image): Promise<boolean> =>
    (await (await guest.servicesOf(now)).graphs()).some(({ nodes }) => nodes.has(unit));
  if (!(await isStarted(image))) return [];
  const changes: Change[] = [];
  for (const path of await linksTo(image, unit))
    if (path.startsWith('/etc/')) changes.push(...(await remove(image, path)));
  const now = await overlay(image, changes);
  return (await isStarted(now)) ? [...changes, ...(await mask(now, unit))] : changes;
}
