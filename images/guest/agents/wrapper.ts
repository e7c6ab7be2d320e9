import { runCommand } from '../../formats/command-wrappers.js';
import { shellCommands } from '../../formats/shell-commands.js';
import { shellOf } from '../../formats/shell-line.js';
import type { GuestPath, Image } from '../../image/image.js';
import { shellWorld } from '../init/shell-world.js';
import type { Requirement } from './agent.js';
import { findProgram } from './programs.js';

/**
 * What an agent's program, when it is a script of a shell, runs in its own place (`exec`, sh(1)) or as the last that it
 * does: without that there is no agent. Only what is named by its path is told.
 */
export async function wrappedRequirements(
  image: Image,
  program: GuestPath,
  script: string,
): Promise<readonly Requirement[]> {
  if (shellOf(script) === undefined) return [];
  const commands = await shellCommands(script, shellWorld(image));
  const decisive = commands.filter(({ words }, at) => words[0] === 'exec' || at === commands.length - 1);
  const requirements: Requirement[] = [];
  for (const { words, certain, line } of decisive) {
    const run = certain ? runCommand(words) : undefined;
    const what = run?.kind === 'script' ? undefined : run?.words[0];
    if (!what?.startsWith('/')) continue;
    const found = (await findProgram(image, what)) !== undefined;
    requirements.push({ what, found, evidence: { path: program, line } });
  }
  return requirements;
}
