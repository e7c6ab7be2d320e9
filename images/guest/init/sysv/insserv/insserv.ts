import { printDependFile } from '../../../../formats/depend-file.js';
import { link, remove, write } from '../../../../image/change.js';
import { ImageError } from '../../../../base/errors.js';
import type { Change, GuestPath } from '../../../../image/image.js';
import { join } from '../../../../image/resolve.js';
import type { Runlevel } from '../layout.js';
import { type RunlevelLink, linkName } from '../links.js';
import { type Sysv, dependPath } from '../state.js';
import { type Numbered, dependFiles } from './depend.js';
import { type LinkNumbers, type LinkedLevels, type Model, buildModel, wantedLevels } from './model.js';
import { numberNodes } from './numbers.js';

/** A link as it should be; its number is still to be found. */
interface WantedLink {
  readonly level: Runlevel;
  readonly kind: 'S' | 'K';
  readonly script: string;
  /** The number it has, for links that are left as they are. */
  readonly number: number;
}

/**
 * What `update-rc.d SCRIPT defaults; update-rc.d SCRIPT enable` does where insserv is in use: links for the
 * runlevels of its header, and all links numbered anew. What the script requires is enabled with it, as by
 * `insserv --recursive`; a facility that nothing provides is passed over, as by `insserv --force`.
 * @throws {ImageError} code `boot-loop` when the headers form a loop
 */
export async function insservEnable(sysv: Sysv, name: string): Promise<Change[]> {
  const script = sysv.scripts.get(name);
  // insserv passes such scripts over: it would not know where to link them, or init could not start them.
  if (!script?.executable || wantedLevels(script).start.size === 0) return [];
  const names = withRequired(sysv, name);
  const wanted = linksOf(sysv);
  for (const one of names) switchOn(sysv, wanted, one);
  return names.length > 0 ? renumber(sysv, wanted) : [];
}

/** What `update-rc.d SCRIPT disable` does: its start links become kill links, and all links are numbered anew. */
export async function insservDisable(sysv: Sysv, name: string): Promise<Change[]> {
  const wanted = linksOf(sysv).map((one): WantedLink => {
    const starts = one.script === name && one.kind === 'S' && 'S2345'.includes(one.level);
    return starts ? { ...one, kind: 'K' } : one;
  });
  return renumber(sysv, wanted);
}

/** What `insserv` without arguments does: numbers the links by the headers, and rewrites the .depend files. */
export async function insservRenumber(sysv: Sysv): Promise<Change[]> {
  return renumber(sysv, linksOf(sysv));
}

/** The scripts, dependencies and levels as they are on disk now. */
export function modelOf(sysv: Sysv): Model {
  return buildModel(sysv.scripts, levelsByScript(linksOf(sysv)), sysv.conf, currentNumbers(sysv.links));
}

/** insserv removes links that lead nowhere before it looks at the others. */
function linksOf(sysv: Sysv): WantedLink[] {
  return sysv.links.filter((one) => one.leadsTo !== undefined);
}

function levelsByScript(links: readonly WantedLink[]): Map<string, LinkedLevels> {
  const levels = new Map<string, { start: Set<Runlevel>; stop: Set<Runlevel> }>();
  for (const { script, level, kind } of links) {
    const known = levels.get(script) ?? { start: new Set(), stop: new Set() };
    known[kind === 'S' ? 'start' : 'stop'].add(level);
    levels.set(script, known);
  }
  return levels;
}

/**
 * The script, after the scripts it requires and that are not started wherever it is; none when another script
 * provides its service already.
 */
function withRequired(sysv: Sysv, name: string): string[] {
  const { providers } = modelOf(sysv);
  const node = [...providers.values()].find((one) => one.script.name === name);
  if (!node) return [];
  const found = new Set([node]);
  for (const one of found) {
    const start = wantedLevels(one.script).start;
    for (const [other, need] of one.startsAfter) {
      const covered =
        other.linked && (other.start.has('S') || [...start].every((level) => other.start.has(level)));
      if (need.required && !covered) found.add(other);
    }
  }
  return [...found].map((one) => one.script.name).reverse();
}

function switchOn(sysv: Sysv, links: WantedLink[], name: string): void {
  const script = sysv.scripts.get(name);
  if (!script) return;
  const { start, stop } = wantedLevels(script);
  const fresh = !links.some((one) => one.script === name);
  for (const level of start) {
    const here = links.filter((one) => one.script === name && one.level === level);
    const number = (here.find((one) => one.kind === 'S') ?? here[0])?.number ?? 0;
    links.splice(0, links.length, ...links.filter((one) => !here.includes(one)));
    links.push({ level, kind: 'S', script: name, number });
  }
  for (const level of fresh ? stop : []) {
    if (!start.has(level) && level !== 'S') links.push({ level, kind: 'K', script: name, number: 0 });
  }
}

async function renumber(sysv: Sysv, wanted: readonly WantedLink[]): Promise<Change[]> {
  if (sysv.layout.suse) {
    throw new ImageError('unsupported-init', 'the links of SUSE init scripts cannot be numbered yet', {
      hint: 'Run insserv in the guest, then check again.',
    });
  }
  const current = currentNumbers(sysv.links);
  const model = buildModel(sysv.scripts, levelsByScript(wanted), sysv.conf, current);
  const numbers = {
    start: numberNodes(model, 'start', current.start),
    stop: numberNodes(model, 'stop'),
  };
  const byName = new Map(model.nodes.map((node) => [node.script.name, node]));
  const final = new Set<GuestPath>();
  const targets = new Map<GuestPath, string>();
  for (const one of wanted) {
    const node = byName.get(one.script);
    const both = one.kind === 'S' && node?.stop.has(one.level);
    // insserv passes over kill links of rcS.d, and over start links beside a kill link of the same runlevel.
    const kept = !node || both || (one.kind === 'K' && one.level === 'S');
    const number = kept ? one.number : (numbers[one.kind === 'S' ? 'start' : 'stop'].get(node) ?? one.number);
    const path = join(sysv.layout.directory(one.level), linkName(one.kind, number, one.script));
    final.add(path);
    targets.set(path, sysv.layout.target(one.script));
  }
  return [...(await linkChanges(sysv, final, targets)), ...(await dependChanges(sysv, model, numbers))];
}

async function linkChanges(
  sysv: Sysv,
  final: ReadonlySet<GuestPath>,
  targets: ReadonlyMap<GuestPath, string>,
): Promise<Change[]> {
  const changes: Change[] = [];
  const kept = new Set<GuestPath>();
  for (const one of sysv.links) {
    if (one.leadsTo !== undefined && final.has(one.path)) kept.add(one.path);
    else if (!final.has(one.path)) changes.push(...(await remove(sysv.image, one.path)));
  }
  for (const path of final) {
    if (!kept.has(path)) changes.push(...(await link(sysv.image, path, targets.get(path) ?? '')));
  }
  return changes;
}

/** A file that says the same already stays as it is, however it is written. */
async function dependChanges(sysv: Sysv, model: Model, numbers: Numbered): Promise<Change[]> {
  const changes: Change[] = [];
  const files = dependFiles(model.nodes, numbers, sysv.depend);
  for (const name of ['boot', 'start', 'stop'] as const) {
    const now = sysv.depend[name];
    const text = printDependFile(files[name]);
    if (now && printDependFile(now) === text) continue;
    changes.push(...(await write(sysv.image, dependPath(name), text)));
  }
  return changes;
}

/** The lowest number of each script, over all runlevels. */
function currentNumbers(links: readonly RunlevelLink[]): LinkNumbers {
  const numbers = { start: new Map<string, number>(), stop: new Map<string, number>() };
  for (const { kind, script, number } of links) {
    const known = numbers[kind === 'S' ? 'start' : 'stop'];
    known.set(script, Math.min(number, known.get(script) ?? number));
  }
  return numbers;
}
