import { lsbFieldWords } from '../../../formats/lsb-header.js';
import { setChkconfigPriorities } from '../../../formats/chkconfig-line.js';
import { write } from '../../../image/change.js';
import type { Change } from '../../../image/image.js';
import { wantedLevels } from './insserv/model.js';
import { type Runlevel, runlevels, startRunlevels } from './layout.js';
import { type LinkWish, linkedNumber, relink } from './relink.js';
import type { Script } from './scripts.js';
import { type Sysv, startLinks } from './state.js';

/** What chkconfig gives a script whose LSB header has no chkconfig line beside it. */
const defaultPriority = 50;

/** Whether chkconfig would manage the script: "service X does not support chkconfig" otherwise. */
export function supportsChkconfig(script: Script): boolean {
  return script.chkconfig !== undefined || script.header?.end !== undefined;
}

/** What `chkconfig --add SCRIPT; chkconfig SCRIPT on` does: S in 2 to 5 and where its line says, K elsewhere. */
export async function chkconfigEnable(sysv: Sysv, script: Script): Promise<Change[]> {
  if (!supportsChkconfig(script)) return [];
  const levels = script.chkconfig?.levels ?? [...wantedLevels(script).start];
  const { start, stop } = priorities(sysv, script);
  return relink(
    sysv,
    script.name,
    ownRunlevels.map((level): LinkWish => {
      const on =
        startRunlevels.some((one) => one === level) || (levels.includes(level) && !linked(sysv, script));
      const starts = on || linkedNumber(sysv, script.name, level, 'S') !== undefined;
      return starts ? { level, kind: 'S', number: start } : { level, kind: 'K', number: stop };
    }),
  );
}

/** What `chkconfig SCRIPT off` does: K in 2 to 5. */
export async function chkconfigDisable(sysv: Sysv, script: Script): Promise<Change[]> {
  const { stop } = priorities(sysv, script);
  return relink(
    sysv,
    script.name,
    startRunlevels.map((level): LinkWish => ({ level, kind: 'K', number: stop })),
  );
}

/**
 * Links by which `first` starts before `then`: the numbers of their lines when those do it; otherwise the line of
 * `then` is set to come right after `first`, and stop right before it.
 * @returns undefined when no number is left
 */
export async function chkconfigBefore(
  sysv: Sysv,
  first: Script,
  then: Script,
): Promise<Change[] | undefined> {
  const one = priorities(sysv, first);
  let two = priorities(sysv, then);
  const changes: Change[] = [];
  if (one.start >= two.start) {
    two = { start: one.start + 1, stop: Math.max(one.stop - 1, 0) };
    if (two.start > 99) return undefined;
    changes.push(...(await rewriteLine(sysv, then, two)));
  }
  for (const level of startRunlevels) {
    for (const [script, { start }] of [
      [first, one],
      [then, two],
    ] as const) {
      if (startLinks(sysv, script.name, level).length === 0) continue;
      changes.push(...(await relink(sysv, script.name, [{ level, kind: 'S', number: start }])));
    }
  }
  for (const level of ownRunlevels) {
    if (linkedNumber(sysv, then.name, level, 'K') === undefined) continue;
    if (startLinks(sysv, then.name, level).length > 0) continue;
    changes.push(...(await relink(sysv, then.name, [{ level, kind: 'K', number: two.stop }])));
  }
  return changes;
}

/** chkconfig knows no rcS.d. */
const ownRunlevels: readonly Runlevel[] = runlevels.filter((level) => level !== 'S');

function linked(sysv: Sysv, script: Script): boolean {
  return sysv.links.some((link) => link.script === script.name);
}

/**
 * The numbers of the line; where a header requires an enabled service (by its name or what it provides), newer
 * releases of chkconfig start after that one and stop before it.
 */
function priorities(sysv: Sysv, script: Script): { start: number; stop: number } {
  let start = script.chkconfig?.start ?? defaultPriority;
  let stop = script.chkconfig?.stop ?? defaultPriority;
  const needs = ['Required-Start', 'Should-Start'] as const;
  const wanted = new Set(needs.flatMap((field) => lsbFieldWords(script.header, field)));
  for (const other of sysv.scripts.values()) {
    if (other === script || ![other.name, ...other.facilities].some((name) => wanted.has(name))) continue;
    for (const level of startRunlevels) {
      const started = linkedNumber(sysv, other.name, level, 'S');
      if (started !== undefined && started >= start) start = Math.min(started + 1, 99);
      const stopped = other.chkconfig?.stop;
      if (started !== undefined && stopped !== undefined && stopped <= stop) stop = Math.max(stopped - 1, 0);
    }
  }
  return { start, stop };
}

async function rewriteLine(
  sysv: Sysv,
  script: Script,
  to: { start: number; stop: number },
): Promise<Change[]> {
  if (!script.realPath || !script.chkconfig) return [];
  const text = setChkconfigPriorities((await sysv.image.readText(script.realPath)) ?? '', to.start, to.stop);
  return text === undefined ? [] : write(sysv.image, script.realPath, text);
}
