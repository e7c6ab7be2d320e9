import { posix } from 'node:path';
import type { GuestPath, Image } from '../../image/image.js';
import { join, parentOf } from '../../image/resolve.js';
import { lstatOf, statOf } from '../follow.js';
import type { Obstacle } from '../init/obstacle.js';
import { initModules } from '../init/init-modules.js';
import { madeAtBoot } from '../init/process/volatile.js';
import type { Services } from '../init/service.js';

/**
 * Why a file cannot be opened for writing; undefined when it can.
 * A folder that tmpfiles.d(5) makes is there by then.
 * @param renames - whether what is there is renamed before (backup_file() in novaagent/utils.py): a folder, too
 */
export async function writablePlace(
  { image, system }: { readonly image: Image; readonly system: Services },
  path: GuestPath,
  renames: boolean,
): Promise<Obstacle | undefined> {
  let at = path;
  for (let step = 0; step < 8; step++) {
    const entry = await lstatOf(image, at);
    const leadsTo = await statOf(image, at);
    if (leadsTo && (renames || leadsTo.type !== 'directory')) return undefined;
    if (leadsTo) return { certain: true, evidence: { path }, because: `${path} is a directory` };
    if (entry?.type !== 'link') break;
    // A file is made where a broken link leads, if its folder is there.
    const target = entry.target ?? '';
    at = joinTarget(at, target);
  }
  const folder = parentOf(at);
  const real = await statOf(image, folder);
  if (real?.type === 'directory') return undefined;
  const link = await firstLink(image, folder);
  const place = link ?? { path: folder };
  const wanted = place.target === undefined ? folder : joinTarget(place.path, place.target);
  // A line for the link itself, or for what is below it, makes nothing: the link is in the way.
  if (await initModules[system.system].makes(image, posix.normalize(wanted) as GuestPath)) return undefined;
  return {
    certain: !madeAtBoot(posix.normalize(wanted)),
    evidence: { path: place.path },
    because: place.target
      ? `${place.path} is a link to ${place.target}, which is not in the image`
      : at === path
        ? `there is no folder ${folder}`
        : `${path} is a link to ${at}, whose folder is not in the image`,
  };
}

/** What a link says, from the root. */
function joinTarget(link: GuestPath, target: string): GuestPath {
  return (target.startsWith('/') ? target : join(parentOf(link), target)) as GuestPath;
}

/** The link on the way to a folder that leads nowhere. */
async function firstLink(
  image: Image,
  folder: GuestPath,
): Promise<{ readonly path: GuestPath; readonly target?: string } | undefined> {
  const parts = folder.split('/').slice(1);
  for (let count = 1; count <= parts.length; count++) {
    const path: GuestPath = `/${parts.slice(0, count).join('/')}`;
    const entry = await lstatOf(image, path);
    if (entry?.type === 'link' && !(await statOf(image, path))) return { path, target: entry.target ?? '' };
  }
  return undefined;
}
