import type { CheckContext } from '../../checks/lib/check.js';
import { ImageError } from '../../images/base/errors.js';
import type { InstalledAgent } from '../../images/guest/agents/agent-services.js';
import type { Evidence } from '../../images/guest/evidence.js';

/**
 * Whether a repair for cloud-init is left alone since nova-agent starts at boot, and somebody said what is to become of
 * it: why that was not done is said elsewhere.
 * @param why - what the agent would do, or is left to do, by what starts it
 * @throws {ImageError} code `agent-stays` when it starts and nobody said anything
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
    hint: 'Say --target cloud-init with --agent disable or --agent remove.',
  });
}
