import { parseUnitFile, printUnitFile, withoutWords } from '../../../formats/unit-file.js';
import { write } from '../../../image/change.js';
import type { Change, GuestPath, Image } from '../../../image/image.js';
import { collapse, overlay } from '../../../image/overlay.js';
import { baseName, join, parentOf } from '../../../image/resolve.js';
import { Digraph } from '../graph.js';
import { type Boot, bootOf } from './boot.js';
import { enable } from './enablement.js';
import { hasDefaultDependencies } from './implicit.js';
import { configDirectory } from './search.js';
import { printGeneratedUnit } from './sysv-generator.js';
import { type Unit, type Units, unitWords } from './unit.js';

const signature = '# Written by Hallmark.';

/** An image with some of the changes, and its boot solved as if both services were started. */
interface Attempt {
  readonly image: Image;
  readonly boot: Boot;
  readonly graph: Digraph;
  readonly changes: readonly Change[];
}

interface Pair {
  readonly first: string;
  readonly then: string;
}

type Step = (attempt: Attempt, pair: Pair) => Promise<readonly Change[] | undefined>;

/**
 * From the mildest to the gravest. The plain drop-in is what everyone writes, and right where nothing else
 * is said. But an agent that starts before sysinit.target (it is before cloud-init, which is before that) closes a
 * cycle with any service that has default dependencies; and one that is before network-online.target, with any
 * that waits for it. systemd breaks a cycle by deleting one of its jobs: cloud-init, say, or the network.
 */
const candidates: readonly (readonly Step[])[] = [
  [orderDropIn],
  [orderDropIn, startEarly],
  [orderDropIn, loosenFirst],
  [orderDropIn, startEarly, loosenFirst],
  [orderDropIn, loosenThen],
  [orderDropIn, startEarly, loosenThen],
];

/**
 * Changes after which one service starts before the other and no ordering cycle exists that was not there
 * before: each candidate is laid over the image, and the boot solved anew.
 * @returns nothing to change when it is so already; undefined when no candidate does it
 */
export async function putBefore(image: Image, first: string, then: string): Promise<Change[] | undefined> {
  const pair = { first, then };
  const now = await attempt(image, [], pair);
  if (isOrdered(now, pair)) return [];
  for (const steps of candidates) {
    const tried = await follow(now, steps, pair);
    if (tried && isOrdered(tried, pair) && addsNoCycle(now, tried)) return collapse(tried.changes);
  }
  return undefined;
}

async function attempt(image: Image, changes: readonly Change[], { first, then }: Pair): Promise<Attempt> {
  const boot = await bootOf(image, [first, then]);
  return { image, boot, graph: new Digraph(boot.transaction.graph().edges), changes };
}

/** Takes the steps one upon the other; undefined when one of them cannot be taken. */
async function follow(start: Attempt, steps: readonly Step[], pair: Pair): Promise<Attempt | undefined> {
  let at = start;
  for (const step of steps) {
    const changes = await step(at, pair);
    if (!changes) return undefined;
    at = await attempt(await overlay(at.image, changes), [...at.changes, ...changes], pair);
  }
  return at;
}

function isOrdered({ graph, boot }: Attempt, { first, then }: Pair): boolean {
  if (!boot.transaction.has(first) || !boot.transaction.has(then)) return false;
  return graph.reaches(first, then) && !graph.reaches(then, first);
}

function addsNoCycle(before: Attempt, after: Attempt): boolean {
  const known = new Set(before.graph.cyclic().map(({ first, then }) => `${first} ${then}`));
  return after.graph.cyclic().every(({ first, then }) => known.has(`${first} ${then}`));
}

/** A drop-in for the later service: after the other, and pulling it in. */
function orderDropIn({ image }: Attempt, { first, then }: Pair): Promise<Change[]> {
  const name = `50-hallmark-after-${stem(first)}`;
  return writeDropIn(image, then, name, [
    `# ${first} has to be started before ${then}.`,
    '[Unit]',
    `Wants=${first}`,
    `After=${first}`,
  ]);
}

/**
 * A drop-in for the earlier service that takes it out of the ordinary services, to before sysinit.target. What it
 * still needs of the early boot is a writable root, and /var where that is a file system of its own.
 */
async function startEarly({ image, boot }: Attempt, { first, then }: Pair): Promise<Change[] | undefined> {
  const unit = await boot.units.load(first);
  if (!hasDefaultDependencies(unit)) return undefined;
  return writeDropIn(image, first, '50-hallmark-early', [
    `# ${then} starts before the basic system is up, and ${first} has to be there by then.`,
    '# With its default dependencies it would wait for the basic system: an ordering cycle.',
    '[Unit]',
    'DefaultDependencies=no',
    'After=systemd-remount-fs.service',
    'RequiresMountsFor=/var',
    'Conflicts=shutdown.target',
    'Before=shutdown.target',
  ]);
}

/** The earlier service without those of its After= that come after the later one. */
async function loosenFirst(
  { image, boot, graph }: Attempt,
  { first, then }: Pair,
): Promise<Change[] | undefined> {
  const others = new Digraph(graph.edges.filter((edge) => edge.first !== first));
  const waits = graph.edges.filter((edge) => edge.then === first && edge.first !== first);
  const closing = waits.filter((edge) => others.reaches(then, edge.first)).map((edge) => edge.first);
  const keys = ['After', 'Wants', 'Requires', 'Requisite', 'BindsTo'];
  return loosen(
    image,
    boot.units,
    first,
    keys,
    closing,
    `${then}, which has to start later, comes before it`,
  );
}

/** The later service without those of its Before= that come before the earlier one. */
async function loosenThen(
  { image, boot, graph }: Attempt,
  { first, then }: Pair,
): Promise<Change[] | undefined> {
  const others = new Digraph(graph.edges.filter((edge) => edge.first !== then));
  const waiting = graph.edges.filter((edge) => edge.first === then && edge.then !== then);
  const closing = waiting.filter((edge) => others.reaches(edge.then, first)).map((edge) => edge.then);
  return loosen(
    image,
    boot.units,
    then,
    ['Before'],
    closing,
    `${first}, which has to start earlier, comes after it`,
  );
}

/**
 * A unit's files without some units in some settings. An empty After= takes nothing back, so a drop-in cannot do
 * this: files of the vendor get a copy in /etc that takes their place, files in /etc are edited.
 * @returns undefined when nothing of it can be taken out
 */
async function loosen(
  image: Image,
  units: Units,
  name: string,
  keys: readonly string[],
  closing: readonly string[],
  why: string,
): Promise<Change[] | undefined> {
  const unit = await units.load(name);
  const drop = new Set(closing);
  const changes: Change[] = [];
  for (const { path, text } of await sourcesOf(image, units, unit)) {
    const file = parseUnitFile(text);
    const removed = new Set<string>();
    const loosened = withoutWords(file, (setting, word) => {
      if (setting.section !== 'Unit' || !keys.includes(setting.key)) return false;
      const named = unitWords(word, name).map((one) => units.nameOf(one));
      const goes = named.some((one) => drop.has(one));
      if (goes) for (const one of named) removed.add(one);
      return goes;
    });
    if (removed.size === 0) continue;
    const target = path.startsWith('/etc/systemd/') ? path : replacementOf(path, unit);
    if ((await image.lstat(target))?.type === 'link') return undefined; // the administrator's choice
    const header = [
      signature,
      `# ${target === path ? 'Here' : `As ${path}, but`} without ${[...removed].join(', ')}:`,
    ];
    const content = [...header, `# ${why}.`, printUnitFile(loosened)].join('\n');
    changes.push(...(await write(image, target, content)));
  }
  if (changes.length === 0) return undefined;
  if (unit.origin === 'unit') return changes;
  // The generator leaves a script alone that has a unit, and with it the script's start links.
  const after = await bootOf(await overlay(image, changes), [name]);
  return [...changes, ...(await enable(after.units, name))];
}

interface Source {
  readonly path: GuestPath;
  readonly text: string;
}

async function sourcesOf(image: Image, units: Units, unit: Unit): Promise<readonly Source[]> {
  const sources: Source[] = [];
  const generated = unit.origin === 'script' ? units.generated(unit.name) : undefined;
  if (generated) sources.push({ path: generated.path, text: printGeneratedUnit(generated) });
  for (const path of unit.files) sources.push({ path, text: (await image.readText(path)) ?? '' });
  return sources;
}

/** Where a file has to lie in /etc to take the place of a unit file or drop-in elsewhere. */
function replacementOf(path: GuestPath, unit: Unit): GuestPath {
  const directory = baseName(parentOf(path));
  return directory.endsWith('.d') && path !== unit.path
    ? join(join(configDirectory, directory), baseName(path))
    : join(configDirectory, unit.name);
}

/** A drop-in under a name that nobody else has taken. */
async function writeDropIn(
  image: Image,
  unit: string,
  name: string,
  lines: readonly string[],
): Promise<Change[]> {
  const directory = join(configDirectory, `${unit}.d`);
  let path = join(directory, `${name}.conf`);
  for (let number = 2; await belongsToOthers(image, path); number++)
    path = join(directory, `${name}-${number}.conf`);
  return write(image, path, [signature, ...lines, ''].join('\n'));
}

async function belongsToOthers(image: Image, path: GuestPath): Promise<boolean> {
  const entry = await image.lstat(path);
  if (!entry) return false;
  return entry.type !== 'file' || !(await image.readText(path))?.startsWith(signature);
}

function stem(unit: string): string {
  return unit.replace(/\.[a-z]+$/, '');
}
