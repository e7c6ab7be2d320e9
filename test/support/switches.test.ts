import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sameAsFile } from './golden.js';
import { inProject } from './project.js';
import { isOn, numberOf, setting, switches, switchesPage } from './switches.js';

/** Ours by their names; not what a test sets for a program that it starts. */
const ours = /\b(?:UPDATE|HALLMARK|BENCH)_[A-Z0-9_]+\b/g;
const forPrograms = ['HALLMARK_TEST_SECRET', 'HALLMARK_SECRET'];

function filesOf(folder: string): string[] {
  return readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

describe('switches of the tests', () => {
  it('are read in one place', () => {
    const readers = filesOf('test').filter(
      (file) =>
        file !== 'test/support/switches.test.ts' &&
        /process\.env\[?\.?['"]?(?:UPDATE|HALLMARK|BENCH)_(?!(?:TEST_)?SECRET)/.test(
          readFileSync(inProject(file), 'utf8'),
        ),
    );
    assert.deepEqual(readers, [], 'read them by setting() of test/support/switches.ts');
  });

  it('are all in the table', () => {
    const named = filesOf('test').flatMap((file) => readFileSync(inProject(file), 'utf8').match(ours) ?? []);
    const known: readonly string[] = [...switches, ...forPrograms];
    const unknown = [...new Set(named)].filter((name) => !known.includes(name));
    assert.deepEqual(unknown, [], 'add them to the table in test/support/switches.ts');
  });

  it('are what docs/switches.md says', () => {
    sameAsFile('docs/switches.md', switchesPage(), 'test/support/switches.test.ts');
  });

  it('count an empty value as none, and refuse what is not a number', () => {
    const before = process.env['BENCH_RUNS'];
    try {
      process.env['BENCH_RUNS'] = '';
      assert.deepEqual(
        [setting('BENCH_RUNS'), isOn('BENCH_RUNS'), numberOf('BENCH_RUNS', 9)],
        [undefined, false, 9],
      );
      process.env['BENCH_RUNS'] = '3';
      assert.deepEqual(
        [setting('BENCH_RUNS'), isOn('BENCH_RUNS'), numberOf('BENCH_RUNS', 9)],
        ['3', true, 3],
      );
      process.env['BENCH_RUNS'] = 'many';
      assert.throws(() => numberOf('BENCH_RUNS', 9), /BENCH_RUNS must be a whole number/);
    } finally {
      if (before === undefined) delete process.env['BENCH_RUNS'];
      else process.env['BENCH_RUNS'] = before;
    }
  });
});
