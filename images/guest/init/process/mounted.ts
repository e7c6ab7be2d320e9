import type { Entry, GuestPath, Image } from '../../../image/image.js';
import { baseName, isAtOrBelow, join, parentOf } from '../../../image/resolve.js';
import { realPathOf, statOf } from '../../follow.js';
import {
  type MountAtBoot,
  forbidsExecution,
  isReadOnly,
  mountsAtBoot,
  mountsAtBootInputs,
} from '../../mounts-at-boot.js';
import { readOnlyRoot, rootMountInputs } from '../../mounts-root.js';
import { bootEntryInputs } from '../../boot/entries.js';
import type { Input } from '../../../image/inputs.js';
import { initModules } from '../init-modules.js';
import type { InitSystem } from '../init-system.js';
import type { Obstacle } from '../obstacle.js';
import { tmpfilesInputs } from '../tmpfiles.js';
import { madeAtBoot } from './volatile.js';

/** Paths that a process needs once the file systems of the boot are mounted. */
export interface Needed {
  /** Files that it reads, or has others read. */
  readonly reads?: readonly GuestPath[];
  /** Programs that are executed, and libraries that are mapped: neither is possible where `noexec` holds. */
  readonly runs?: readonly GuestPath[];
  /** Files that it writes and that are there at the next boot, too. */
  readonly writes?: readonly GuestPath[];
  /** As `writes`, on some servers and not on others: a warning. */
  readonly mayWrite?: readonly GuestPath[];
  /** Files that it opens for writing and that nobody misses later: their folder has to be there. */
  readonly logs?: readonly GuestPath[];
}

/** What {@link mountObstacles} reads. */
export const mountInputs: readonly Input[] = [
  ...new Set([...mountsAtBootInputs, ...rootMountInputs, ...tmpfilesInputs, ...bootEntryInputs]),
];

interface Asked {
  readonly image: Image;
  readonly system: InitSystem;
  /** Those that cover anything, the deepest mount point first. */
  readonly mounts: readonly MountAtBoot[];
  /** Of the root, where it cannot be written. */
  readonly root: Obstacle | undefined;
}

/** What the file systems of the boot make impossible although the image has all that it takes. One for each line. */
export async function mountObstacles(
  image: Image,
  system: InitSystem,
  needed: Needed,
): Promise<readonly Obstacle[]> {
  const mounts = await mountsAtBoot(image, system);
  const writes = [...(needed.writes ?? []), ...(needed.mayWrite ?? []), ...(needed.logs ?? [])];
  const root = writes.length > 0 ? await readOnlyRoot(image, system) : undefined;
  // Of most servers: a root that is written, and disks that the image has.
  if (!root && mounts.every(isOrdinary)) return [];
  const deepest = [...mounts].sort((a, b) => b.mountPoint.length - a.mountPoint.length);
  const asked: Asked = { image, system, mounts: deepest, root };
  const found = new Map<string, Obstacle>();
  const add = (obstacle: Obstacle | undefined, certain = true): void => {
    if (!obstacle) return;
    const key = `${obstacle.evidence.path}:${String(obstacle.evidence.line ?? 0)}`;
    const before = found.get(key);
    const sure = obstacle.certain && certain;
    if (!before || (sure && !before.certain)) found.set(key, { ...obstacle, certain: sure });
  };
  for (const path of needed.runs ?? []) add(await unseen(asked, path, true));
  for (const path of needed.reads ?? []) add(await unseen(asked, path, false));
  for (const path of needed.writes ?? []) add(await unwritable(asked, path, true));
  for (const path of needed.logs ?? []) add(await unwritable(asked, path, false));
  for (const path of needed.mayWrite ?? []) add(await unwritable(asked, path, true), false);
  return [...found.values()];
}

function isOrdinary(mount: MountAtBoot): boolean {
  if (forbidsExecution(mount)) return false;
  return mount.content === 'image' && (mount.mountPoint === '/' || !isReadOnly(mount));
}

/** A path as the process asks for it, and where that leads: a link can be hidden as well as its target. */
async function placesOf(image: Image, path: GuestPath): Promise<readonly GuestPath[]> {
  const folder = (await realPathOf(image, parentOf(path))) ?? parentOf(path);
  const place = path === '/' ? path : join(folder, baseName(path));
  return [...new Set([place, (await realPathOf(image, path)) ?? place])];
}

/** Binds over binds that are followed. */
const maxBinds = 8;

/** What is met on the way to a path: the mounts that show it, and the place of the image where it lies in the end. */
interface Sight {
  readonly through: readonly MountAtBoot[];
  /** undefined: below a mount whose content the image does not have. */
  readonly place: GuestPath | undefined;
}

function sightOf({ mounts }: Asked, path: GuestPath): Sight {
  const through: MountAtBoot[] = [];
  let place = path;
  for (let step = 0; step < maxBinds; step++) {
    const at = place;
    const mount = mounts.find(({ mountPoint }) => isAtOrBelow(at, mountPoint));
    if (!mount) return { through, place };
    through.push(mount);
    if (mount.content === 'image') return { through, place };
    const source = mount.device as GuestPath;
    if (mount.content !== 'bind' || !source.startsWith('/')) return { through, place: undefined };
    const rest = mount.mountPoint === '/' ? at : at.slice(mount.mountPoint.length);
    const clean = source.replace(/(?<=.)\/+$/, '') as GuestPath;
    const next: GuestPath = clean === '/' ? `/${rest.slice(1)}` : `${clean}${rest}`;
    // What is below its own source is what was there before it was mounted.
    if (next === at || mount.mountPoint === clean) return { through, place: at };
    place = next;
  }
  return { through, place };
}

/** Why a file of the image is not seen, or not executed. */
async function unseen(asked: Asked, path: GuestPath, runs: boolean): Promise<Obstacle | undefined> {
  const { image, system } = asked;
  if (madeAtBoot(path)) return undefined;
  const entry = await statOf(image, path);
  // What is not in the image at all is for others to say.
  if (!entry) return undefined;
  for (const at of await placesOf(image, path)) {
    const { through, place } = sightOf(asked, at);
    const last = through.at(-1);
    if (last && !(await isThere(image, place, at, entry)) && !(await initModules[system].makes(image, at)))
      return hidden(last, path);
    const refuses = runs ? through.find(forbidsExecution) : undefined;
    if (refuses) return said(refuses, `with noexec, so ${path} cannot be executed`);
  }
  return undefined;
}

/** Whether a bind shows what the image has at a path. */
async function isThere(
  image: Image,
  place: GuestPath | undefined,
  path: GuestPath,
  entry: Entry,
): Promise<boolean> {
  if (place === undefined) return false;
  return place === path || (await statOf(image, place))?.type === entry.type;
}

/** Why a file cannot be written, or what is written does not last. */
async function unwritable(asked: Asked, path: GuestPath, lasts: boolean): Promise<Obstacle | undefined> {
  const { image, system, root } = asked;
  if (madeAtBoot(path)) return undefined;
  for (const at of await placesOf(image, path)) {
    const { through, place } = sightOf(asked, at);
    const refuses = through.find((mount) => mount.mountPoint !== '/' && isReadOnly(mount));
    if (refuses) return said(refuses, `read-only, so ${path} cannot be written`);
    const onRoot =
      place !== undefined &&
      through.every(({ mountPoint, content }) => mountPoint === '/' || content === 'bind');
    if (root && onRoot) return { ...root, because: `${root.because}, so ${path} cannot be written` };
    const last = through.at(-1);
    if (!last || last.content === 'image') continue;
    if (lasts) {
      // Whoever keeps its state elsewhere makes it anew when it is gone.
      if (last.content !== 'memory' || !at.startsWith('/etc/')) continue;
      return said(last, `, a file system in memory, so what is written to ${path} is lost at the next boot`);
    }
    const folder = parentOf(at);
    // A link that is hidden leads nowhere any more: the file is made in its place.
    if (folder === last.mountPoint) return undefined;
    if (!(await statOf(image, folder))) continue;
    if (place !== undefined && (await statOf(image, parentOf(place)))?.type === 'directory') continue;
    if (!(await initModules[system].makes(image, folder))) return hidden(last, folder);
  }
  return undefined;
}

function hidden(mount: MountAtBoot, path: GuestPath): Obstacle {
  if (mount.content === 'unknown')
    return { ...said(mount, `over ${path}, and what that holds is not in the image`), certain: false };
  return said(mount, `over ${path}, which is hidden then`);
}

function said({ mountPoint, device, type, certain, evidence, content }: MountAtBoot, what: string): Obstacle {
  const source = content === 'memory' ? `a ${type}` : device;
  const space = what.startsWith(',') ? '' : ' ';
  return { certain, evidence, because: `${evidence.path} mounts ${source} on ${mountPoint}${space}${what}` };
}
