import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { setNetwork } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { agentStays } from './lib/agent-stays.js';
import { defineFixer } from './lib/fixer.js';

export const networkOwner = defineFixer({
  meta: {
    id: 'network-owner',
    title: 'Let only one agent configure the network',
    risk: 'reviewed',
    phase: 'network-owner',
    docs: 'For the target nova-agent, tells cloud-init to leave the network alone (`network: {config: disabled}` in a file that comes last in /etc/cloud/cloud.cfg.d). For the target cloud-init, removes that stanza wherever it is in force. You decide about an agent that starts, with `--agent disable` or `--agent remove`; without either, nothing is changed.',
  },
  needs: { agentStarters, cloudInit, installedAgents },
  async *plan({ image, target, agentFate, facts }) {
    const { cloudInit, installedAgents } = facts;
    if (target === 'nova-agent') {
      // Without an agent that starts, nothing would configure the network.
      const starts = installedAgents.some((agent) => agent.services.some(({ state }) => state === 'enabled'));
      if (cloudInit.installed && starts) yield* await setNetwork(image, 'disabled');
      return;
    }
    // The same the other way round.
    if (!cloudInit.installed) return;
    const why = (starter: string): string =>
      `nova-agent starts at boot (${starter}), and is left alone without --agent disable or --agent remove`;
    if (agentStays(facts, agentFate, why)) return;
    yield* await setNetwork(image, 'enabled');
  },
});
