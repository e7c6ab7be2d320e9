import type { Report } from '../../pipeline/report/report.js';
import { buildRoots, rootsFolder } from '../guests/roots.js';
import { type RehearsedGuest, makeRehearsedGuest, rehearsedGuests } from '../guests/rehearsal/guests.js';
import { hallmark } from '../support/command.js';
import { RealRoots } from '../support/real-roots.js';

/**
 * `npm run drill:rehearse -- N [GUEST…] [--poll SECONDS]`: rehearses an unfaulted guest N times, and says what each took
 * and what was refuted. All must pass: one that does not is a flake, and fails the drill.
 */
const words = process.argv.slice(2);
const at = words.indexOf('--poll');
const [, poll = '1'] = at < 0 ? [] : words.splice(at, 2);
const [times = '1', ...named] = words;
const guests = named.length === 0 ? [...rehearsedGuests] : named;

let failures = 0;
await buildRoots();
const roots = new RealRoots(rootsFolder);
try {
  for (const name of guests) await drill(name as RehearsedGuest);
} finally {
  roots[Symbol.dispose]();
}
process.exitCode = failures === 0 ? 0 : 1;

async function drill(guest: RehearsedGuest): Promise<void> {
  if (!rehearsedGuests.includes(guest)) throw new Error(`Name one of ${rehearsedGuests.join(', ')}.`);
  const root = await makeRehearsedGuest(roots, guest, { poll: Number(poll) });
  const took: number[] = [];
  for (let run = 1; run <= Number(times); run++) {
    const began = performance.now();
    const { stdout, stderr } = hallmark(['rehearse', root, '--json', '--target', 'nova-agent'], {
      state: roots.folder('state'),
    });
    const seconds = (performance.now() - began) / 1000;
    took.push(seconds);
    const { rehearsal } = stdout.startsWith('{') ? (JSON.parse(stdout) as Report) : { rehearsal: undefined };
    const passed = rehearsal?.outcome === 'passed';
    if (!passed) failures += 1;
    const again = ((rehearsal?.secondBoot?.durationMs ?? 0) / 1000).toFixed(1);
    console.log(
      `${guest} ${run}: ${passed ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s, ${again} s of it the second boot`,
    );
    for (const { id, seen } of rehearsal?.evidence.filter(({ outcome }) => outcome === 'fail') ?? [])
      console.log(`  ${id}: ${seen}`);
    if (!passed) console.log(`  ${rehearsal?.reason ?? stderr}`);
  }
  took.sort((a, b) => a - b);
  const median = took[Math.floor(took.length / 2)] ?? 0;
  console.log(
    `${guest}: ${took.length} rehearsals, median ${median.toFixed(1)} s, longest ${(took.at(-1) ?? 0).toFixed(1)} s`,
  );
}
