import { installedAgents } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineFixer } from './lib/fixer.js';
import { putXeBeforeAgents } from './lib/put-before.js';

export const xeOrdering = defineFixer({
  meta: {
    id: 'xe-ordering',
    title: 'Start the guest utilities before nova-agent',
    risk: 'safe',
    phase: 'order',
    docs: 'Orders the two services: under SysV init by header and number, under systemd by drop-ins or, where those would make a cycle with cloud-init or network-online.target, by starting the guest utilities earlier. Each candidate is checked on the boot graph before it is proposed, so none adds a cycle; if none works, nothing is changed.',
  },
  needs: { installedAgents, services, xe },
  async *plan({ image, facts }) {
    yield* await putXeBeforeAgents(image, facts);
  },
});
