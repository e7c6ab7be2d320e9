import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { withoutLeftovers } from '../images/guest/cloud-init/leftovers.js';
import { agentStays } from './lib/agent-stays.js';
import { defineFixer } from './lib/fixer.js';

export const networkLeftoversFixer = defineFixer({
  meta: {
    id: 'network-leftovers',
    title: 'Remove the network configuration of the original server',
    risk: 'reviewed',
    phase: 'network-owner',
    // What the agent wrote goes only once the network is no longer its own.
    after: ['network-owner'],
    docs: 'Comments out the stanzas of network cards in /etc/network/interfaces and the files that it includes, and removes the network cards from netplan’s files other than 50-cloud-init.yaml. The loopback interface, tunnels, bridges, bonds and VLANs stay. Done only for the target cloud-init, and only once no nova-agent starts, because an agent would write them again.',
  },
  needs: { agentStarters, installedAgents },
  async *plan({ image, agentFate, facts }) {
    const why = 'nova-agent starts at boot and would write these addresses again';
    if (agentStays(facts, agentFate, () => why)) return;
    yield* await withoutLeftovers(image);
  },
});
