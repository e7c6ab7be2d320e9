import { link, remove } from '../../../image/change.js';
import type { Change, GuestPath, Image } from '../../../image/image.js';
import { overlay } from '../../../image/overlay.js';
import { join } from '../../../image/resolve.js';
import { unitDirectories } from './search.js';

/** Folders of links to units that another one has started (systemd.unit(5)). */
const isStartFolder = /\.(?:wants|requires|upholds)$/;

/**
 * Changes after which a boot no longer starts a unit: its links below /etc go; what still starts it meets a mask.
 * @param isStarted - whether the boot of an image starts it
 */
export async function keepOff(
  image: Image,
  unit: string,
  isStarted: (now: Image) => Promise<boolean>,
): Promise<Change[]> {
  if (!(await isStarted(image))) return [];
  const changes: Change[] = [];
  for (const path of await linksTo(image, unit))
    if (path.startsWith('/etc/')) changes.push(...(await remove(image, path)));
  const now = await overlay(image, changes);
  return (await isStarted(now)) ? [...changes, ...(await mask(now, unit))] : changes;
}

/** Where a unit is masked, by a link to /dev/null or an empty file; undefined when it is not (systemd.unit(5)). */
export async function maskOf(image: Image, id: string): Promise<GuestPath | undefined> {
  for (const directory of unitDirectories) {
    const path = join(directory, id);
    const entry = await image.lstat(path);
    if (!entry) continue;
    return entry.target === '/dev/null' || (entry.type === 'file' && entry.size === 0) ? path : undefined;
  }
  return undefined;
}

/** A link to /dev/null in the place where it hides the vendor's; nothing where a file of the administrator is. */
export async function mask(image: Image, id: string): Promise<Change[]> {
  const place: GuestPath = `/etc/systemd/system/${id}`;
  const entry = await image.lstat(place);
  return entry && entry.type !== 'link' ? [] : link(image, place, '/dev/null');
}

/** The links that want, require or uphold a unit. */
export async function linksTo(image: Image, unit: string): Promise<GuestPath[]> {
  const found: GuestPath[] = [];
  for (const directory of unitDirectories) {
    for (const { name } of (await image.readDir(directory)) ?? []) {
      if (!isStartFolder.test(name)) continue;
      const path = join(join(directory, name), unit);
      if (await image.lstat(path)) found.push(path);
    }
  }
  return found;
}
