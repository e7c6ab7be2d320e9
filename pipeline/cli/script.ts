import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import * as errors from '../../images/base/errors.js';

/** What a bundled script is: `esbuild.config.js` puts these names around it. */
type Body = (
  module: { exports: object },
  exports: object,
  require: (name: string) => unknown,
  importModule: (name: string) => Promise<unknown>,
  scriptUrl: string,
) => void;

/**
 * Runs a script of the command with what V8 compiled of it in earlier runs, and returns what it exports. Node.js's own
 * compile cache keeps of a module what is compiled when it is loaded, which is next to nothing: V8 compiles a function
 * when it is first called. So this keeps what is compiled by the end of a run (`vm.Script.createCachedData()`). That a
 * function is compiled once, and not in every run, is a quarter of a check's time.
 * @param folder - of the scripts
 * @param name - of the file; its contents never change under this name
 */
export function runScript(folder: string, name: string): object {
  // V8 would begin to mark what lives just before a check ends. Set always, and before anything is compiled: V8 takes
  // nothing that was compiled under other flags.
  setFlagsFromString('--no-incremental-marking');
  const filename = join(folder, name);
  const kept = keptFile(folder, name);
  const cachedData = kept === undefined ? undefined : readKept(kept);
  // The bundler writes ASCII.
  const source = readFileSync(filename, 'latin1');
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
  if (kept !== undefined) {
    const size = script.cachedDataRejected === false ? (cachedData?.length ?? 0) : 0;
    process.once('exit', () => {
      if (isTurn(`${kept}.runs`)) keep(script, kept, size);
    });
  }
  const module = { exports: {} };
  const require = createRequire(import.meta.url);
  (script.runInThisContext() as Body)(
    module,
    module.exports,
    (id) => (id === './errors.js' ? errors : require(id)),
    (id) => import(id),
    import.meta.url,
  );
  return module.exports;
}

/**
 * Whether this run is to look at whether it compiled more than is kept, which takes 10 ms: the first, second, fourth,
 * eighth and so on.
 * @param counter - a file, which has a byte for each run
 */
function isTurn(counter: string): boolean {
  try {
    appendFileSync(counter, '.', { mode: 0o600 });
    const runs = statSync(counter).size;
    return (runs & (runs - 1)) === 0;
  } catch {
    return false; // nothing can be kept there
  }
}

function keep(script: Script, file: string, size: number): void {
  const data = script.createCachedData();
  // The same functions do not always take the same bytes.
  if (data.length <= 1.01 * size) return;
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, data, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } catch {
    // A full disk: the next run compiles again, which takes time and harms nothing.
    rmSync(unfinished, { force: true });
  }
}

/**
 * Where it is kept: in a folder beside the program. That one is as safe as the program: whoever may write there may
 * change the command itself. Nobody else enters the folder. Where it cannot be made, as in a system's installation that
 * another user runs, nothing is kept; and nothing while coverage is counted, which is of code as it was written.
 */
function keptFile(program: string, name: string): string | undefined {
  if (process.env['NODE_V8_COVERAGE']) return undefined;
  const folder = join(program, '.compile-cache');
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be made: the next line tells.
  }
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  const isOurs = entry?.isDirectory() && entry.uid === process.geteuid?.() && (entry.mode & 0o077) === 0;
  // V8 looks for itself whether it was of the same flags and processor.
  return isOurs ? join(folder, `${name}.${process.version}`) : undefined;
}

function readKept(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined; // nothing is kept yet
  }
}
