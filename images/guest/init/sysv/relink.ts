import { link, remove } from '../../../image/change.js';
import type { Change, GuestPath } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';
import type { Runlevel } from './layout.js';
import { linkName } from './links.js';
import type { Sysv } from './state.js';

/** The one link that a script shall have in a runlevel. */
export interface LinkWish {
  readonly level: Runlevel;
  readonly kind: 'S' | 'K';
  readonly number: number;
}

/**
 * Changes that give a script these links, in the place of all others that it has in the same runlevels; links in
 * other runlevels are left alone.
 */
export async function relink(sysv: Sysv, script: string, wishes: readonly LinkWish[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { level, kind, number } of wishes) {
    const path: GuestPath = join(sysv.layout.directory(level), linkName(kind, number, script));
    const here = (sysv.linksByScript.get(script) ?? []).filter((one) => one.level === level);
    for (const one of here) if (one.path !== path) changes.push(...(await remove(sysv.image, one.path)));
    const stays = here.some((one) => one.path === path && one.leadsTo !== undefined);
    if (!stays) changes.push(...(await link(sysv.image, path, sysv.layout.target(script))));
  }
  return changes;
}

/** The number of a script's link in a runlevel; of several, the one that takes effect first. */
export function linkedNumber(
  sysv: Sysv,
  script: string,
  level: Runlevel,
  kind: 'S' | 'K',
): number | undefined {
  const numbers = (sysv.linksByScript.get(script) ?? [])
    .filter((one) => one.level === level && one.kind === kind && one.leadsTo !== undefined)
    .map((one) => one.number);
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}
