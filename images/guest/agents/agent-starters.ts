import { write } from '../../image/change.js';
import type { CommandWords } from '../../formats/command-wrappers.js';
import { commentOut, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import { type Fact, factsOf } from '../fact.js';
import { type BootCommand, bootCommands } from '../init/boot-commands.js';
import { invocationOf } from './started.js';
import { isStartOf } from '../init/start-command.js';
import { customaryAgentServices } from './service-names.js';

/** A line outside every service that starts a nova-agent at boot: no init system orders it, or starts it again. */
export interface AgentStarter extends Evidence {
  readonly by: BootCommand['by'];
  readonly last: number;
  readonly line: number;
  /** The PATH that the agent has when it is started here and not by its service, where cron gives it one. */
  readonly searched?: readonly GuestPath[] | undefined;
}

/** Lines of rc.local, crontabs and inittab that start a nova-agent, one for each file. */
export const agentStarters: Fact<readonly AgentStarter[]> = {
  name: 'agent-starters',
  inputs: bootCommands.inputs,
  async gather(_, get) {
    const found = new Map<GuestPath, AgentStarter>();
    for (const { by, path, line, last, words, searched } of await get(bootCommands)) {
      if (found.has(path) || !startsAgent(words)) continue;
      found.set(path, { by, path, line, last, ...(runsAgent(words) && { searched }) });
    }
    return [...found.values()];
  },
};

/** A command that runs the agent, or has its service started. */
export function startsAgent(words: CommandWords): boolean {
  return runsAgent(words) || customaryAgentServices.some((name) => isStartOf(words, name));
}

function runsAgent(words: CommandWords): boolean {
  const { program } = invocationOf(words.map((word) => word ?? ''));
  return /^(?:.*\/s?bin\/)?nova-agent$/.test(program);
}

const constructs =
  /(?:^|[\s;])(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|\{|\})(?:[\s;]|$)|<<|\(\s*\)/;

/** Changes that turn every such line into a comment. */
export async function withoutStarters(image: Image): Promise<Change[]> {
  const byPath = new Map<GuestPath, number[]>();
  for (const { path, line, last, words } of await factsOf(image)(bootCommands)) {
    if (!startsAgent(words)) continue;
    const lines = byPath.get(path) ?? [];
    for (let at = line; at <= last; at++) lines.push(at);
    byPath.set(path, lines);
  }
  const changes: Change[] = [];
  for (const [path, lines] of byPath) {
    const text = (await image.readText(path)) ?? '';
    const there = splitLines(text);
    // Without a line that opens or closes a construct, the shell would not read the rest.
    if (lines.some((line) => constructs.test(there[line - 1]?.text ?? ''))) continue;
    changes.push(...(await write(image, (await image.realPath(path)) ?? path, commentOut(text, lines))));
  }
  return changes;
}
