import type { Agent } from '../../images/guest/agents/agent.js';

/** An agent in a sentence: "nova-agent 1.39.0", "nova-agent 2.x". */
export function named({ generation, version }: Agent): string {
  return `nova-agent ${version ?? `${String(generation)}.x`}`;
}
