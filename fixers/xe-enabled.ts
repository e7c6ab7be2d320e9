import { servicesNamed } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineFixer } from './lib/fixer.js';

export const xeEnabled = defineFixer({
  meta: {
    id: 'xe-enabled',
    title: 'Start the guest utilities at boot',
    risk: 'safe',
    phase: 'enable',
    docs: 'Unmasks and enables the service of the guest utilities by the name it has on the guest (xe-linux-distribution, xe-daemon …), with the links that `systemctl enable`, `insserv` or `chkconfig` would make. A unit that names no target, or one that no boot reaches, is linked below multi-user.target, where it starts with the others; an init script that cannot be executed is made executable.',
  },
  needs: { services, xe },
  async *plan({ facts: { services, xe } }) {
    const candidates = servicesNamed(xe?.serviceNames ?? [], services);
    const [service] = candidates;
    if (!service || candidates.some(({ state }) => state === 'enabled')) return;
    yield* await services.enable(service);
  },
});
