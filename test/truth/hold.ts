import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildRoots } from '../guests/roots.js';
import { inProject } from '../support/project.js';
import { share } from '../support/share.js';
import { bootAgentServer } from './boot/agent-server.js';
import { bootCloudInitServer } from './boot/cloud-init-server.js';
import type { Shown } from './boot/shown.js';
import { type GuestName, Guests, guests } from './guests.js';
import { judgeRoot } from './judge.js';
import type { Root } from './root.js';
import type { Row } from './row.js';
import { rows as allRows } from './rows.js';
import { type Result, countsOf, page, table } from './table.js';
import { type Verdict, isAsSaid, standing } from './verdict.js';

/**
 * `npm run truth`: holds the verdict of `check` against reality, row by row.
 *
 * --only PATTERN   the rows whose id has it (a regular expression)
 * --share N        boots so many of the rows, evenly chosen; the others are judged, and held against what was recorded
 * --no-boot        boots none
 * --record         writes test/truth/README.md
 * --lanes N        how many are booted at a time: 2 unless given
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    share: { type: 'string' },
    'no-boot': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    lanes: { type: 'string', default: '2' },
  },
});

const chosen = allRows.filter(({ id }) => new RegExp(values.only ?? '').test(id));
const bootable = chosen.filter(({ by, guest }) => by === 'booted' && guests[guest].depth !== 'none');
const booted = new Set(
  values['no-boot']
    ? []
    : values.share === undefined
      ? bootable
      : share(bootable.length, Number(values.share)).map((number) => bootable[number - 1]),
);

const places = new Guests();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    places[Symbol.dispose]();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });

try {
  if (process.getuid?.() !== 0)
    throw new Error('npm run truth needs root: it builds root file systems, and boots them.');
  await buildRoots();
  const results = await all();
  console.log(table(results));
  console.log(countsOf(results));
  if (values.record) writeFileSync(inProject('test/truth/README.md'), page(results, places.described));
  const wrong = results.filter(({ stands }) => stands !== 'agrees' && stands !== 'undecided');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  places[Symbol.dispose]();
}

async function all(): Promise<readonly Result[]> {
  const own = new Map<GuestName, Promise<Verdict>>();
  const ownOf = (guest: GuestName): Promise<Verdict> => {
    const there = own.get(guest) ?? judgeAsItIs(guest);
    own.set(guest, there);
    return there;
  };
  const results = new Map<Row, Result>();
  const queue = [...chosen];
  const lane = async (): Promise<void> => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      const result = await one(row, await ownOf(row.guest));
      results.set(row, result);
      console.error(`${result.stands.padEnd(13)} ${row.id}${result.shown ? `: ${result.shown.why}` : ''}`);
    }
  };
  await Promise.all(Array.from({ length: booted.size === 0 ? 1 : Number(values.lanes) }, lane));
  return chosen.flatMap((row) => results.get(row) ?? []);
}

async function judgeAsItIs(guest: GuestName): Promise<Verdict> {
  const root = await places.copy(guest);
  const verdict = await judgeRoot(root, { guest, properties: undefined, prepared: false }, places);
  places.release(root);
  return verdict;
}

async function one(row: Row, own: Verdict): Promise<Result> {
  const root = await places.copy(row.guest);
  try {
    row.put(root);
    const verdict = await judgeRoot(root, row, places);
    const shown = booted.has(row) ? await boot(root, row) : undefined;
    const stands = shown && !isAsSaid(row, shown) ? 'unlike' : standing(row, verdict, own);
    return { row, verdict, own, shown, stands };
  } catch (cause) {
    throw new Error(`${row.id} could not be tried`, { cause });
  } finally {
    places.release(root);
  }
}

async function boot(root: Root, { guest, words, is }: Row): Promise<Shown> {
  const { init, target, depth } = guests[guest];
  if (target === 'cloud-init') return bootCloudInitServer(root.path, { init, words });
  const ofTunnels = is === 'tunnel' || is === 'quiet';
  if (depth === 'none') throw new Error(`${guest} cannot be booted`);
  return bootAgentServer(root.path, { init, words, depth: ofTunnels ? 'tunnel' : depth });
}
