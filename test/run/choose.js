import { statSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import process from 'node:process';
import { filesBelow } from './outputs.js';

const isTest = (path) => path.endsWith('.test.ts') || path.endsWith('.slow.ts');

/** What to run: the files up to the first option, and mocha's options from there on. */
export function divide(args) {
  const at = args.findIndex((arg) => arg.startsWith('-'));
  const files = at < 0 ? args : args.slice(0, at);
  return { files, options: at < 0 ? [] : args.slice(at) };
}

/**
 * The tests of a path: a test itself, the test of a source, or all tests of a folder, of the sources' tree or the tests'.
 * @throws {Error} saying what to type instead, when there is none
 */
export function testsOf(path) {
  const file = relative(process.cwd(), normalize(path)) || '.';
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${path} does not exist.`);
  if (found.isDirectory()) return testsBelow(file);
  if (file.endsWith('.e2e.ts'))
    throw new Error(`${path} needs root: npm run test:e2e -- ${basename(file, '.e2e.ts')}`);
  if (isTest(file)) return [file];
  const test = join(file.startsWith('test/') ? '' : 'test', file.replace(/\.ts$/, '.test.ts'));
  if (statSync(test, { throwIfNoEntry: false })) return [test];
  throw new Error(
    `${path} has no test of its own (${test}). To run those beside it: npm run t -- ${dirname(test)}`,
  );
}

/** The slow drills of a folder are left out, as `npm test` leaves them out. */
function testsBelow(folder) {
  const mirrored = folder === 'test' || folder.startsWith('test/') ? folder : join('test', folder);
  const tests = statSync(mirrored, { throwIfNoEntry: false }) ? filesBelow(mirrored) : [];
  const found = tests.filter((path) => path.endsWith('.test.ts')).sort();
  if (found.length === 0) throw new Error(`${mirrored} has no tests.`);
  return found;
}
