import type { CommandWords } from '../../../formats/command-wrappers.js';
import { parseShellAssignments } from '../../../formats/shell-assignments.js';
import { wordsOf } from '../../../formats/unit-file.js';
import { matches } from '../../../formats/wildcard.js';
import type { GuestPath, Image } from '../../../image/image.js';
import { baseName, join, parentOf } from '../../../image/resolve.js';
import type { Evidence } from '../../evidence.js';
import type { Obstacle } from '../obstacle.js';
import { type Command, type Process, valuesOf } from './process.js';
import { madeAtBoot } from './volatile.js';

/** A variable of a process, and the line that sets it. */
interface Variable {
  /** undefined: the line has an expansion that only the running system knows. */
  readonly value: string | undefined;
  /** undefined: the init system's own. */
  readonly evidence: Evidence | undefined;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  /** Files of variables that are not there, and that the service needs. */
  readonly obstacles: readonly Obstacle[];
  /** Whether what is not among the variables is not set: no file of them was left unread. */
  readonly isWhole: boolean;
}

const fileLimit = 256 * 1024;

/** Where files of variables lie; of another one it is only asked whether it is there. */
export const environmentInputs = ['/etc/default/*', '/etc/sysconfig/*', '/etc/conf.d/*', '/etc/*.env'].map(
  (glob) => ({ glob, limit: fileLimit }),
);

function isReadable(path: GuestPath): boolean {
  return /^\/etc\/(?:(?:default|sysconfig|conf\.d)\/[^/]+|[^/]+\.env)$/.test(path);
}

/**
 * The environment in which a service's programs run: systemd.exec(5), "ENVIRONMENT VARIABLES IN SPAWNED PROCESSES", or
 * what the init script sets for what it starts.
 */
export async function environmentOf(image: Image, process: Process): Promise<Environment> {
  const variables = new Map<string, Variable>([
    ['PATH', { value: process.path.join(':'), evidence: undefined }],
  ]);
  const obstacles: Obstacle[] = [];
  // An ExecSearchPath= is the PATH, too, unless one is set.
  const [search] = valuesOf(process, 'ExecSearchPath');
  if (search) {
    const folders = valuesOf(process, 'ExecSearchPath').map(({ value }) => value);
    variables.set('PATH', { value: folders.join(':'), evidence: search.evidence });
  }
  const defaults = process.defaults.filter(({ key }) => key === 'DefaultEnvironment');
  for (const { value, evidence } of [...defaults, ...valuesOf(process, 'Environment')])
    for (const word of wordsOf(value)) assign(variables, word, evidence);
  for (const { value, evidence } of valuesOf(process, 'EnvironmentFile')) {
    const pattern = value.replace(/^-/, '') as GuestPath;
    const files = await matching(image, pattern);
    for (const file of files) await readInto(variables, image, file);
    if (files.length > 0 || value.startsWith('-')) continue;
    const isThere = (await image.stat(pattern)) !== undefined;
    obstacles.push({
      certain: isThere || !madeAtBoot(pattern),
      evidence,
      because: isThere
        ? `EnvironmentFile=${value} is not a file`
        : `EnvironmentFile=${value} is not in the image`,
    });
  }
  if (process.origin === 'script') await readScript(variables, image, process);
  for (const { value, evidence } of valuesOf(process, 'UnsetEnvironment'))
    for (const word of wordsOf(value)) {
      const [name = '', wanted] = word.split(/=(.*)/s, 2);
      if (wanted !== undefined && variables.get(name)?.value !== wanted) continue;
      if (name === 'PATH') variables.set(name, { value: withoutPath, evidence });
      else variables.delete(name);
    }
  const unread = valuesOf(process, 'EnvironmentFile', 'PassEnvironment').some(
    ({ key, value }) => key === 'PassEnvironment' || !isReadable(value.replace(/^-/, '') as GuestPath),
  );
  return { variables, obstacles, isWhole: process.origin === 'unit' && !unread };
}

/**
 * A word of a command line with its variables filled in (systemd.service(5), "COMMAND LINES"; env-util.c,
 * replace_env_argv()): `${A}` as a part of the word, a word that is `$A` as so many words as its value has.
 * @param valueOf - undefined of what only the running system knows: such a part stays as it is written, and such a word
 *   is not known
 */
export function filledWord(word: string, valueOf: (name: string) => string | undefined): CommandWords {
  const alone = /^\$([^{$].*)$/s.exec(word)?.[1];
  if (alone !== undefined) {
    const value = valueOf(alone);
    return value === undefined ? [undefined] : wordsOf(value);
  }
  return [
    word.replace(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (written, name: string | undefined) =>
      name === undefined ? '$' : (valueOf(name) ?? written),
    ),
  ];
}

/** The words of a command line with its variables filled in; a word that nobody knows stays as it is. */
function expandWords(
  words: readonly string[],
  { variables, isWhole }: Pick<Environment, 'variables' | 'isWhole'>,
): string[] {
  const valueOf = (name: string): string | undefined => {
    if (variables.has(name)) return variables.get(name)?.value;
    // What is not the name of a variable is left to whoever reads the words.
    return isWhole && /^[A-Za-z_]\w*$/.test(name) ? '' : undefined;
  };
  return words.flatMap((word) => filledWord(word, valueOf).map((one) => one ?? word));
}

/** The words of a command of a process with its variables filled in. Only for one is the environment read. */
export async function filledWords(
  image: Image,
  process: Process,
  { isLiteral }: Pick<Command, 'isLiteral'>,
  words: readonly string[],
): Promise<readonly string[]> {
  if (isLiteral || !words.some((word) => word.includes('$'))) return words;
  return expandWords(words, await environmentOf(image, process));
}

/** What execvp(3) looks through where there is no PATH at all: glibc's confstr(_CS_PATH), and Python's os.defpath. */
const withoutPath = '/bin:/usr/bin';

/** The folders of a process's PATH; undefined when the image does not say. */
export function pathOf({ variables }: Environment): readonly GuestPath[] | undefined {
  const value = variables.get('PATH')?.value;
  return value?.split(':').filter((folder): folder is GuestPath => folder.startsWith('/'));
}

function assign(variables: Map<string, Variable>, word: string, evidence: Evidence): void {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined) return;
  variables.set(name, { value: value.includes('%') ? undefined : value, evidence });
}

/** Of a pattern the files that are there: the last component may have wildcards, as glob(7) has them. */
async function matching(image: Image, pattern: GuestPath): Promise<readonly GuestPath[]> {
  const folder = parentOf(pattern);
  const name = baseName(pattern);
  const names = /[*?[]/.test(name)
    ? ((await image.readDir(folder)) ?? []).map((entry) => entry.name).filter((one) => matches(name, one))
    : [name];
  const found: GuestPath[] = [];
  for (const one of names) {
    const path = join(folder, one);
    if ((await image.stat(path))?.type === 'file') found.push(path);
  }
  return found;
}

/** A file of variables, in systemd's own syntax: no expansion, comments with `#` or `;` (systemd.exec(5)). */
async function readInto(variables: Map<string, Variable>, image: Image, path: GuestPath): Promise<void> {
  const { size = 0 } = (await image.stat(path)) ?? {};
  const text = size <= fileLimit && isReadable(path) ? await image.readText(path, fileLimit) : undefined;
  for (const [index, line] of (text ?? '').split('\n').entries()) {
    const [, name, value] = /^[ \t]*([A-Za-z_]\w*)[ \t]*=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const plain = value.trim().replace(/^(["'])(.*)\1$/, '$2');
    variables.set(name, { value: plain, evidence: { path, line: index + 1 } });
  }
}

/** What an init script sets before it starts anything. A PATH is exported already; another variable has to be. */
async function readScript(
  variables: Map<string, Variable>,
  image: Image,
  { commands }: Process,
): Promise<void> {
  const path = commands.find(({ kind }) => kind === 'ExecStart')?.words[0] as GuestPath | undefined;
  const entry = path && (await image.stat(path));
  if (!path || entry?.type !== 'file' || entry.size > fileLimit) return;
  const text = (await image.readText(path, fileLimit)) ?? '';
  for (const { key, value, line, literal, conditional } of parseShellAssignments(text)) {
    if (key !== 'PATH' && !isExported(text, key)) continue;
    const known = literal ? value : withOwnValue(value, key, variables.get(key)?.value);
    variables.set(key, { value: conditional ? undefined : known, evidence: { path, line } });
  }
}

function isExported(text: string, name: string): boolean {
  return text.split('\n').some((line) => {
    const [command, ...words] = line.trim().split(/\s+/);
    return command === 'export' && words.some((word) => word === name || word.startsWith(`${name}=`));
  });
}

/** `PATH=/opt/bin:$PATH`, the only expansion that can be followed. */
function withOwnValue(value: string, name: string, own: string | undefined): string | undefined {
  const filled = value.replaceAll(`\${${name}}`, own ?? '').replaceAll(`$${name}`, own ?? '');
  return /[$`]/.test(filled) ? undefined : filled;
}
