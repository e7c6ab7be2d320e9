import { realPathOf, statOf } from '../follow.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName } from '../../image/resolve.js';
import type { Obstacle } from '../init/obstacle.js';
import { isReadable } from '../init/process/commands.js';
import type { Command } from '../init/process/process.js';

const scriptLimit = 256 * 1024;

/** Whether a name or a text is of the agent: its program, its package, its module. */
const ofAgent = /nova-?agent/;

/** Which of a service's commands starts the agent. */
export type Start =
  | {
      readonly starts: true;
      readonly command: Command;
      /** The agent's own arguments; undefined where a shell or a wrapper makes them. */
      readonly words: readonly string[] | undefined;
    }
  | { readonly starts: false; readonly obstacle: Obstacle | undefined };

/** Programs that are certainly something else: an agent is switched off with them. */
const idle = new Set(['true', 'false', 'echo', 'sleep', 'cat', 'logger', 'touch', 'printf', 'date']);

/** How the words of a command lead to the agent, through env(1), an interpreter or a shell. */
export interface Invocation {
  /** The agent's program or script, or the module that Python is to run. */
  readonly program: string;
  /** Whether `program` is the name of a module: "novaagent.novaagent". */
  readonly isModule?: true;
  /** The Python that runs it, where the command names one. */
  readonly python: string | undefined;
  /** The options of that Python: "-E -S". */
  readonly options?: string;
  /** The agent's own arguments; undefined when a shell has them. */
  readonly words: readonly string[] | undefined;
}

/** What a command runs in the end. */
export function invocationOf(words: readonly string[]): Invocation {
  const rest = [...words];
  if (baseName(`/${rest[0] ?? ''}`) === 'env') {
    rest.shift();
    while (rest[0] !== undefined && /^(?:-|[A-Za-z_]\w*=)/.test(rest[0])) rest.shift();
  }
  const [program = '', ...others] = rest;
  const name = baseName(`/${program}`);
  if (/^python[\d.]*$/.test(name)) return byPython(program, others);
  if (/^(?:ba|da|k|z)?sh$/.test(name)) {
    const text = others.find((word) => !word.startsWith('-')) ?? '';
    if (text.startsWith('/') && !/\s/.test(text))
      return { program: text, python: undefined, words: undefined };
    const path = /(?:^|[\s;&|('"])(\/[^\s;&|)'"$]*nova-?agent[^\s;&|)'"$]*)/.exec(text)?.[1];
    return { program: path ?? text, python: undefined, words: undefined };
  }
  return { program, python: undefined, words: others };
}

/** python(1): options, of which the last of one word may take a value, and then a script, a module or a text. */
function byPython(python: string, words: readonly string[]): Invocation {
  const rest = [...words];
  const given: string[] = [];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const options = given.join(' ');
    if (!word.startsWith('-') || word === '-') return { program: word, python, options, words: rest };
    given.push(word);
    const [, letter = '', attached = ''] = /^-[a-zA-Z]*?([mcWX])(.*)$/s.exec(word) ?? [];
    const takesNext = word === '--check-hash-based-pycs' || (letter !== '' && attached === '');
    const value = takesNext ? (rest.shift() ?? '') : attached;
    if (letter === 'm') return { program: value, isModule: true, python, options, words: rest };
    if (letter !== 'c') continue;
    const module = /\bnovaagent(?:\.\w+)*/.exec(value)?.[0];
    return module === undefined
      ? { program: value, python, options, words: rest }
      : { program: module, isModule: true, python, options, words: rest };
  }
  return { program: '', python, words: rest };
}

/** Whether a service of the agent's name starts the agent, as its drop-ins leave it. */
export async function startsAgent(
  image: Image,
  commands: readonly Command[],
  agent: { readonly program: GuestPath },
): Promise<Start> {
  const own = await realPathOf(image, agent.program);
  for (const command of commands) {
    const { program, words } = invocationOf(command.words);
    const real = program.startsWith('/') ? await realPathOf(image, program as GuestPath) : undefined;
    if (ofAgent.test(program) || (real !== undefined && real === own))
      return { starts: true, command, words };
  }
  const [first] = commands;
  if (!first) return { starts: false, obstacle: undefined };
  const [word = ''] = first.words;
  const text = await scriptAt(image, word);
  if (text !== undefined && ofAgent.test(text)) return { starts: true, command: first, words: undefined };
  // What a script runs by way of variables is in other files.
  const plain = text !== undefined && !/\$(?![@*#?\d])|`/.test(text);
  const certain = plain || idle.has(baseName(`/${word}`));
  return {
    starts: false,
    obstacle: {
      certain,
      evidence: first.evidence,
      because: certain
        ? `it starts ${first.words.join(' ')}, which is not the agent`
        : `it starts ${word}, which may or may not be the agent`,
    },
  };
}

/** The text of a script that a service runs, where it may be read. */
export async function scriptAt(image: Image, program: string): Promise<string | undefined> {
  if (!isReadable(program)) return undefined;
  const path = program as GuestPath;
  const entry = await statOf(image, path);
  if (entry?.type !== 'file' || entry.size > scriptLimit) return undefined;
  const text = await image.readText(path, scriptLimit);
  return text?.startsWith('#!') ? text : undefined;
}
