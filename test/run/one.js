import { spawnSync } from 'node:child_process';
import console from 'node:console';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { divide, testsOf } from './choose.js';
import { bringCommandUpToDate, bringUpToDate, compiled, needCommand } from './outputs.js';

/**
 * `npm run t -- FILE… [mocha's options]`: compiles what has changed, without checking types, and runs the tests of these
 * files only. FILE is a test, a source (its mirrored test runs) or a folder.
 */
const { files, options } = divide(process.argv.slice(2));
const { timeout } = JSON.parse(readFileSync('.mocharc.json', 'utf8'));
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

try {
  if (files.length === 0) throw new Error('Name a test, a source or a folder: npm run t -- test/checks');
  const tests = [...new Set(files.flatMap(testsOf))].map(compiled);
  await bringUpToDate();
  if (needCommand(tests)) await bringCommandUpToDate();
  const settings = ['--no-config', '--timeout', String(timeout)];
  const run = spawnSync(
    process.execPath,
    ['--enable-source-maps', mocha, ...settings, ...options, ...tests],
    {
      stdio: 'inherit',
    },
  );
  process.exitCode = run.status ?? 1;
} catch (error) {
  // esbuild has already printed what it could not read, with the line.
  if (!('errors' in error)) console.error(error.message);
  process.exitCode = 1;
}
