import type { Change, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import type { Services } from '../init/service.js';
import { keepOff, linksTo } from '../init/systemd/keep-off.js';
import { unitDirectories } from '../init/systemd/search.js';
import type { Guest } from './mechanism.js';

/** Whether the boot starts a unit. */
async function isBooted(services: Services, unit: string): Promise<boolean> {
  return (await services.graphs()).some(({ nodes }) => nodes.has(unit));
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
