import { isOlder } from './release.js';

/** What 2.x makes of its command line (create_parser() and main() in novaagent/novaagent.py, and argparse). */
export interface Arguments {
  /** Why it ends at once with status 2, or 0. */
  readonly refused: string | undefined;
  /** Whether it goes into the background: without `--no-fork`, whose argument is any text that is not empty. */
  readonly forks: boolean;
  /** Its log; undefined for standard output. */
  readonly log: string | undefined;
}

const levels = ['warning', 'info', 'debug'];
const long = ['--no-fork', '--version', '--help'];

/** @param words - what follows the program */
export function parseArguments(words: readonly string[], version: string | undefined): Arguments {
  let forks = true;
  let log: string | undefined;
  const refuse = (refused: string): Arguments => ({ refused, forks, log });
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    // A variable or specifier that is not filled in can be any number of words.
    if (/[$%]/.test(word)) return { refused: undefined, forks: false, log: undefined };
    const [name, attached] = optionOf(word);
    if (name === undefined) return refuse(`it does not know the argument ${word}`);
    if (name === '-h' || name === '--help' || name === '--version') {
      if (name === '--version' && isOlder(version, '2.1.23'))
        return refuse(`it does not know the option ${word}`);
      return refuse(`with ${word} it only prints something`);
    }
    if (name === '--no-fork' && isOlder(version, '2.1.5'))
      return refuse(`it does not know the option ${word}`);
    const value = attached ?? (rest[0] !== undefined && !/^-./.test(rest[0]) ? rest.shift() : undefined);
    if (value === undefined) return refuse(`its option ${word} needs an argument`);
    if (name === '-l' && !levels.includes(value))
      return refuse(`its option -l takes ${levels.join(', ')}, not ${value}`);
    if (name === '-o') log = value === '-' ? undefined : value;
    if (name === '--no-fork') forks = value === '';
  }
  return { refused: undefined, forks, log };
}

/** An option by its whole name, and the argument that is attached to it: `-linfo`, `--no-f=True` (argparse). */
function optionOf(word: string): readonly [string | undefined, string | undefined] {
  if (/^-[lo]/.test(word))
    return [word.slice(0, 2), word.length > 2 ? word.slice(2).replace(/^=/, '') : undefined];
  if (word === '-h') return [word, undefined];
  const [start = '', attached] = word.split(/=(.*)/s, 2);
  const names =
    start.startsWith('--') && start.length > 2 ? long.filter((name) => name.startsWith(start)) : [];
  return names.length === 1 ? [names[0], attached] : [undefined, undefined];
}
