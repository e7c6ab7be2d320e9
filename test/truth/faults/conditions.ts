import { agentUnit } from '../guests.js';
import { rowsOf } from '../row.js';

export const conditions = rowsOf('conditions', [
  {
    id: 'path-exists-fails',
    on: ['debian11', 'debian12', 'debian13'],
    what: 'a drop-in wants a file to be absent that is there',
    put: (root) => root.dropIn(agentUnit, '[Unit]', 'ConditionPathExists=!/etc/nova-agent.off').put('/etc/nova-agent.off', ''),
    is: 'broken',
    speaks: ['agent-enabled'],
    says: /ConditionPathExists/,
  },
]);
