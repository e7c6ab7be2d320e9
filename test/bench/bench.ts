import { spawnSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import tar from 'tar-stream';
import { $ } from 'zx';
import { install, registerPackages, systemdParts } from '../guests/healthy.js';
import { buildRoots, rootsFolder } from '../guests/roots.js';
import { program as hallmark } from '../support/project.js';
import { numberOf } from '../support/switches.js';

/**
 * `npm run bench`: how long the command takes next to the plainest program that does the least of the same work, both
 * in one run and in turn, so that a slow machine slows both. Prints the table that is kept in test/bench/README.md.
 */
const listing = fileURLToPath(new URL('./list-tar.js', import.meta.url));
const node = process.execPath;
const runs = numberOf('BENCH_RUNS', 9);
const files = 12_000;
const gigabytes = 2;

interface Row {
  readonly what: string;
  readonly against: string;
  readonly ratio: number;
  readonly target: number;
}

const folder = mkdtempSync(join(tmpdir(), 'hallmark-bench-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
const root = join(folder, 'root');
const plain = join(folder, 'root.tar');
const gzipped = `${plain}.gz`;
const big = join(folder, 'big.tar');
/** A clean place for journals: what earlier runs on this machine left must not be looked through. */
const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };

await makeInputs();
const rows: Row[] = [
  compare('`check` of the directory', [node, hallmark, 'check', root], '`node -e 0`', [node, '-e', '0'], 4),
  compare(
    '`check` of its `.tar.gz`',
    [node, hallmark, 'check', gzipped],
    '`tar -tzf`',
    ['tar', '-tzf', gzipped],
    1,
  ),
  compare(
    '`check` of its `.tar`',
    [node, hallmark, 'check', plain],
    'a bare tar-stream listing',
    [node, listing, plain],
    1.2,
  ),
  compare(
    '`prepare` of the `.tar.gz`',
    [node, hallmark, 'prepare', gzipped, '-o', join(folder, 'golden.tar.gz')],
    '`gzip -dc | gzip`',
    ['sh', '-c', `gzip -dc ${gzipped} | gzip > ${join(folder, 'again.gz')}`],
    1.3,
  ),
];
print(rows, [
  ['`check` of the `.tar`', peak(['check', big])],
  ['`prepare` of the `.tar`', peak(['prepare', big, '-o', join(folder, 'golden')])],
  ['`check` of the `.tar.gz`', peak(['check', `${big}.gz`])],
  ['`prepare` of the `.tar.gz`', peak(['prepare', `${big}.gz`, '-o', join(folder, 'golden')])],
]);

async function makeInputs(): Promise<void> {
  await buildRoots();
  const shell = $({ quiet: true });
  await shell`mkdir ${root}`;
  await shell`tar -C ${root} -xf ${join(rootsFolder, 'systemd.tar')}`;
  install(root, systemdParts);
  registerPackages(root, { 'python3-nova-agent': '2.1.25-1', 'xe-guest-utilities': '7.20.0-1' });
  const present = Number((await shell`find ${root} -type f | wc -l`).stdout);
  if (present < files) await shell`mkdir -p ${root}/usr/share/filler`;
  for (let i = present; i < files; i++) writeFileSync(join(root, `usr/share/filler/${i}`), `${i}\n`);
  await shell`tar -C ${root} -cf ${plain} .`;
  await shell`gzip -k ${plain}`;
  await makeBig();
  await shell`gzip -1 -k ${big}`;
}

/** The same guest with so much more in it that the tarball has two gigabytes. */
async function makeBig(): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(pack, createWriteStream(big));
  const extract = createReadStream(plain).pipe(tar.extract());
  for await (const entry of extract) await pipeline(entry, pack.entry(entry.header));
  const chunk = Buffer.alloc(16 * 1024 * 1024, 'so much data');
  for (let left = gigabytes * 2 ** 30 - statSync(plain).size, i = 0; left > 0; left -= chunk.length, i++) {
    await new Promise((resolve, reject) => {
      pack.entry({ name: `./srv/data/${i}` }, chunk, (error) => {
        if (error) reject(error);
        else resolve(undefined);
      });
    });
  }
  pack.finalize();
  await written;
}

/** Runs both in turn, and compares their medians. */
function compare(what: string, command: string[], against: string, other: string[], target: number): Row {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i <= runs; i++) {
    const [one, two] = [time(command), time(other)];
    if (i === 0) continue; // warms the page cache
    ours.push(one);
    theirs.push(two);
  }
  return { what, against, ratio: median(ours) / median(theirs), target };
}

function time([program, ...args]: string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const elapsed = Number(process.hrtime.bigint() - start);
  if (status !== 0 && status !== 1)
    throw new Error(`${program ?? ''} ${args.join(' ')}: exit ${status}\n${stderr.toString()}`);
  return elapsed;
}

/** Peak memory of one run of the command, in megabytes. */
function peak(args: string[]): number {
  const tell = 'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))';
  const told = `data:text/javascript,${encodeURIComponent(tell)}`;
  const result = spawnSync(node, ['--import', told, hallmark, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  if (result.status !== 0 && result.status !== 1)
    throw new Error(`${args.join(' ')}: exit ${result.status}\n${result.stderr.toString()}`);
  const [, kilobytes] = /peak (\d+)/.exec(result.stderr.toString()) ?? [];
  if (kilobytes === undefined)
    throw new Error(`${args.join(' ')} did not end well:\n${result.stderr.toString()}`);
  return Number(kilobytes) / 1024;
}

function print(table: readonly Row[], peaks: readonly (readonly [string, number])[]): void {
  const lines = [
    `Medians of ${runs} runs in turn, in one go, on ${cpus().length} cores with Node ${process.version}; the guest is a Debian 12 root of ${files} files or more.`,
    '',
    '| what | against | ratio | at most |',
    '| --- | --- | --- | --- |',
    ...table.map(
      ({ what, against, ratio, target }) => `| ${what} | ${against} | ${ratio.toFixed(2)} | ${target} |`,
    ),
    '',
    `| peak memory on a tarball of ${gigabytes} GiB | MB | at most |`,
    '| --- | --- | --- |',
    ...peaks.map(([what, megabytes]) => `| ${what} | ${megabytes.toFixed(0)} | 150 |`),
  ];
  const text = `${lines.join('\n')}\n`;
  console.log(text);
  if (existsSync('test/bench'))
    writeFileSync('test/bench/README.md', `# Benchmark\n\n\`npm run bench\` wrote this page.\n\n${text}`);
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
