import type { Change } from '../../../image/image.js';
import { plainNumber } from './dialect.js';
import { wantedLevels } from './insserv/model.js';
import { type Runlevel, runlevels, startRunlevels } from './layout.js';
import { type LinkWish, linkedNumber, relink } from './relink.js';
import type { Script } from './scripts.js';
import { type Sysv, startLinks } from './state.js';

/** Whether update-rc.d would make links: since it goes by the header (S01), a script without one gets none. */
export function supportsUpdateRcd(sysv: Sysv, script: Script): boolean {
  return plainNumber(sysv.links) === 20 || wantedLevels(script).start.size > 0;
}

/** What `update-rc.d SCRIPT defaults; update-rc.d SCRIPT enable` does without insserv. */
export async function plainEnable(sysv: Sysv, script: Script): Promise<Change[]> {
  if (!supportsUpdateRcd(sysv, script)) return [];
  const { start, stop } = levelsFor(script);
  const fresh = !sysv.links.some((link) => link.script === script.name);
  const number = plainNumber(sysv.links);
  const starts = start.map((level): LinkWish => {
    const started = linkedNumber(sysv, script.name, level, 'S');
    const killed = linkedNumber(sysv, script.name, level, 'K');
    return {
      level,
      kind: 'S',
      number: started ?? (killed === undefined ? number : mirrored(number, killed)),
    };
  });
  const stops = fresh ? stop.map((level): LinkWish => ({ level, kind: 'K', number })) : [];
  return relink(sysv, script.name, [...starts, ...stops]);
}

/** What `update-rc.d SCRIPT disable` does: its start links become kill links. */
export async function plainDisable(sysv: Sysv, script: string): Promise<Change[]> {
  const number = plainNumber(sysv.links);
  const wishes: LinkWish[] = [];
  for (const level of [...startRunlevels, 'S' as const]) {
    const started = linkedNumber(sysv, script, level, 'S');
    if (started !== undefined) wishes.push({ level, kind: 'K', number: mirrored(number, started) });
  }
  return relink(sysv, script, wishes);
}

/**
 * Links by which `first` starts before `then`, and stops after it. Who was numbered by hand keeps the place of
 * `then` (S19 before S20); of two at S01, `then` moves on.
 */
export async function plainBefore(sysv: Sysv, first: string, then: string): Promise<Change[]> {
  const changes: Change[] = [];
  for (const level of runlevels) {
    const starts = [
      startLinks(sysv, first, level)[0]?.number,
      startLinks(sysv, then, level)[0]?.number,
    ] as const;
    if (starts[0] !== undefined && starts[1] !== undefined && starts[0] >= starts[1]) {
      changes.push(...(await apart(sysv, level, 'S', first, then, starts[1])));
    }
    const stops = [linkedNumber(sysv, first, level, 'K'), linkedNumber(sysv, then, level, 'K')] as const;
    if (stops[0] !== undefined && stops[1] !== undefined && stops[0] <= stops[1]) {
      changes.push(...(await apart(sysv, level, 'K', then, first, Math.min(stops[1] + 1, 99))));
    }
  }
  return changes;
}

/** Puts `early` right before `late`, whose number is `number`; both move on when there is nothing before it. */
async function apart(
  sysv: Sysv,
  level: Runlevel,
  kind: 'S' | 'K',
  early: string,
  late: string,
  number: number,
): Promise<Change[]> {
  const place = Math.max(number, 2);
  return [
    ...(await relink(sysv, early, [{ level, kind, number: place - 1 }])),
    ...(await relink(sysv, late, [{ level, kind, number: place }])),
  ];
}

/** The header's runlevels; without a header, what `update-rc.d defaults` always took. */
function levelsFor(script: Script): { start: Runlevel[]; stop: Runlevel[] } {
  const { start, stop } = wantedLevels(script);
  if (start.size > 0) return { start: [...start], stop: [...stop].filter((level) => !start.has(level)) };
  return { start: [...startRunlevels], stop: ['0', '1', '6'] };
}

/** Numbering by hand, update-rc.d made K80 of S20, so that what starts early stops late; today it keeps the number. */
function mirrored(style: number, number: number): number {
  return style === 1 ? number : Math.min(100 - number, 99);
}
