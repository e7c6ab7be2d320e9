import type { Image } from '../../../image/image.js';
import type { Obstacle } from '../obstacle.js';
import { type Runlevel, runlevels, startRunlevels } from './layout.js';
import type { RunlevelLink } from './links.js';
import { type Sysv, passedOverBy } from './state.js';

/** Why the start links of a script do not start it: they lead nowhere, or belong to a runlevel that the boot does not enter. */
export async function linksInVain(sysv: Sysv, script: string): Promise<readonly Obstacle[]> {
  const level = runlevels.find((one) => one === sysv.defaultRunlevel.runlevel) ?? '2';
  const starting = (sysv.linksByScript.get(script) ?? []).filter(({ kind }) => kind === 'S');
  const own = starting.filter((link) => link.level === level || link.level === 'S');
  const found: Obstacle[] = [];
  for (const link of own) {
    if (!link.works)
      found.push({ certain: true, evidence: { path: link.path }, because: await whyIdle(sysv.image, link) });
  }
  for (const { path, level: started } of own) {
    const file = passedOverBy(sysv, script, started);
    if (!file) continue;
    const because = `startpar starts what ${file} names, and it does not name ${script} (insserv writes it)`;
    found.push({ certain: true, evidence: { path }, because });
  }
  if (found.length > 0 || own.length > 0) return found;
  const elsewhere = starting.filter((link) => startRunlevels.some((one: Runlevel) => one === link.level));
  const [first] = elsewhere;
  if (!first) return [];
  const levels = [...new Set(elsewhere.map((link) => link.level))].join(', ');
  const because = `its links start it in runlevel ${levels}, and the boot leads to runlevel ${level}`;
  return [{ certain: true, evidence: { path: first.path }, because }];
}

async function whyIdle(image: Image, { path, leadsTo }: RunlevelLink): Promise<string> {
  if (!leadsTo) return `${path} leads to ${(await image.readLink(path)) ?? 'nothing'}, which is not there`;
  const entry = await image.lstat(leadsTo);
  return entry?.type === 'file' ? `${leadsTo} is not executable` : `${leadsTo} is not a file`;
}
