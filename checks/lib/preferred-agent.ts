import type { Agent } from '../../images/guest/agents/agent.js';

/** Of several agents the one that is to start: one that has all it needs, the newest generation first. */
export function preferredAgent<A extends Agent>(agents: readonly A[]): A | undefined {
  return agents.find(({ requirements }) => requirements.every(({ found }) => found)) ?? agents[0];
}
