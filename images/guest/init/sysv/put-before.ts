import {
  type LsbFieldName,
  type NewLsbHeader,
  addLsbHeader,
  lsbFieldWords,
  printLsbHeader,
  setLsbField,
} from '../../../formats/lsb-header.js';
import { write } from '../../../image/change.js';
import { ImageError } from '../../../base/errors.js';
import type { Change, Image } from '../../../image/image.js';
import { collapse, overlay } from '../../../image/overlay.js';
import { chkconfigBefore } from './chkconfig.js';
import { orderOf } from './graph.js';
import { expandFacility } from '../../../formats/insserv-conf.js';
import { insservRenumber } from './insserv/insserv.js';
import { startRunlevels } from './layout.js';
import { plainBefore } from './plain.js';
import type { Script } from './scripts.js';
import { type Sysv, readSysv } from './state.js';

/**
 * Changes after which `first` starts before `then` in every runlevel that starts both, as the guest's own tool
 * would order them: under insserv by the headers, else by the numbers. They are laid over the image and judged
 * there before they are offered.
 * @returns nothing to do: an empty list; undefined when no change leads there (the headers would form a loop)
 */
export async function putScriptBefore(
  sysv: Sysv,
  first: Script,
  then: Script,
): Promise<Change[] | undefined> {
  if (isBefore(sysv, first, then)) return [];
  const changes = await candidate(sysv, first, then);
  if (!changes) return undefined;
  const after = await readSysv(await overlay(sysv.image, changes));
  return isBefore(after, first, then) ? collapse(changes) : undefined;
}

/** A runlevel that starts `then` alone is not a matter of order. */
function isBefore(sysv: Sysv, first: Script, then: Script): boolean {
  const levels = new Set(
    sysv.linksByScript
      .get(first.name)
      ?.flatMap((link) => (link.kind === 'S' && link.works ? [link.level] : [])),
  );
  return orderOf(sysv, first.name, then.name).every(({ graph, verdict }) => {
    const both =
      levels.has('S') || startRunlevels.some((level) => levels.has(level) && graph.endsWith(` ${level}`));
    return !both || verdict === 'before';
  });
}

async function candidate(sysv: Sysv, first: Script, then: Script): Promise<Change[] | undefined> {
  switch (sysv.dialect) {
    case 'chkconfig':
      return chkconfigBefore(sysv, first, then);
    case 'plain':
      return plainBefore(sysv, first.name, then.name);
    case 'insserv':
      return insservBefore(sysv, first, then);
  }
}

async function insservBefore(sysv: Sysv, first: Script, then: Script): Promise<Change[] | undefined> {
  const headers = await headerChanges(sysv, first, then);
  const edited = await overlay(sysv.image, headers);
  try {
    return [...headers, ...(await insservRenumber(await readSysv(edited)))];
  } catch (error) {
    // insserv would refuse the new headers: this is no way to order the two.
    if (error instanceof ImageError && error.code === 'boot-loop') return undefined;
    throw error;
  }
}

/** `first` provides a name that can be asked for, and `then` asks for it. */
async function headerChanges(sysv: Sysv, first: Script, then: Script): Promise<Change[]> {
  const named = first.facilities.includes(first.name) || first.facilities.length === 1;
  const facility =
    first.facilities.includes(first.name) || !named ? first.name : (first.facilities[0] ?? first.name);
  const changes = named ? [] : await setField(sysv.image, first, 'Provides', facility);
  if (!asksFor(sysv, then, facility)) {
    const words = lsbFieldWords(then.header, 'Required-Start', true);
    changes.push(...(await setField(sysv.image, then, 'Required-Start', [facility, ...words].join(' '))));
  }
  return changes;
}

function asksFor(sysv: Sysv, then: Script, facility: string): boolean {
  const fields: readonly LsbFieldName[] = ['Required-Start', 'Should-Start'];
  const words = fields.flatMap((field) => lsbFieldWords(then.header, field, true));
  return words
    .flatMap((word) => (word.startsWith('$') ? (expandFacility(sysv.conf, word) ?? []) : [word]))
    .some((word) => word === facility || word === `+${facility}`);
}

/**
 * Sets a field where the header is: in the script (behind its link, where it is one), or in the override. A
 * script without a block, or with one that is never closed, gets an override or a block of its own.
 */
async function setField(image: Image, script: Script, name: LsbFieldName, value: string): Promise<Change[]> {
  const path = script.fromOverride ? await image.realPath(script.headerPath) : script.realPath;
  if (!path) return [];
  const text = (await image.readText(path)) ?? '';
  const edited = setLsbField(text, name, value);
  if (edited !== undefined) return write(image, path, edited);
  const block = newHeader(script, name, value);
  if (!script.header) return write(image, path, addLsbHeader(text, block));
  return write(image, `/etc/insserv/overrides/${script.name}`, printLsbHeader(block));
}

function newHeader(script: Script, name: LsbFieldName, value: string): NewLsbHeader {
  const needs = name === 'Required-Start' ? value.split(' ') : [];
  const base = ['$remote_fs', '$syslog'];
  return {
    provides: name === 'Provides' ? [value] : [script.name],
    requiredStart: [...needs, ...base.filter((word) => !needs.includes(word))],
    requiredStop: [...needs, ...base.filter((word) => !needs.includes(word))],
    defaultStart: ['2', '3', '4', '5'],
    defaultStop: ['0', '1', '6'],
    shortDescription: `Start ${script.name} at boot time`,
  };
}
