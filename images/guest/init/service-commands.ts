import { type CommandWords, programName } from '../../formats/command-wrappers.js';
import { shellCommands } from '../../formats/shell-commands.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import type { Evidence } from '../evidence.js';
import { statOf } from '../follow.js';
import { environmentInputs, filledWords } from './process/environment.js';
import { commandObstacle, programProblem } from './process/commands.js';
import { type Command, type Process, valueOf } from './process/process.js';
import { booleanOf } from '../../formats/unit-file.js';
import { shellWorld, sourcedInputs } from './shell-world.js';
import { type Run, unwrapped } from './unwrapped.js';

/** A command that a service runs in the end, of its own line or of a script that this runs. */
export interface ServiceCommand {
  readonly kind: Command['kind'];
  readonly words: CommandWords;
  /** Whether each start of the service runs it. */
  readonly certain: boolean;
  readonly evidence: Evidence;
}

/** Bytes of a script; the largest in the field are some tens of kilobytes. */
const limit = 128 * 1024;

/** Where administrators keep the scripts that their units run. */
const scriptFolders: readonly string[] = [
  '/etc/*.sh',
  '/etc/init.d/*',
  '/etc/rc.d/init.d/*',
  '/opt/*',
  '/opt/*/*',
  '/opt/*/bin/*',
  '/root/*',
  '/srv/*',
  '/usr/bin/*.sh',
  '/usr/lib/*.sh',
  '/usr/libexec/*.sh',
  '/usr/sbin/*.sh',
  '/usr/local/bin/*',
  '/usr/local/lib/*',
  '/usr/local/libexec/*',
  '/usr/local/sbin/*',
];

/** What is read to know what services run. */
export const serviceCommandInputs: readonly Input[] = [
  ...scriptFolders.map((glob) => ({ glob, limit })),
  ...sourcedInputs,
  ...environmentInputs,
];

const readable = new RegExp(
  `^(?:${scriptFolders.map((glob) => glob.replace(/\./g, '\\.').replaceAll('*', '[^/]+')).join('|')})$`,
);

/** A cheap look at what is written, before it is taken apart. */
export interface Interest {
  readonly inLine: (text: string) => boolean;
  readonly inScript: (text: string) => boolean;
}

/**
 * What a service runs on its way up, in the order in which it does, as far as the image says.
 */
export async function serviceCommands(
  image: Image,
  process: Process,
  { inLine, inScript }: Interest,
): Promise<readonly ServiceCommand[]> {
  const found: ServiceCommand[] = [];
  const { commands } = process;
  if (!commands.some(({ words }) => inLine(words.join(' ')) || leadsToScript(words))) return found;
  for (const line of commands) {
    // A command that fails ends the start, so what stands behind it is not run (systemd.service(5), ExecStartPre=).
    if ((await commandObstacle(image, line))?.certain) return found;
    if ((line.rights === 'unit' && !isRoot(process)) || (await programProblem(image, line.words[0] ?? '')))
      continue;
    const words = await filledWords(image, process, line, line.words);
    const { kind, evidence } = line;
    for (const run of await unwrapped<Run>({ words, certain: true })) {
      const script = await scriptOf(image, run.words);
      if (script === undefined)
        found.push({ kind, evidence, words: run.words, certain: run.certain !== false });
      else if (found.length > 0 || inScript(script.text))
        for (const inner of await shellCommands(script.text, shellWorld(image, script.args)))
          for (const one of await unwrapped(inner))
            found.push({
              kind,
              words: one.words,
              certain: run.certain !== false && one.certain,
              evidence: { path: script.path, line: one.line },
            });
    }
  }
  return found;
}

/** To another user systemd answers "interactive authentication required". */
function isRoot(process: Process): boolean {
  const user = valueOf(process, 'User')?.value ?? 'root';
  return /^(?:root|0)$/.test(user) && booleanOf(valueOf(process, 'DynamicUser')?.value ?? '') !== true;
}

function leadsToScript(words: readonly string[]): boolean {
  return words.some((word) => readable.test(word));
}

interface Script {
  readonly path: GuestPath;
  readonly text: string;
  readonly args: CommandWords;
}

const shellLine = /^#![ \t]*\/(?:usr\/)?bin\/(?:env[ \t]+)?(?:ba|da|a|k)?sh\b/;

/** The script of a shell that a command is. */
async function scriptOf(image: Image, words: CommandWords): Promise<Script | undefined> {
  const [program = '', ...args] = words;
  // An init script that is called with another word is known by its name.
  if (program.includes('/init.d/') && args[0] !== 'start') return undefined;
  if (!readable.test(program) || /(?:^|\/)\.\.?(?:\/|$)/.test(program) || programName(program) === '')
    return undefined;
  const path = program as GuestPath;
  const entry = await statOf(image, path);
  if (entry?.type !== 'file' || entry.size > limit) return undefined;
  const text = (await image.readText(path, limit)) ?? '';
  return shellLine.test(text) ? { path, text, args } : undefined;
}
