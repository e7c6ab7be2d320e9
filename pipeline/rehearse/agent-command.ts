import type { Agent } from '../../images/guest/agents/agent.js';

/** The agent as its own unit or script runs it, but in the foreground. */
export function agentCommand({ generation, program }: Agent): string[] {
  return generation === 2
    ? [program, '--no-fork=True', '-o', '/var/log/nova-agent.log', '-l', 'info']
    : [program, '-n', '-l', 'info', '-o', '/var/log/nova-agent.log', '/usr/share/nova-agent/nova-agent.py'];
}
