import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRoots, rootsFolder } from '../guests/roots.js';
import { numberOf } from '../support/switches.js';
import { type Duration, childrenSeconds, timeTable } from '../support/time-table.js';
import { choose, shortName } from './choose.js';
import { missingPrograms, packages, packagesOf } from './requirements.js';

/**
 * `npm run test:e2e -- [NAME…]`: the tests that need root and Debian's programs, all or those named. What is missing is
 * said, and fails: a test that was silently left out proves nothing. `--packages` prints what apt-get should install;
 * `--roots` builds the root file systems, and runs nothing.
 */
const here = fileURLToPath(new URL('.', import.meta.url));
const mocha = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const args = process.argv.slice(2);

/** These look at every disk of the machine, or make the one executable: never two of them at once. */
const onlyOne = /^(?:rescue|standalone)/;

function problem(): string | undefined {
  if (process.getuid?.() !== 0)
    return 'The end-to-end tests need root: they build root file systems, and boot them.';
  const missing = missingPrograms(path);
  if (missing.length === 0) return undefined;
  return `Missing: ${missing.join(', ')}.\napt-get install ${packagesOf(missing).join(' ')}`;
}

/** Runs the tests, some files at a time: many of them wait, for a guest that boots or for a moment to kill something. */
async function runAll(names: readonly string[]): Promise<void> {
  const files = readdirSync(here).filter((name) => name.endsWith('.e2e.js'));
  const queue = choose(files, names);
  const count = queue.length;
  await buildRoots();
  const logs = mkdtempSync(join(tmpdir(), 'hallmark-e2e-'));
  const failed: string[] = [];
  const durations: Duration[] = [];
  let isOneRunning = false;

  const lane = async (): Promise<void> => {
    for (;;) {
      const at = queue.findIndex((name) => !isOneRunning || !onlyOne.test(name));
      const [name] = at < 0 ? [] : queue.splice(at, 1);
      if (name === undefined) return;
      const isOne = onlyOne.test(name);
      isOneRunning ||= isOne;
      const { passed, duration } = await run(name, logs);
      durations.push(duration);
      if (!passed) failed.push(shortName(name));
      if (isOne) isOneRunning = false;
    }
  };
  await Promise.all(Array.from({ length: numberOf('HALLMARK_E2E_LANES', 3) }, lane));

  rmSync(logs, { recursive: true });
  process.stdout.write(timeTable(durations));
  if (failed.length === 0) console.log(`${count} files passed`);
  else console.log(`failed: ${failed.join(', ')}\nAgain: npm run test:e2e -- ${failed.join(' ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/**
 * Runs the tests of a file, and shows what they said once they have ended. They see no mounts of others: a namespace that
 * one makes holds all that is mounted at that moment, of another's disks, too. The shell measures them.
 */
function run(name: string, logs: string): Promise<{ passed: boolean; duration: Duration }> {
  const [log, times] = [join(logs, name), join(logs, `${name}.times`)];
  const tests = ['--enable-source-maps', mocha, '--no-config', '--forbid-only', '--timeout', '600000'];
  const measured = 'out=$1; shift; "$@"; status=$?; times >"$out"; exit $status';
  const isolated = ['unshare', '--mount', '--propagation', 'private', process.execPath];
  const file = openSync(log, 'w');
  const start = performance.now();
  const child = spawn('sh', ['-c', measured, 'sh', times, ...isolated, ...tests, join(here, name)], {
    // No pipe, which whatever it leaves behind could hold open.
    stdio: ['ignore', file, file],
    env: { ...process.env, PATH: path, HALLMARK_E2E_ROOTS: rootsFolder },
  });
  closeSync(file);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (status) => {
      const wall = (performance.now() - start) / 1000;
      process.stdout.write(`${name}\n${readFileSync(log, 'utf8')}`);
      const cpu = childrenSeconds(readFileSync(times, 'utf8'));
      resolve({ passed: status === 0, duration: { name: shortName(name), wall, cpu } });
    });
  });
}

const why = args[0] === '--packages' ? undefined : problem();
if (args[0] === '--packages') console.log(packages.join(' '));
else if (why !== undefined) fail(why);
else if (args[0] === '--roots') await buildRoots();
else
  await runAll(args).catch((error: unknown) => {
    fail(error instanceof Error ? error.message : String(error));
  });

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
