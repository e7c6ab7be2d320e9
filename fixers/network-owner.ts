import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { setNetwork } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { agentStays } from './lib/agent-stays.js';
import { defineFixer } from './lib/fixer.js';

export const networkOwner = defineFixer({
  meta: {
    id: 'network-owner',
    title: 'Give the network to one owner',
    risk: 'reviewed',
    docs: 'For the target nova-agent, tells cloud-init to leave the network alone (`network: {config: disabled}` in a file that comes last in /etc/cloud/cloud.cfg.d). For the target cloud-init, takes that stanza out wherever it is in force. An agent that starts is left to a person: `--agent disable` or `--agent remove` says what is to become of it, and without that the network is not given away.',
  },
  needs: { agentStarters, cloudInit, installedAgents },
  async *plan({ image, target, agentFate, facts }) {
    const { cloudInit, installedAgents } = facts;
    if (target === 'nova-agent') {
      // Without an agent that starts, the network would be nobody's.
      const starts = installedAgents.some((agent) => agent.services.some(({ state }) => state === 'enabled'));
      if (cloudInit.installed && starts) yield* await setNetwork(image, 'disabled');
      return;
    }
    // The same the other way round.
    if (!cloudInit.installed) return;
    const why = (starter: string): string =>
      `nova-agent starts at boot (${starter}), and is left as it is unless somebody says what is to become of it`;
    if (agentStays(facts, agentFate, why)) return;
    yield* await setNetwork(image, 'enabled');
  },
});
