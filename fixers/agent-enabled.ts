import { preferredAgent } from '../checks/lib/preferred-agent.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { installedAgents } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { defineFixer } from './lib/fixer.js';

export const agentEnabled = defineFixer({
  meta: {
    id: 'agent-enabled',
    title: 'Start nova-agent at boot',
    risk: 'safe',
    phase: 'enable',
    // insserv links a script only when the scripts that it requires are linked.
    after: ['xe-enabled'],
    docs: 'Unmasks and enables the service of nova-agent, with the links that `systemctl enable`, `insserv` or `chkconfig` would make. A unit that names no target, or one that no boot reaches, is linked below multi-user.target, where it starts with the others; an init script that cannot be executed is made executable. Of two installed agents it enables one: the newer generation first, if it has everything it needs to run.',
  },
  needs: { agentStarters, installedAgents, services },
  async *plan({ facts: { agentStarters, installedAgents, services } }) {
    // Beside an agent that some script starts, an enabled service would be a second one.
    if (agentStarters.length > 0) return;
    if (installedAgents.some((agent) => agent.services.some(({ state }) => state === 'enabled'))) return;
    const service = preferredAgent(installedAgents)?.services[0];
    if (service) yield* await services.enable(service);
  },
});
