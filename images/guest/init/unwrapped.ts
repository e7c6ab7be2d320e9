import { type CommandWords, runCommand } from '../../formats/command-wrappers.js';
import { shellCommands } from '../../formats/shell-commands.js';

/** A command that may hang on something. */
export interface Run {
  readonly words: CommandWords;
  readonly certain?: boolean;
}

/** `sh -c` within `sh -c`. */
const maxDepth = 4;

/** The commands behind one that only leads to them: without sudo, nohup, `sh -c` and the like. */
export async function unwrapped<T extends Run>(command: T, depth = 0): Promise<readonly T[]> {
  const run = runCommand(command.words);
  if (!run || depth > maxDepth) return [];
  if (run.kind === 'program') return [{ ...command, words: run.words }];
  const found: T[] = [];
  for (const { words, certain } of await shellCommands(run.text, { args: run.args })) {
    const inner = command.certain === undefined ? { words } : { words, certain: command.certain && certain };
    found.push(...(await unwrapped({ ...command, ...inner }, depth + 1)));
  }
  return found;
}
