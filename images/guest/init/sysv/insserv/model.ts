import { type InsservConf, expandFacility } from '../../../../formats/insserv-conf.js';
import { type LsbFieldName, lsbFieldWords, lsbWords } from '../../../../formats/lsb-header.js';
import type { Evidence } from '../../../evidence.js';
import { type Runlevel, runlevels } from '../layout.js';
import type { Script } from '../scripts.js';

/** "This one comes after another", and what says so. */
export interface Need {
  /** Required-Start, not Should-Start or X-Start-Before. */
  readonly required: boolean;
  /** Asked for by the first facility that it provides, not only by another. */
  readonly byMainName: boolean;
  /** Its own header asks for it, and so does the header of another. */
  readonly bySelf: boolean;
  readonly byOthers: boolean;
  /** insserv writes it down, but does not number by it. */
  readonly lost: boolean;
  readonly evidence: Evidence;
  readonly because: string;
}

/** The two orders: of starting and of stopping. */
export type When = 'start' | 'stop';

/** A script as insserv sees it among the others. */
export interface Node {
  readonly script: Script;
  /** It has links; only such scripts are numbered on disk, but all of them count for the numbers. */
  readonly linked: boolean;
  readonly start: ReadonlySet<Runlevel>;
  readonly stop: ReadonlySet<Runlevel>;
  /** Who has to be started before it. */
  readonly startsAfter: Map<Node, Need>;
  /** Who has to be stopped before it. */
  readonly stopsAfter: Map<Node, Need>;
  /** Who asked to be started, or stopped, after it; in the order in which insserv reads them. */
  readonly followers: Readonly<Record<When, (Node | Ghost)[]>>;
  /** `$all`: started after all others; stopped before all others. */
  readonly last: boolean;
  readonly first: boolean;
  readonly interactive: boolean;
  /** Where the configuration lists it as interactive: insserv knows these before all others. */
  readonly listed: number;
  /** Whether a header names anything that it should start after, there or not. */
  readonly asks: boolean;
  /** Facilities it requires that no script provides, and `$facilities` that are not configured. */
  readonly missing: readonly string[];
}

/** In which runlevels a script is started and stopped according to its links. */
export interface LinkedLevels {
  readonly start: ReadonlySet<Runlevel>;
  readonly stop: ReadonlySet<Runlevel>;
}

/** By script: the lowest number of its links of either kind. */
export type LinkNumbers = Readonly<Record<When, ReadonlyMap<string, number>>>;

const noNumbers: LinkNumbers = { start: new Map(), stop: new Map() };

/**
 * A service that headers speak of and no script provides. Once all are numbered, insserv gives it a place right
 * before those who would start after it, and from then on it passes pushes on like a script.
 */
export interface Ghost {
  /** Scripts that want to come before it (X-Start-Before, Required-Stop). */
  readonly waitsFor: Set<Node>;
  /** Scripts that want to come after it. */
  readonly dependants: Set<Node>;
}

export interface Model {
  readonly nodes: readonly Node[];
  readonly ghosts: Readonly<Record<When, readonly Ghost[]>>;
  /** By facility; scripts that provide only what another does already are in no node. */
  readonly providers: ReadonlyMap<string, Node>;
}

type Draft = { -readonly [K in keyof Node]: Node[K] } & { missing: string[] };

/** What insserv assumes of a script that was made for OpenRC. */
const openrcNeeds = '$remote_fs $syslog';

/**
 * Everything that insserv knows before it starts numbering.
 * @param scripts - all of /etc/init.d
 * @param levels - of the scripts that have links, in the order in which insserv meets them: the first to claim a
 *   facility keeps it
 * @param current - the numbers of the links as they are
 */
export function buildModel(
  scripts: ReadonlyMap<string, Script>,
  levels: ReadonlyMap<string, LinkedLevels>,
  conf: InsservConf,
  current: LinkNumbers = noNumbers,
): Model {
  const drafts: Draft[] = [];
  const providers = new Map<string, Draft>();
  const names = new Set([...levels.keys(), ...scripts.keys()]);
  for (const name of names) {
    const script = scripts.get(name);
    const linked = levels.get(name);
    if (!script?.realPath || !(script.executable || linked)) continue;
    const draft = draftOf(script, linked, conf);
    if (claim(draft, providers)) drafts.push(draft);
  }
  const ghosts = { start: new Map<string, Ghost>(), stop: new Map<string, Ghost>() };
  for (const draft of drafts) addNeeds(draft, providers, ghosts, conf, current);
  for (const draft of drafts) addAll(draft, drafts);
  return {
    nodes: drafts,
    ghosts: { start: [...ghosts.start.values()], stop: [...ghosts.stop.values()] },
    providers,
  };
}

/** Whether two scripts meet in a runlevel: only then does the order of the two mean anything. */
export function meet(a: ReadonlySet<Runlevel>, b: ReadonlySet<Runlevel>): boolean {
  for (const level of a) if (b.has(level)) return true;
  return false;
}

/** The runlevels of a Default-Start or Default-Stop; other words are passed over. */
function levelsOf(value: string | undefined): Set<Runlevel> {
  const words = lsbWords(value).map((word) => word.toUpperCase());
  return new Set(runlevels.filter((level) => words.includes(level)));
}

/** In which runlevels a script wants to be started and stopped. */
export function wantedLevels(script: Script): LinkedLevels {
  if (script.openrc && !script.header) return { start: levelsOf('2 3 4 5'), stop: levelsOf('0 1 6') };
  return {
    start: levelsOf(script.header?.fields.get('Default-Start')?.value),
    stop: levelsOf(script.header?.fields.get('Default-Stop')?.value),
  };
}

function draftOf(script: Script, linked: LinkedLevels | undefined, conf: InsservConf): Draft {
  const everything = (name: LsbFieldName): boolean =>
    lsbFieldWords(script.header, name, true).some((word) => word.toLowerCase() === '$all');
  return {
    script,
    linked: linked !== undefined,
    ...(linked ?? wantedLevels(script)),
    startsAfter: new Map(),
    stopsAfter: new Map(),
    followers: { start: [], stop: [] },
    last: everything('Required-Start') || everything('Should-Start'),
    first: everything('Required-Stop') || everything('Should-Stop'),
    interactive:
      script.header?.fields.get('X-Interactive')?.value === 'true' ||
      script.facilities.some((facility) => conf.interactive.includes(facility)),
    listed: conf.interactive.indexOf(mainFacility(script) ?? '') >>> 0,
    asks: false,
    missing: [],
  };
}

/** The first facility decides: when another script has it, insserv takes this one for that one's shadow. */
function claim(draft: Draft, providers: Map<string, Draft>): boolean {
  const main = mainFacility(draft.script);
  if (main === undefined) return false;
  const facilities = draft.script.facilities.filter(isFacility);
  const owner = providers.get(main) ?? draft;
  for (const facility of facilities) if (!providers.has(facility)) providers.set(facility, owner);
  return owner === draft;
}

function mainFacility(script: Script): string | undefined {
  return script.facilities.find(isFacility);
}

/** insserv passes over `$facilities` and comments where a script says what it provides. */
function isFacility(name: string): boolean {
  return !/^[$#]/.test(name);
}

const fields: readonly { field: LsbFieldName; when: When; required: boolean; reversed: boolean }[] = [
  { field: 'Required-Start', when: 'start', required: true, reversed: false },
  { field: 'Should-Start', when: 'start', required: false, reversed: false },
  { field: 'X-Start-Before', when: 'start', required: false, reversed: true },
  { field: 'Required-Stop', when: 'stop', required: true, reversed: true },
  { field: 'Should-Stop', when: 'stop', required: false, reversed: true },
  { field: 'X-Stop-After', when: 'stop', required: false, reversed: false },
];

function addNeeds(
  draft: Draft,
  providers: ReadonlyMap<string, Draft>,
  ghosts: Readonly<Record<When, Map<string, Ghost>>>,
  conf: InsservConf,
  current: LinkNumbers,
): void {
  const { script } = draft;
  for (const { field, when, required, reversed } of fields) {
    const given = script.header?.fields.get(field);
    const assumed = script.openrc && !script.header && field.startsWith('Required');
    const value = given?.value ?? (assumed ? openrcNeeds : undefined);
    const evidence: Evidence = { path: script.headerPath, line: given?.line };
    for (const { name, optional, because } of expand(lsbWords(value, true), conf)) {
      if (name.startsWith('$')) {
        if (field === 'Required-Start') draft.missing.push(name);
        continue;
      }
      const other = providers.get(name);
      const asking = reversed ? other : draft;
      if (when === 'start' && asking) asking.asks = true;
      if (!other) {
        if (field === 'Required-Start' && !optional) draft.missing.push(name);
        const ghost = ghosts[when].get(name) ?? { waitsFor: new Set(), dependants: new Set() };
        ghosts[when].set(name, ghost);
        if (!reversed) ghost.dependants.add(draft);
        else if (!ghost.waitsFor.has(draft)) {
          ghost.waitsFor.add(draft);
          draft.followers[when].push(ghost);
        }
        continue;
      }
      const byMainName = mainFacility(other.script) === name;
      const lost = reversed && !byMainName && !holds(current[when], script.name, other.script.name);
      const need: Need = {
        required: required && !optional,
        byMainName: reversed || byMainName,
        bySelf: !reversed,
        byOthers: reversed,
        lost,
        evidence,
        because: `${field}: ${because}`,
      };
      const [before, after] = reversed ? [draft, other] : [other, draft];
      addNeed(when === 'start' ? after.startsAfter : after.stopsAfter, before, after, need);
      if (lost) continue;
      const followers = before.followers[when];
      if (before !== after && !followers.includes(after)) followers.push(after);
    }
  }
}

/**
 * Whether the links follow an order that a script wished for itself and another, which it named by another of its
 * names. insserv heeds such a wish only when it has read the other script first, which depends on how the file system
 * lists the directories; so its own last answer decides. Scripts without links are read last: their wishes hold.
 */
function holds(numbers: ReadonlyMap<string, number>, first: string, second: string): boolean {
  const [a, b] = [numbers.get(first), numbers.get(second)];
  return a === undefined || b === undefined || a < b;
}

function addNeed(needs: Map<Node, Need>, before: Node, after: Node, need: Need): void {
  if (before === after) return;
  const known = needs.get(before);
  if (!known) {
    needs.set(before, need);
    return;
  }
  // The needs that its own header names stay in the order of the header.
  if (need.bySelf && !known.bySelf) needs.delete(before);
  needs.set(before, {
    ...(need.required && !known.required ? need : known),
    byMainName: need.byMainName || known.byMainName,
    bySelf: need.bySelf || known.bySelf,
    byOthers: need.byOthers || known.byOthers,
    lost: need.lost && known.lost,
  });
}

/** Names that a list stands for; a `$facility` that nobody defines stays as it is. */
function expand(
  list: readonly string[],
  conf: InsservConf,
): { name: string; optional: boolean; because: string }[] {
  return list.flatMap((because) => {
    if (/^\$(?:null|all)$/i.test(because)) return [];
    const names = because.startsWith('$') ? (expandFacility(conf, because) ?? [because]) : [because];
    return names.map((name) =>
      name.startsWith('+')
        ? { name: name.slice(1), optional: true, because }
        : { name, optional: false, because },
    );
  });
}

/** `$all`: after, or before, everything in the same runlevels that does not ask for the same. */
function addAll(draft: Draft, drafts: readonly Draft[]): void {
  if (!draft.last && !draft.first) return;
  const evidence: Evidence = { path: draft.script.headerPath };
  for (const other of drafts) {
    const need: Need = {
      required: false,
      byMainName: true,
      bySelf: false,
      byOthers: true,
      lost: false,
      evidence,
      because: '$all',
    };
    if (draft.last && !other.last && meet(draft.start, other.start)) {
      addNeed(draft.startsAfter, other, draft, need);
    }
    if (draft.first && !other.first && meet(draft.stop, other.stop)) {
      addNeed(other.stopsAfter, draft, other, need);
    }
  }
}
