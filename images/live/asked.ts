import type { AgentAnswer } from '../formats/agent-message.js';

/** A command that can be sent to a running agent as the host would send it: it carries no secret. */
export type AskedCommand = 'version' | 'features' | 'resetnetwork';

/** What came back for one. */
export interface AskedAnswer {
  readonly command: AskedCommand;
  readonly answer: AgentAnswer | { readonly kind: 'time-out'; readonly seconds: number };
}
