import { installedAgents } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineFixer } from './lib/fixer.js';
import { putXeBeforeAgents } from './lib/put-before.js';

export const bootCycles = defineFixer({
  meta: {
    id: 'boot-cycles',
    title: 'Order nova-agent and the guest utilities without a circle',
    risk: 'reviewed',
    docs: 'A circle through nova-agent and the guest utilities commonly comes from a drop-in that puts the one after the other while cloud-init or network-online.target stand between them. The order is then made as for xe-ordering, in a way that leaves no circle. Circles among other services are shown, and left to a person.',
  },
  needs: { installedAgents, services, xe },
  async *plan({ image, facts }) {
    yield* await putXeBeforeAgents(image, facts);
  },
});
