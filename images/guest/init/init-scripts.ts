import type { LsbHeader } from '../../formats/lsb-header.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Fact } from '../fact.js';
import { type Dialect, dialectOf } from './sysv/dialect.js';
import { type ScriptDiagnosis, scriptDiagnoses } from './sysv/script-diagnoses.js';
import { layoutOf } from './sysv/layout.js';

/** An init script, and what its header says. */
export interface InitScript {
  readonly name: string;
  readonly path: GuestPath;
  /** Where the script points, when it is a link (the 1.x agent's leads into /usr/share/nova-agent). */
  readonly target: string | undefined;
  /** The header that counts: an override of insserv's replaces the script's own. */
  readonly effective: {
    /** The regular file that holds it, links resolved: what an edit has to write. */
    readonly file: GuestPath;
    /** undefined when it has none. */
    readonly header: LsbHeader | undefined;
  };
  /** Facilities in its Required-Start that no script and no system facility provides. */
  readonly unsatisfied: readonly string[];
}

export interface InitScripts {
  /** What decides the order of the scripts, when no systemd does. */
  readonly numbering: Dialect;
  readonly all: ReadonlyMap<string, InitScript>;
}

/** The init scripts of a guest by name, in the terms of the rules about their headers. */
export const initScripts: Fact<InitScripts> = {
  name: 'script-headers',
  // What decides the numbering is mostly which programs are there; of this one the text counts.
  inputs: [...scriptDiagnoses.inputs, '/usr/sbin/update-rc.d'],
  async gather(image, get) {
    const all = new Map<string, InitScript>();
    for (const script of await get(scriptDiagnoses)) {
      const told = await inTerms(image, script);
      if (told) all.set(script.name, told);
    }
    return { numbering: await dialectOf(image, await layoutOf(image)), all };
  },
};

/** undefined for a link that leads nowhere: there is nothing that could be started, or edited. */
async function inTerms(image: Image, script: ScriptDiagnosis): Promise<InitScript | undefined> {
  const { name, path, header, headerPath, unsatisfied } = script;
  const file = await image.realPath(headerPath);
  if (!file || !script.realPath) return undefined;
  return { name, path, target: await image.readLink(path), effective: { file, header }, unsatisfied };
}
