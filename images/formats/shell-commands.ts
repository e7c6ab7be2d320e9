import { ShellRun } from './shell-run.js';
import { parseShell } from './shell-syntax.js';
import type { ShellCommand, ShellWorld } from './shell-tree.js';

export type { ShellCommand, ShellWorld } from './shell-tree.js';

/**
 * The commands that a shell script runs, in the order in which it runs them: what stands behind an `exit`, in a branch
 * that is never taken, in a function that is not called, a comment or a here-document is none. Nothing is
 * executed; where the script hangs on what it alone does not tell, every way counts, and the command is not `certain`.
 * An `exit` is one of the commands. It never throws, and takes a bounded number of steps.
 */
export async function shellCommands(text: string, world: ShellWorld = {}): Promise<readonly ShellCommand[]> {
  const run = new ShellRun(world);
  await run.node(parseShell(text));
  return run.commands;
}
