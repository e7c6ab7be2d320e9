import { statOf } from '../../follow.js';
import type { Entry, GuestPath, Image } from '../../../image/image.js';
import { baseName, join } from '../../../image/resolve.js';
import { isExecutable, searchPath } from '../../agents/programs.js';
import type { Obstacle } from '../obstacle.js';
import type { Command } from './process.js';
import { madeAtBoot } from './volatile.js';

/** Why a program cannot be executed. */
export type ProgramProblem = 'missing' | 'no-file' | 'not-executable' | 'no-interpreter';

const inWords: Readonly<Record<ProgramProblem, string>> = {
  missing: 'is not in the image',
  'no-file': 'is not a file',
  'not-executable': 'is not executable',
  'no-interpreter':
    'has a first line that names an interpreter that is not in the image (a carriage return at the end of the line counts as part of the name)',
};

const scriptLimit = 256 * 1024;

/** What is read of a program: the first line of one that is a script, where a service is likely to have its own. */
export const programInputs = [
  '/etc/init.d/*',
  '/etc/rc.d/init.d/*',
  '/usr/local/bin/*',
  '/usr/local/sbin/*',
].map((glob) => ({ glob, limit: scriptLimit }));

/** Whether the text of a program is among what is read: of a tarball, nothing else is there. */
export function isReadable(path: string): boolean {
  return /^\/(?:etc(?:\/rc\.d)?\/init\.d|usr\/local\/s?bin)\/[^/]+$/.test(path);
}

/**
 * Why a program of a service cannot be executed; undefined when it can, or when only the running system knows its path.
 * @param word - a path, or a name that is looked for as systemd.service(5) says
 */
export async function programProblem(image: Image, word: string): Promise<ProgramProblem | undefined> {
  // A variable is filled in for arguments alone: "the first argument may not be a variable" (systemd.service(5)).
  if (word === '' || word.includes('%') || madeAtBoot(word)) return undefined;
  const paths = word.startsWith('/') ? [word as GuestPath] : searchPath.map((folder) => join(folder, word));
  let problem: ProgramProblem = 'missing';
  for (const path of paths) {
    const entry = await statOf(image, path);
    if (!entry) continue;
    if (isExecutable(entry)) return (await hasInterpreter(image, path, entry)) ? undefined : 'no-interpreter';
    problem = entry.type === 'file' ? 'not-executable' : 'no-file';
  }
  return problem;
}

/**
 * Whether the interpreter that a script's first line names can be started. To the kernel a carriage return at the end
 * belongs to its name, so a script that was saved under Windows has none. Without such a line the shell runs it.
 */
async function hasInterpreter(image: Image, script: GuestPath, { size }: Entry): Promise<boolean> {
  if (!isReadable(script) || size > scriptLimit) return true;
  const [first = ''] = ((await image.readText(script, scriptLimit)) ?? '').split('\n', 1);
  const interpreter = /^#![ \t]*(\/[^ \t]*)/.exec(first)?.[1] as GuestPath | undefined;
  const entry = interpreter && (await statOf(image, interpreter));
  return interpreter === undefined || (entry !== undefined && isExecutable(entry));
}

/** Why one of a service's commands fails, so that the service does: systemd.service(5), ExecStartPre=. */
export async function commandObstacle(image: Image, command: Command): Promise<Obstacle | undefined> {
  const { kind, words, mayFail, evidence } = command;
  if (mayFail) return undefined;
  const [program = ''] = words;
  const line = `${kind}=${words.join(' ')}`;
  const problem = await programProblem(image, program);
  if (problem) return { certain: true, evidence, because: `${program} (${kind}) ${inWords[problem]}` };
  if (kind === 'ExecStart' || kind === 'ExecStartPost') return undefined;
  return (await fails(image, words)) ? { certain: true, evidence, because: `${line} fails` } : undefined;
}

/** Whether a command fails for sure: false(1), a shell that only exits, a test(1) of what the image has or has not. */
async function fails(image: Image, [program = '', ...words]: readonly string[]): Promise<boolean> {
  switch (baseName(`/${program}`)) {
    case 'false':
      return true;
    case 'sh':
    case 'bash':
    case 'dash':
      return words[0] === '-c' && /^\s*(?:false|exit\s+[1-9]\d*)\s*;?\s*$/.test(words[1] ?? '');
    case 'test':
    case '[':
      return testFails(image, words);
    default:
      return false;
  }
}

async function testFails(image: Image, words: readonly string[]): Promise<boolean> {
  const inverted = words[0] === '!';
  const [operator = '', path = ''] = inverted ? words.slice(1) : words;
  if (!path.startsWith('/') || madeAtBoot(path) || /[%$]/.test(path)) return false;
  if (words.filter((word) => word !== ']').length !== (inverted ? 3 : 2)) return false;
  const entry = await statOf(image, path as GuestPath);
  const holds = truthOf(operator, entry);
  return holds === undefined ? false : holds === inverted;
}

function truthOf(operator: string, entry: Entry | undefined): boolean | undefined {
  switch (operator) {
    case '-e':
      return entry !== undefined;
    case '-f':
      return entry?.type === 'file';
    case '-d':
      return entry?.type === 'directory';
    case '-s':
      return (entry?.size ?? 0) > 0;
    case '-x':
      return entry !== undefined && (entry.type === 'directory' || (entry.mode & 0o111) !== 0);
    default:
      return undefined;
  }
}
