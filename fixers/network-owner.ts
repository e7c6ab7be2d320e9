import { installedAgents } from '../images/guest/agent-services.js';
import { setNetwork } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init.js';
import { factsOf } from '../images/guest/fact.js';
import { services } from '../images/guest/services/services.js';
import type { Change, Image } from '../images/image.js';
import { overlay } from '../images/overlay.js';
import { defineFixer } from './lib/fixer.js';

export const networkOwner = defineFixer({
  meta: {
    id: 'network-owner',
    title: 'Give the network to one owner',
    risk: 'reviewed',
    docs: 'For the target nova-agent, tells cloud-init to leave the network alone (`network: {config: disabled}` in a file that comes last in /etc/cloud/cloud.cfg.d). For the target cloud-init, takes that stanza out wherever it is in force, and disables nova-agent’s services.',
  },
  needs: { cloudInit, installedAgents },
  async *plan({ image, target, facts: { cloudInit, installedAgents } }) {
    const started = installedAgents
      .flatMap((agent) => agent.services)
      .filter(({ state }) => state === 'enabled');
    if (target === 'nova-agent') {
      // Without an agent that starts, the network would be nobody's.
      if (cloudInit.installed && started.length > 0) yield* await setNetwork(image, 'disabled');
      return;
    }
    // The same the other way round.
    if (!cloudInit.installed) return;
    const changes = await setNetwork(image, 'enabled');
    for (const { id } of started) changes.push(...(await disable(image, changes, id)));
    yield* changes;
  },
});

async function disable(image: Image, changes: readonly Change[], id: string): Promise<Change[]> {
  const now = await factsOf(await overlay(image, changes))(services);
  const service = now.find(id);
  return service ? now.disable(service) : [];
}
