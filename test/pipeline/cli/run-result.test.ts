import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError, RepairError, UsageError } from '../../../images/base/errors.js';
import { writeReports } from '../../../pipeline/cli/report-folder.js';
import { type BegunRun, RunResult, runMeantBy } from '../../../pipeline/cli/run-result.js';
import { OutputError, type Terminal } from '../../../pipeline/cli/terminal.js';
import { reporters } from '../../../pipeline/report/index.js';
import type { Report } from '../../../pipeline/report/report.js';
import { validateReport } from '../../../pipeline/report/validate.js';
import { program } from '../../support/project.js';
import { scratch } from '../../support/scratch.js';
import { appendBig, packTarball } from '../../support/tarballs.js';
import { debian6 } from '../../guests/debian6.js';
import { goldenReport } from '../report/samples.js';

const names = Object.values(reporters)
  .map(({ fileName }) => fileName)
  .sort();
const boom = new ImageError('corrupt', 'image.tar is damaged', { hint: 'Fetch it again.' });

/** A terminal that remembers what it was told. */
function terminalOf(
  signal?: NodeJS.Signals,
): Terminal & { readonly printed: string[]; readonly said: string[] } {
  const printed: string[] = [];
  const said: string[] = [];
  return {
    ...{ version: '0.1.0', color: false, columns: 80, interactive: false, printed, said },
    signal: new AbortController().signal,
    interruptedBy: () => signal,
    undelivered: () => undefined,
    out: (text) => void printed.push(text),
    err: () => undefined,
    say: (_, text) => void said.push(text),
    progress: () => undefined,
    ask: async () => false,
    askLine: async () => undefined,
    askSecret: async () => undefined,
  };
}

/** What the reports of a folder say, which must be the same in every format. */
async function verdictIn(folder: string): Promise<{ readonly report: Report; readonly golden: string[] }> {
  assert.deepEqual(readdirSync(folder).sort(), names);
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
  assert.deepEqual(await validateReport(report), []);
  const golden = names.filter((name) => {
    const text = readFileSync(join(folder, name), 'utf8').replace(
      /NOT GOLDEN|golden only|called golden/g,
      '',
    );
    return /GOLDEN|(?:verdict|value)\W+golden/.test(text);
  });
  return { report, golden };
}

describe('the result of a run', () => {
  /** A folder with the reports of an earlier run that found the image golden. */
  const afterGolden = async (path: string): Promise<string> => {
    const folder = join(path, 'report');
    await writeReports(goldenReport(), folder);
    assert.deepEqual((await verdictIn(folder)).golden, names);
    return folder;
  };
  const run = (report: string | undefined, more: Partial<BegunRun['options']> = {}): BegunRun => ({
    ...{ command: 'check', source: 'image.tar' },
    options: { ...(report === undefined ? {} : { report }), ...more },
  });

  it('is unfinished in every format from the beginning on, whatever an earlier run found', async () => {
    using place = scratch();
    const folder = await afterGolden(place.path);
    await new RunResult(terminalOf()).begin(run(folder));
    const { report, golden } = await verdictIn(folder);
    assert.deepEqual(golden, []);
    assert.deepEqual(report.error, {
      code: 'unfinished',
      message: 'the run has not ended, or was killed',
    });
  });

  const errors: readonly (readonly [error: unknown, exitCode: number, code: string, message: string])[] = [
    [boom, 3, 'corrupt', 'image.tar is damaged'],
    [new UsageError('bad-config', 'it is wrong'), 2, 'bad-config', 'it is wrong'],
    [new RepairError('unwritable', 'it was not written'), 4, 'unwritable', 'it was not written'],
    [new TypeError('x is undefined'), 70, 'internal-error', 'internal error: x is undefined'],
    ['a string', 70, 'internal-error', 'internal error: a string'],
  ];
  for (const [error, exitCode, code, message] of errors)
    it(`says in every format, and on standard output, that it failed: ${code} (${exitCode})`, async () => {
      using place = scratch();
      const folder = await afterGolden(place.path);
      const terminal = terminalOf();
      const result = new RunResult(terminal);
      await result.begin(run(folder, { json: true }));
      await result.fail(error, exitCode);
      const { report, golden } = await verdictIn(folder);
      assert.deepEqual(golden, []);
      assert.equal(report.verdict, 'incomplete');
      assert.equal(report.image.source, 'image.tar');
      const { hint, ...rest } = report.error ?? {};
      assert.deepEqual(rest, { code, message, exitCode });
      assert.equal(hint, error === boom ? 'Fetch it again.' : undefined);
      assert.deepEqual(terminal.printed, [readFileSync(join(folder, 'report.json'), 'utf8')]);
    });

  it('says which signal ended it', async () => {
    using place = scratch();
    const folder = await afterGolden(place.path);
    const result = new RunResult(terminalOf('SIGTERM'));
    await result.begin(run(folder));
    await result.fail(new Error('interrupted by SIGTERM'), 70);
    const { report } = await verdictIn(folder);
    assert.deepEqual(report.error, {
      ...{ code: 'interrupted', message: 'interrupted by SIGTERM', exitCode: 143 },
    });
  });

  it('is printed in the format that was asked for, once, and not where nothing was', async () => {
    const printed = async (
      options: Partial<BegunRun['options']>,
      more: Partial<BegunRun> = {},
    ): Promise<string> => {
      const terminal = terminalOf();
      const result = new RunResult(terminal);
      await result.begin({ ...run(undefined, options), ...more });
      await result.fail(boom, 3);
      return terminal.printed.join('');
    };
    assert.match(await printed({ format: 'junit' }), /<error type="corrupt"/);
    assert.equal(await printed({}), '');
    assert.equal(await printed({ json: true, quiet: true }), '');
    assert.equal(await printed({ json: true }, { printsNoReport: true }), '');

    const terminal = terminalOf();
    const result = new RunResult(terminal);
    await result.begin(run(undefined, { json: true }));
    result.terminal.out('{}\n');
    await result.fail(boom, 3);
    assert.deepEqual(terminal.printed, ['{}\n']);
  });

  it('stays as it was found when it only could not be printed', async () => {
    using place = scratch();
    const folder = join(place.path, 'report');
    const result = new RunResult(terminalOf());
    await result.begin(run(folder, { json: true }));
    await writeReports(goldenReport(), folder);
    await result.fail(new OutputError('standard output', new Error('full')), 3);
    assert.deepEqual((await verdictIn(folder)).golden, names);
  });

  it('removes the reports of an earlier run where it can write none, and says so', async () => {
    using place = scratch();
    const folder = await afterGolden(place.path);
    // A folder cannot be replaced by a file: as good as a full disk.
    const inTheWay = join(folder, 'report.tap');
    rmSync(inTheWay);
    mkdirSync(join(inTheWay, 'full'), { recursive: true });
    await assert.rejects(new RunResult(terminalOf()).begin(run(folder)), OutputError);
    for (const name of readdirSync(folder)) assert.equal(name, 'report.tap');
  });

  it('refuses a folder that cannot be written to before anything begins', async () => {
    using place = scratch();
    const text = join(place.path, 'text');
    writeFileSync(text, '');
    const terminal = terminalOf();
    const result = new RunResult(terminal);
    await assert.rejects(result.begin(run(join(text, 'below'), { json: true })), { code: 'bad-destination' });
    await result.fail(new UsageError('bad-destination', 'it is a file'), 2);
    assert.deepEqual(terminal.said, []);
    assert.equal((JSON.parse(terminal.printed.join('')) as Report).verdict, 'incomplete');
  });

  it('tells of an output that an earlier run has left, and of none that it wrote itself', async () => {
    using place = scratch();
    const output = join(place.path, 'golden.tar');
    const failing = async (between: () => void): Promise<readonly string[]> => {
      const terminal = terminalOf();
      const result = new RunResult(terminal);
      await result.begin(run(undefined, { output, json: true }));
      between();
      await result.fail(boom, 3);
      const { error } = JSON.parse(terminal.printed.join('')) as Report;
      return [...terminal.said, error?.hint ?? ''];
    };
    const stale = `${output} is of an earlier run; this one did not write it`;
    assert.deepEqual(await failing(() => undefined), ['Fetch it again.']);
    writeFileSync(output, 'old');
    assert.deepEqual(await failing(() => undefined), [stale, `Fetch it again. ${stale}.`]);
    assert.deepEqual(
      await failing(() => {
        writeFileSync(`${output}.new`, 'new');
        renameSync(`${output}.new`, output);
      }),
      ['Fetch it again.'],
    );
  });

  it('leaves nothing of the logs that an earlier rehearsal kept', async () => {
    using place = scratch();
    const folder = join(place.path, 'report');
    const kept = join(folder, 'rehearsal');
    mkdirSync(kept, { recursive: true });
    for (const name of ['console.log', 'written.tar', 'notes']) writeFileSync(join(kept, name), 'old');
    await new RunResult(terminalOf()).begin(run(folder));
    assert.equal(readdirSync(kept).length, 3);
    await new RunResult(terminalOf()).begin(run(folder, { keep: true }));
    assert.deepEqual(readdirSync(kept), ['notes']);
  });

  it('is unfinished after a run that was killed', async () => {
    using place = scratch();
    const folder = await afterGolden(place.path);
    const small = join(place.path, 'small.tar');
    const big = join(place.path, 'big.tar');
    await packTarball(debian6, small);
    appendBig(small, big);
    const child = spawn(process.execPath, [program, 'check', big, '--report', folder], { stdio: 'ignore' });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const isUnfinished = (name: string): boolean =>
      readFileSync(join(folder, name), 'utf8').includes('not ended');
    const allAre = (): boolean =>
      readdirSync(folder).every((name) => !name.startsWith('.') && isUnfinished(name));
    // All are put there within a moment; reading the tarball takes a second.
    while (child.exitCode === null && !allAre()) await sleep(1);
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    const { report, golden } = await verdictIn(folder);
    assert.deepEqual(golden, []);
    assert.equal(report.error?.code, 'unfinished');
  });

  const meant: readonly (readonly [line: string, run: BegunRun | undefined])[] = [
    ['check guest --jsn --report out', { command: 'check', source: '', options: { report: 'out' } }],
    ['check --report=out --json', { command: 'check', source: '', options: { report: 'out', json: true } }],
    ['plan x --format tap --quiet', { command: 'plan', source: '', options: { format: 'tap', quiet: true } }],
    ['rescue --format zip', { command: 'rescue', source: '', options: {} }],
    ['snapshot prepare --bogus', { command: 'prepare', source: '', options: {} }],
    ['check --report', { command: 'check', source: '', options: {} }],
    ['chek guest --report out', undefined],
    ['undo guest --json', undefined],
    ['', undefined],
  ];
  for (const [line, expected] of meant)
    it(`of "${line}", which does not parse: ${expected ? JSON.stringify(expected.options) : 'none'}`, () => {
      assert.deepEqual(runMeantBy(line.split(' ')), expected);
    });
});
