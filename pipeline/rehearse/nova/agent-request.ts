import type { CommandName, InjectedFile } from '../scenario.js';

/** What Nova asks of the agent, as it writes it to `data/host/<uuid>`. */
export interface AgentRequest {
  readonly name: CommandName;
  readonly value: string;
}

/** @returns the value of `injectfile`: the agents split it at the first comma */
export function injectionOf({ path, contents }: InjectedFile): string {
  return Buffer.from(`${path},${contents}`, 'utf8').toString('base64');
}
