import { type CommandWords, programName } from '../../formats/command-wrappers.js';
import { isLethal } from './start-command.js';

/** A process, as pkill(1) and killall(1) see it. */
export interface Seen {
  /** The name of the file that is executed, of which the kernel keeps 15 characters (proc(5), comm). */
  readonly name: string;
  /** The command line. */
  readonly line: string;
}

/** Bytes of a process's name: TASK_COMM_LEN without the NUL. */
const nameLength = 15;

/** Options that take the next word. */
const valued: Readonly<Record<'pkill' | 'killall', RegExp>> = {
  pkill:
    /^(?:-[cdFgGPrsStuU]|--(?:delimiter|pidfile|pgroup|group|parent|session|terminal|euid|uid|ns|nslist|runstates|cgroup|signal))$/,
  killall: /^(?:-[osuynZ]|--(?:older-than|younger-than|signal|user|ns|context))$/,
};

/** Whether a command ends a process by its name: with which signal, or undefined when it does not. */
export function killingSignal(words: CommandWords, process: Seen): string | undefined {
  const [program, ...rest] = words;
  const tool = programName(program);
  if (tool !== 'pkill' && tool !== 'killall') return undefined;
  const options = new Set<string>();
  const patterns: (string | undefined)[] = [];
  let signal = 'TERM';
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    if (word === undefined || !word.startsWith('-') || word === '-') patterns.push(word);
    else if (/^(?:-s|--signal)$/.test(word) && (tool === 'killall' || word !== '-s'))
      signal = rest[++at] ?? '';
    else if (word.startsWith('--signal=')) signal = word.slice('--signal='.length);
    else if (/^-(?:\d+|(?:SIG)?[A-Z][A-Z\d]+)$/.test(word)) signal = word.slice(1);
    else if (valued[tool].test(word)) at += 1;
    else if (word.startsWith('--')) options.add(word);
    else for (const letter of word.slice(1)) options.add(`-${letter}`);
  }
  if (!isLethal(signal)) return undefined;
  const full = tool === 'pkill' && (options.has('-f') || options.has('--full'));
  const exact = tool === 'killall' || options.has('-x') || options.has('--exact');
  if (options.has('-v') || options.has('--inverse')) return undefined;
  const own = full ? process.line : process.name.slice(0, nameLength);
  // killall compares names whole where it is given more than the kernel keeps.
  const fits = (pattern: string | undefined): boolean =>
    pattern !== undefined &&
    (tool === 'killall' && !options.has('-r') && !options.has('--regexp')
      ? programName(pattern) === process.name
      : isFoundIn(pattern, own, exact));
  return patterns.some(fits) ? signal.replace(/^SIG/i, '').toUpperCase() : undefined;
}

/** A pattern of plain characters, as commands of services have them: any other one is not judged. */
function isFoundIn(pattern: string, text: string, exact: boolean): boolean {
  const [, start = '', body = '', end = ''] = /^(\^?)(.*?)(\$?)$/s.exec(pattern) ?? [];
  // `[n]ova-agent` does not find the command that looks for it.
  const plain = body.replace(/\[(\w)\]/g, '$1').replace(/\\([.\-/])/g, '$1');
  if (plain === '' || !/^[\w./ -]+$/.test(plain)) return false;
  if (exact || (start && end)) return text === plain;
  if (start) return text.startsWith(plain);
  return end ? text.endsWith(plain) : text.includes(plain);
}
