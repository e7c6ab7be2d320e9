import { agents } from '../images/guest/agents/agents.js';
import { processes, processesOf } from '../images/live/processes.js';
import { runningSystem } from '../images/live/running-system.js';
import { os } from '../images/guest/os.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { allAbout, article, troubleshooting } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

/** The programs of the guest utilities that keep running; xe-linux-distribution writes its report and exits. */
const daemons = ['xe-daemon', 'xen-guest-agent'];

export const xeRunning = defineCheck({
  meta: {
    id: 'xe-running',
    title: 'the XenServer guest utilities are running',
    failureTitle: 'the XenServer guest utilities are not running',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'snapshot',
    live: true,
    messages: {
      'not-running': '{{name}} is installed, but no process runs {{programs}}',
    },
    docs: {
      why: 'nova-agent needs the guest utilities: on old kernels their service makes XenStore reachable, and they tell the hypervisor about addresses, memory and a clean shutdown. If they do not run here, they will most likely not run on a server built from the snapshot.',
      remedy:
        'Start the service by the name it has on this server: `systemctl start xe-linux-distribution` or `systemctl start xe-daemon`; `service xe-linux-distribution start`. On a kernel without /proc/xen it exits at once, without a message.',
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

export const example: Example = {
  guest: 'debian-12',
  bad: {
    running: { processes: [{ pid: 1, program: '/lib/systemd/systemd', args: [] }] },
    says: ['xe-daemon is installed, but no process runs xe-daemon or xen-guest-agent'],
  },
  good: {
    running: { processes: [{ pid: 640, program: '/usr/sbin/xe-daemon', args: [] }] },
  },
};
