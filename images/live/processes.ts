import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { systemCode } from '../base/errors.js';
import type { Observation } from './observation.js';
import { rootOf, runningSystem } from './running-system.js';

/** A process of the running system. */
export interface Process {
  readonly pid: number;
  /**
   * The program that it runs: its executable or, of an interpreter, its script. A path as the process itself names it,
   * or a bare name.
   */
  readonly program: string;
  /** Its words after the program's name. */
  readonly args: readonly string[];
}

/** More of a command line (bytes) is not read; what says which program it is stands at its beginning. */
const lineLimit = 64 * 1024;

/** What runs a program that is a script, or (ld.so) one that brings its own libraries, as nova-agent 1.x does. */
const interpreter = /^(?:python[\d.]*|(?:ba|da|k|z)?sh|perl|env|ld-linux.*|ld-[\d.]+\.so|ld\.so.*)$/;

/** Options of interpreters whose value can look like a script (ld.so(8), python(1)). */
const withValue = new Set([
  '--library-path',
  '--preload',
  '--audit',
  '--argv0',
  '--inhibit-rpath',
  '-X',
  '-W',
]);

/** Every process of the running system, by id; none of an image that is not running. */
export const processes: Observation<readonly Process[]> = {
  name: 'processes',
  gather: async (_, get) => ((await get(runningSystem)) === true ? readProcesses() : []),
};

/**
 * The processes that share our root: those of a container have another, and are not this system's. Zombies are dead,
 * and threads of the kernel run no program.
 * @param proc - where the kernel shows its processes (proc(5))
 */
export function readProcesses(proc = '/proc'): Process[] {
  const own = rootOf(`${proc}/self`);
  const found: Process[] = [];
  for (const name of readdirSync(proc)) {
    if (!/^\d+$/.test(name)) continue;
    const folder = `${proc}/${name}`;
    const root = rootOf(folder);
    if (root !== undefined && root !== own) continue;
    const words = wordsOf(folder);
    const [first = ''] = words;
    // What is empty is a thread of the kernel or a zombie, or it ended while we looked.
    if (first === '') continue;
    found.push({ pid: Number(name), ...programOf(executableOf(folder) ?? first, words) });
  }
  return found.sort((a, b) => a.pid - b.pid);
}

/** The processes that run a program of this name. */
export function processesOf(all: readonly Process[], name: string): Process[] {
  // An init script is not the program that it starts.
  return all.filter(({ program }) => nameOf(program) === name && !/\/init\.d\//.test(program));
}

function programOf(executable: string, words: readonly string[]): Pick<Process, 'program' | 'args'> {
  const args = words.slice(1);
  if (!interpreter.test(nameOf(executable))) return { program: executable, args };
  const at = args.findIndex((word, index) => {
    const value = withValue.has(args[index - 1] ?? '');
    return !value && !word.startsWith('-') && word.includes('/');
  });
  const script = args[at];
  return script === undefined ? { program: executable, args } : { program: script, args: args.slice(at + 1) };
}

const nameOf = (program: string): string => program.slice(program.lastIndexOf('/') + 1);

/** The path of the running executable; one that was replaced since (by an upgrade, say) goes by its old path. */
function executableOf(folder: string): string | undefined {
  return orGone(() => readlinkSync(`${folder}/exe`).replace(/ \(deleted\)$/, ''));
}

function wordsOf(folder: string): string[] {
  const line = orGone(() => readFileSync(`${folder}/cmdline`));
  return (line?.subarray(0, lineLimit).toString() ?? '')
    .split('\0')
    .filter((_, at, all) => at < all.length - 1);
}

/** A process may end while it is looked at, and another user's shows less of itself. */
function orGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
