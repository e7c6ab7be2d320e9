import type { CommandWords } from '../../formats/command-wrappers.js';
import type { Image } from '../../image/image.js';
import { environmentOf, filledWord } from '../init/process/environment.js';
import type { Process } from '../init/process/process.js';

/** Variables by their names; undefined where only the running system knows the value. */
export type Variables = ReadonlyMap<string, string | undefined>;

/** What surrounds the commands of a unit: the environment that its shells and scripts have. */
export interface Surroundings {
  /** Tells one environment from another; empty for one with nothing of its own. */
  readonly key: string;
  /** Reads the files of the environment, once. */
  variables(): Promise<Variables>;
}

const settings: ReadonlySet<string> = new Set(['Environment', 'EnvironmentFile']);

/** The surroundings of a unit's commands; undefined for an init script, which sets its variables itself. */
export function surroundingsOf(image: Image, id: string, process: Process): Surroundings | undefined {
  if (process.origin === 'script') return undefined;
  let known: Promise<Variables> | undefined;
  return {
    key: process.settings.some(({ key }) => settings.has(key)) ? id : '',
    variables: () => (known ??= readVariables(image, process)),
  };
}

async function readVariables(image: Image, process: Process): Promise<Variables> {
  const { variables } = await environmentOf(image, process);
  return new Map([...variables].map(([name, { value }]) => [name, value]));
}

/**
 * The words of a command with its variables filled in as systemd does: one that is not set is nothing. The program itself
 * is no variable.
 */
export async function withVariables(
  [program, ...args]: readonly string[],
  surroundings: Surroundings | undefined,
): Promise<CommandWords> {
  if (!surroundings || !args.some((word) => word.includes('$'))) return [program, ...args];
  const variables = await surroundings.variables();
  const valueOf = (name: string): string | undefined => (variables.has(name) ? variables.get(name) : '');
  return [program, ...args.flatMap((word) => filledWord(word, valueOf))];
}
