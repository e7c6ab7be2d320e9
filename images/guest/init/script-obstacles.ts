import { type CommandWords, programName, runCommand } from '../../formats/command-wrappers.js';
import { type ShellCommand, shellCommands } from '../../formats/shell-commands.js';
import { shellOf } from '../../formats/shell-line.js';
import type { GuestPath, Image } from '../../image/image.js';
import { findProgram } from '../agents/programs.js';
import type { Obstacle } from './obstacle.js';
import { shellWorld } from './shell-world.js';

/** Bytes of an init script; the largest in the field are some tens of kilobytes. */
const limit = 256 * 1024;

/** Commands that start nothing: of the shell, of coreutils, and of the distributions' functions for init scripts. */
const idle = new Set(
  '. : [ [[ awk basename break cat cd chgrp chmod chown continue cp cut date declare dirname echo eval exit export expr false find grep head hostname id install kill killproc let ln local log_action_begin_msg log_action_end_msg log_action_msg log_begin_msg log_daemon_msg log_end_msg log_failure_msg log_progress_msg log_success_msg log_warning_msg ls mkdir mkfifo mktemp mv nice pidof pidofproc printf ps pwd rc_reset rc_status read readlink readonly return rm sed set shift sleep sort source stat status status_of_proc tail test touch tr trap true typeset ulimit umask uname unset wait warning wc which'.split(
    ' ',
  ),
);

/**
 * What keeps an init script from starting anything when the boot calls it with `start`, as far as the script and the
 * settings that it takes in tell: it ends before, or the program that it starts is gone. Nothing of a script whose
 * course hangs on what only the running system knows.
 */
export async function scriptObstacles(image: Image, path: GuestPath): Promise<readonly Obstacle[]> {
  const { text, shell } = (await shellScript(image, path)) ?? {};
  if (text === undefined || shell === undefined) return [];
  const commands = await runOf(image, text, true);
  const lost = await lostFunctions(image, path, commands, shell);
  if (lost) return [lost];
  if (commands.some(mayStart)) return missingPrograms(image, path, commands);
  const ends = commands.filter(({ words, certain }) => certain && /^(?:exit|return)$/.test(words[0] ?? ''));
  for (const end of ends.slice(0, maxEnds)) {
    if (await startsWithout(image, text, end)) return [await early(image, path, text, commands, end)];
  }
  return [];
}

/** What an init script runs when the boot calls it with `start`; nothing when it is not a script of a shell. */
export async function startOf(image: Image, path: GuestPath): Promise<readonly ShellCommand[]> {
  const script = await shellScript(image, path);
  return script ? runOf(image, script.text, true) : [];
}

async function shellScript(
  image: Image,
  path: GuestPath,
): Promise<{ readonly text: string; readonly shell: string } | undefined> {
  const entry = await image.stat(path);
  if (entry?.type !== 'file' || entry.size > limit) return undefined;
  const text = (await image.readText(path, limit)) ?? '';
  const shell = shellOf(text);
  return shell === undefined ? undefined : { text, shell };
}

/** The command that ends a script for certain; undefined when it runs to its last line. */
function endOf(commands: readonly ShellCommand[]): ShellCommand | undefined {
  const last = commands.at(-1);
  return last?.certain && (last.words[0] === 'exit' || last.words[0] === 'return') ? last : undefined;
}

/** Ends that are taken away, one after the other, to see whether anything is started behind them. */
const maxEnds = 8;

/** Whether a script would start anything but for an end: others do their work without a program of their own. */
async function startsWithout(image: Image, text: string, end: ShellCommand): Promise<boolean> {
  let [rest, at]: [string, ShellCommand | undefined] = [text, end];
  for (let turn = 0; at && turn < maxEnds; turn++) {
    // The text keeps its length, and so every command its place.
    rest = `${rest.slice(0, at.start)}:${' '.repeat(Math.max(0, at.end - at.start - 1))}${rest.slice(at.end)}`;
    const commands = await runOf(image, rest, true);
    if (commands.some(mayStart)) return true;
    at = endOf(commands);
  }
  return false;
}

/**
 * The commands of a start.
 * @param withSettings - with what the script reads from /etc/default and the like
 */
function runOf(image: Image, text: string, withSettings: boolean): Promise<readonly ShellCommand[]> {
  const world = shellWorld(image, ['start']);
  let isComplete = true;
  return shellCommands(text, {
    ...world,
    // What nobody has set is empty; but a file that is not read may have set anything.
    variable: (name) => (isComplete && !ofInit.has(name) ? '' : undefined),
    sourced: async (file) => {
      const read = withSettings ? await world.sourced?.(file) : undefined;
      isComplete &&= read !== undefined;
      return read;
    },
  });
}

/** Variables that init gives its scripts (init(8), and what Debian's and Red Hat's rc set). */
const ofInit = new Set(
  '? @ * # $ ! - _ 0 CONSOLE HOME HOSTNAME IFS INIT_VERSION LANG LINENO OLDPWD OPTARG OPTIND PATH PPID PREVLEVEL PWD RANDOM RUNLEVEL SECONDS SHELL TERM UID EUID USER VERBOSE previous runlevel'.split(
    ' ',
  ),
);

function mayStart({ words }: ShellCommand): boolean {
  const run = runCommand(ofAction(words));
  return run !== undefined && (run.kind === 'script' || !idle.has(run.words[0] ?? ''));
}

/** Red Hat's `action "message" command …`. */
function ofAction(words: CommandWords): CommandWords {
  return words[0] === 'action' ? words.slice(2) : words;
}

/**
 * `. FILE` of a file that is not there ends a shell: it is a special built-in (POSIX.1-2017, 2.8.1). bash, when it is
 * called by that name, goes on.
 */
async function lostFunctions(
  image: Image,
  path: GuestPath,
  commands: readonly ShellCommand[],
  shell: string,
): Promise<Obstacle | undefined> {
  if (shell === 'bash') return undefined;
  for (const { words, certain, line } of commands) {
    const [name, file] = words;
    if (!certain || name !== '.' || file?.startsWith('/') !== true) continue;
    if (/^\/(?:run|var\/run|proc|sys|dev|tmp)\//.test(file) || (await image.stat(file as GuestPath)))
      continue;
    return {
      certain: true,
      evidence: { path, line },
      because: `${path} reads ${file}, which is not in the image, and ends there`,
    };
  }
  return undefined;
}

/** The script ends before it starts anything: by itself, or for its settings. */
async function early(
  image: Image,
  path: GuestPath,
  text: string,
  commands: readonly ShellCommand[],
  { line }: ShellCommand,
): Promise<Obstacle> {
  const said = (at: number): string => text.split('\n')[at - 1]?.trim() ?? '';
  // Of an `exit` on a line of its own, the test before it is the reason.
  const test = /^(?:exit|return)\b/.test(said(line))
    ? commands.findLast(({ words }) => /^(?:\[{1,2}|test)$/.test(words[0] ?? ''))
    : undefined;
  const reason = test && test.line < line ? said(test.line) : said(line);
  const withoutSettings = await runOf(image, text, false);
  const because = withoutSettings.some(mayStart)
    ? `by the settings that ${path} takes in, it ends before it starts anything: ${reason}`
    : `${path} ends before it starts anything: ${reason}`;
  return { certain: true, evidence: { path, line }, because };
}

/** Functions and programs that start what is named behind them. */
const launchers =
  /^(?:start-stop-daemon|daemon|startproc|start_daemon|action|exec|nohup|setsid|su|runuser|sudo)$/;

/** Every program that the script starts is gone. */
async function missingPrograms(
  image: Image,
  path: GuestPath,
  commands: readonly ShellCommand[],
): Promise<readonly Obstacle[]> {
  const missing: Obstacle[] = [];
  for (const command of commands.filter(mayStart)) {
    const run = runCommand(ofAction(command.words));
    const program = run?.kind === 'program' ? run.words[0] : undefined;
    const isLaunched = launchers.test(programName(command.words[0]));
    // A plain name is a function, or a helper of the script.
    if (program?.startsWith('/') !== true) {
      if (program === undefined || isLaunched) return [];
      continue;
    }
    if (await findProgram(image, program)) return [];
    const because = `${path} starts ${program}, which is not in the image or not executable`;
    missing.push({ certain: true, evidence: { path, line: command.line }, because });
  }
  return missing.slice(0, 1);
}
