import type { CheckContext } from '../../checks/lib/check.js';
import { ImageError } from '../../images/base/errors.js';
import type { InstalledAgent } from '../../images/guest/agents/agent-services.js';
import type { Evidence } from '../../images/guest/evidence.js';

/**
 * True when a repair for cloud-init must wait because nova-agent still starts at boot although `--agent` says what
 * happens to it: the repair of agent-retired says why that was not done.
 * @param why - the reason in words, given what starts the agent
 * @throws {ImageError} code `agent-stays` when the agent starts and `--agent` was not given
 */
export function agentStays(
  facts: { readonly installedAgents: readonly InstalledAgent[]; readonly agentStarters: readonly Evidence[] },
  agentFate: CheckContext['agentFate'],
  why: (starter: string) => string,
): boolean {
  const started = facts.installedAgents
    .flatMap(({ services }) => services)
    .find(({ state }) => state === 'enabled');
  const starter = started?.id ?? facts.agentStarters[0]?.path;
  if (starter === undefined) return false;
  if (agentFate !== undefined) return true;
  throw new ImageError('agent-stays', why(starter), {
    hint: 'Use --target cloud-init with --agent disable or --agent remove.',
  });
}
