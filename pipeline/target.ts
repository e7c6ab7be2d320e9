import type { Metadata, Target } from '../checks/lib/check.js';
import { meaning, stated } from '../checks/lib/image-properties.js';
import { agents } from '../images/guest/agents/agents.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import type { Gather } from '../images/guest/fact.js';

export interface ChosenTarget {
  readonly chosen: Target;
  readonly requested: Target | 'auto';
  readonly reason: string;
}

/**
 * Decides what is to own the server. With `auto` the evidence decides: what the image's properties ask for, then an
 * agent that is there, then cloud-init; a guest with neither is meant for nova-agent, which is what the cloud expects.
 */
export async function chooseTarget(
  requested: Target | 'auto',
  get: Gather,
  metadata: Metadata | undefined,
): Promise<ChosenTarget> {
  const choose = (chosen: Target, reason: string): ChosenTarget => ({ chosen, requested, reason });
  if (requested !== 'auto') return choose(requested, 'requested');
  const useAgent = stated(metadata ?? {}, 'xenapi_use_agent');
  // cloud-init is asked about only where it matters: what it has of its own may be unreadable, and is then its checks'.
  const turnedOff = useAgent !== undefined && meaning('xenapi_use_agent', useAgent.text) === 'False';
  if (turnedOff && (await get(cloudInit)).installed) {
    return choose('cloud-init', `the image property ${useAgent.name} turns the agent off`);
  }
  if ((await get(agents)).length > 0) return choose('nova-agent', 'nova-agent is installed');
  if ((await get(cloudInit)).installed)
    return choose('cloud-init', 'cloud-init is installed and nova-agent is not');
  return choose('nova-agent', 'neither nova-agent nor cloud-init is installed');
}
