import { agents } from '../images/guest/agents/agents.js';
import { processes, processesOf } from '../images/live/processes.js';
import { runningSystem } from '../images/live/running-system.js';
import { os } from '../images/guest/os.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineCheck } from './lib/check.js';
import { allAbout, article, troubleshooting } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

/** The programs of the guest utilities that stay; xe-linux-distribution writes what it has to say and ends. */
const daemons = ['xe-daemon', 'xen-guest-agent'];

export const xeRunning = defineCheck({
  meta: {
    id: 'xe-running',
    title: 'the XenServer guest utilities are running',
    failureTitle: 'the XenServer guest utilities are not running',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    live: true,
    messages: {
      'not-running': '{{name}} is installed, but no process runs {{programs}}',
    },
    docs: {
      why: 'nova-agent relies on the guest utilities: on old kernels it is their service that makes XenStore reachable, and it is they that tell the hypervisor of addresses, memory and a clean way to shut down. If they do not run here, they will most likely not run on a server that is built from the snapshot.',
      remedy:
        'Start the service under the name that the server has: `systemctl start xe-linux-distribution` or `systemctl start xe-daemon`; `service xe-linux-distribution start`. It ends at once, without a word, where the kernel has no /proc/xen.',
      references: [
        article(troubleshooting, 'nova-agent dependencies'),
        article(allAbout, 'xe-linux-distribution'),
      ],
    },
  },
  needs: { agents, os, processes, runningSystem, xe },
  appliesTo: ({ runningSystem, xe }) => {
    if (runningSystem !== true) return runningSystem;
    return xe !== undefined || 'no XenServer guest utilities are installed';
  },
  *run({ agents, os, processes, xe }) {
    if (!xe || daemons.some((name) => processesOf(processes, name).length > 0)) return;
    yield {
      message: 'not-running',
      severity: xeSeverity(agents, os),
      data: { name: xe.name, programs: daemons.join(' or ') },
      evidence: { path: xe.evidence },
    };
  },
});
