import { type RunningGuest, look } from '../running-guest.js';

/** As packages and as pip install it. */
const programs = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init'] as const;

/** Whether the guest has a cloud-init, that may run beside its agent or in its place. */
export async function hasCloudInit(guest: Pick<RunningGuest, 'sandbox'>): Promise<boolean> {
  await using image = look(guest);
  for (const path of programs) if (await image.stat(path).catch(() => undefined)) return true;
  return false;
}
