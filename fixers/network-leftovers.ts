import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { withoutLeftovers } from '../images/guest/network/leftovers.js';
import { persistentNames, withoutPersistentNames } from '../images/guest/network/persistent-names.js';
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
    docs: 'Comments out the stanzas of network cards in /etc/network/interfaces and the files that it includes, removes the network cards from netplan’s files other than the agent’s own, sets `autoconnect=false` in NetworkManager’s profiles and `ONBOOT=no` in ifcfg files, and removes .network files of systemd-networkd (those of a package are masked). Takes `network:` out of cloud-init’s own configuration, and `network-config=` off the kernel command line. Empties 70-persistent-net.rules. The loopback interface, tunnels, bridges, bonds and VLANs stay. For the target cloud-init it is done only once no nova-agent starts, because an agent would write them again.',
  },
  needs: { agentStarters, installedAgents, persistentNames },
  async *plan({ image, target, agentFate, facts }) {
    const why = 'nova-agent starts at boot and would write these addresses again';
    if (target === 'cloud-init' && agentStays(facts, agentFate, () => why)) return;
    yield* await withoutLeftovers(image, target);
    if (facts.persistentNames.length > 0) yield* await withoutPersistentNames(image);
  },
});
