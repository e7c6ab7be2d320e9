import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { withoutLeftovers } from '../images/guest/cloud-init/leftovers.js';
import { agentStays } from './lib/agent-stays.js';
import { defineFixer } from './lib/fixer.js';

export const networkLeftoversFixer = defineFixer({
  meta: {
    id: 'network-leftovers',
    title: 'Take out the addresses of the server that the image was taken from',
    risk: 'reviewed',
    docs: 'Turns the stanzas of network cards in /etc/network/interfaces and what it takes in into comments, and takes the network cards out of netplan’s files other than 50-cloud-init.yaml. The loopback interface, tunnels, bridges, bonds and VLANs stay. Only for the target cloud-init, and only once no nova-agent starts, which would write them again.',
  },
  needs: { agentStarters, installedAgents },
  async *plan({ image, agentFate, facts }) {
    const why = 'nova-agent starts at boot, and would write these addresses again';
    if (agentStays(facts, agentFate, () => why)) return;
    yield* await withoutLeftovers(image);
  },
});
