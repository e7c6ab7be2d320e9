import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * What is compiled from what. tsc compiles the whole project and checks its types; this module writes the same files in
 * the same places without looking at types, and only those that are out of date, which takes a fraction of a second.
 * All paths are relative to the working directory, which is the project's.
 */
const output = 'dist';

const { include, compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));

/** The folders that tsc compiles. */
export const folders = include;

/** What one source becomes. esbuild writes no declarations: nothing that runs needs them. */
const endings = ['.js', '.js.map', '.d.ts'];

/** Where a source is compiled to. */
export const compiled = (source) => join(output, source.replace(/\.ts$/, '.js'));

/** @returns every file below a folder; none when there is no such folder */
export function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const exists = (path) => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Every TypeScript file that tsc would compile. */
const sources = () =>
  folders.flatMap(filesBelow).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));

/** The later of the times of content and inode: a file that was moved here keeps that of its content. */
function timeOf(path) {
  const { mtimeMs, ctimeMs } = statSync(path);
  return Math.max(mtimeMs, ctimeMs);
}

/** What a source is compiled to depends on tsconfig.json, too. */
function isStale(source) {
  const made = statSync(compiled(source), { throwIfNoEntry: false });
  return made === undefined || Math.max(timeOf(source), timeOf('tsconfig.json')) >= made.mtimeMs;
}

/** Now, by the clock of the file system: that of the process can be another, as under faketime(1). */
function fileTime() {
  const marker = join(output, '.now');
  mkdirSync(output, { recursive: true });
  writeFileSync(marker, '');
  return statSync(marker).mtime;
}

/**
 * Compiles the sources that are newer than what was compiled of them, and removes what was compiled of sources that are
 * gone: mocha would run a test that was renamed under both names.
 * @returns the sources that were compiled; a syntax error is thrown, with esbuild's message printed
 */
export async function bringUpToDate() {
  const began = fileTime();
  const all = sources();
  const stale = all.filter(isStale);
  if (stale.length > 0) {
    const { outputFiles } = await build({
      entryPoints: stale,
      outdir: output,
      outbase: '.',
      format: 'esm',
      // esbuild does not take it from there by itself, and would leave `using`, which Node.js 20 cannot read.
      target: compilerOptions.target,
      platform: 'node',
      sourcemap: true,
      sourcesContent: false,
      tsconfig: 'tsconfig.json',
      logLevel: 'warning',
      write: false,
    });
    for (const { path, contents } of outputFiles) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contents);
      // As old as the moment before the source was read: whoever saves it meanwhile finds it out of date.
      utimesSync(path, began, began);
    }
  }
  prune(all);
  return stale;
}

function prune(all) {
  const known = new Set(
    all.flatMap((source) => endings.map((ending) => compiled(source).replace(/\.js$/, ending))),
  );
  for (const folder of folders.map((name) => join(output, name)).filter(exists))
    for (const path of filesBelow(folder))
      if (endings.some((ending) => path.endsWith(ending)) && !known.has(path)) rmSync(path);
}

/**
 * Bundles the command again if any module of the product was compiled after it.
 * @returns whether it was
 */
export async function bringCommandUpToDate() {
  const command = statSync(join(output, 'bin/main.js'), { throwIfNoEntry: false });
  const modules = folders.filter((name) => name !== 'test').flatMap((name) => filesBelow(join(output, name)));
  const isNewer = (path) => path.endsWith('.js') && statSync(path).mtimeMs > (command?.mtimeMs ?? 0);
  if (!modules.some(isNewer)) return false;
  await import(resolve('esbuild.config.js'));
  return true;
}

/** @returns whether one of these compiled tests, or what it imports from the tests' folder, names the bundled command */
export function needCommand(tests) {
  const seen = new Set(tests);
  for (const path of seen) {
    const text = readFileSync(path, 'utf8');
    if (text.includes('dist/bin/')) return true;
    for (const [, name] of text.matchAll(/\bfrom ["'](\.[^"']+)["']/g)) {
      const imported = join(dirname(path), name);
      if (imported.startsWith(join(output, 'test/')) && exists(imported)) seen.add(imported);
    }
  }
  return false;
}
