import { installedAgents } from '../images/guest/agents/agent-services.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineFixer } from './lib/fixer.js';
import { putXeBeforeAgents } from './lib/put-before.js';

export const bootCycles = defineFixer({
  meta: {
    id: 'boot-cycles',
    title: 'Order nova-agent and the guest utilities without a cycle',
    risk: 'reviewed',
    phase: 'order',
    // Whether a cycle is left can be judged only once the order stands.
    after: ['xe-ordering'],
    docs: 'The usual cause of a cycle is a drop-in that puts nova-agent after the guest utilities while cloud-init or network-online.target stand between them. The repair orders the two as for xe-ordering, in a way that leaves no cycle. It reports cycles among other services and leaves them alone.',
  },
  needs: { installedAgents, services, xe },
  async *plan({ image, facts }) {
    yield* await putXeBeforeAgents(image, facts);
  },
});
