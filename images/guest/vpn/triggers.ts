import type { Change, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Evidence } from '../evidence.js';
import type { Services, Starter } from '../init/service.js';
import { keepOff, linksTo, mask } from '../init/systemd/keep-off.js';
import { unitDirectories } from '../init/systemd/search.js';
import type { Guest } from './mechanism.js';
import { withoutWord } from './started.js';

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

/**
 * Changes after which a service no longer follows another that names it in OnSuccess=: it is masked; where its file
 * stands in the place of the mask, its name goes from the line.
 */
export async function withoutFollower(image: Image, { evidence }: Starter, unit: string): Promise<Change[]> {
  const masked = await mask(image, unit);
  return masked.length > 0 || !evidence.path.startsWith('/etc/')
    ? masked
    : withoutWord(image, evidence, unit);
}
