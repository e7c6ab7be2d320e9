import type { Evidence } from '../evidence.js';
import type { Fact } from '../fact.js';
import { bootCommands } from '../init/boot-commands.js';
import { isStartOf, isStopOf } from '../init/start-command.js';
import { installedAgents } from './agent-services.js';

/** A line outside every service that stops an agent which the boot has started, or will. */
export interface AgentStopper extends Evidence {
  readonly line: number;
  /** "systemctl disable --now nova-agent". */
  readonly command: string;
  /** Whether each boot runs it. */
  readonly certain: boolean;
}

/** Lines of rc.local, crontabs and inittab that stop a service of an agent. */
export const agentStoppers: Fact<readonly AgentStopper[]> = {
  name: 'agent-stoppers',
  inputs: [...bootCommands.inputs, ...installedAgents.inputs],
  async gather(_, get) {
    const commands = await get(bootCommands);
    if (commands.length === 0) return [];
    const names = (await get(installedAgents)).flatMap(({ services }) => services.map(({ name }) => name));
    const startsAgain = (from: number, name: string): boolean =>
      commands
        .slice(from + 1)
        .some(({ path, words }) => path === commands[from]?.path && isStartOf(words, name));
    return commands.flatMap(({ path, line, words, certain = false }, at) =>
      names.some((name) => isStopOf(words, name) && !startsAgain(at, name))
        ? [{ path, line, command: words.map((word) => word ?? '?').join(' '), certain }]
        : [],
    );
  },
};
