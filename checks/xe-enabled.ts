import { servicesNamed } from '../images/guest/agents/agent-services.js';
import { agents } from '../images/guest/agents/agents.js';
import { os } from '../images/guest/os.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { bootState, bootStateMessages } from './lib/boot-state.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { allAbout, article, man, troubleshooting } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

export const xeEnabled = defineCheck({
  meta: {
    id: 'xe-enabled',
    title: 'the XenServer guest utilities start at boot',
    failureTitle: 'the XenServer guest utilities do not start at boot',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: bootStateMessages,
    docs: {
      why: 'nova-agent needs the service of the guest utilities (xe-linux-distribution, on newer distributions xe-daemon) to start first. On kernels before 3.3, and for every 1.x agent, this service makes XenStore reachable; without it the agent exits with "Couldn\'t open connection to the xenstore". A rescue that enables only nova-agent is incomplete.',
      remedy:
        'Enable the service by the name it has on the guest: `systemctl enable xe-linux-distribution` or `systemctl enable xe-daemon`; `chkconfig xe-linux-distribution on` (Enterprise Linux 6); `insserv xe-linux-distribution` (Debian with SysV init). Where the service is enabled and not started, the finding names the file and line that decides: take that line out, or make what it asks for.',
      references: [
        article(troubleshooting, 'nova-agent dependencies'),
        article(allAbout, 'Problem: nova-agent won’t start at boot'),
        man('systemctl(1)', 'enable'),
      ],
    },
  },
  needs: { agents, os, xe, services },
  appliesTo: ({ xe }) => xe !== undefined || 'no XenServer guest utilities are installed',
  async *run({ agents, os, xe, services }) {
    if (!xe) return;
    const severity = xeSeverity(agents, os);
    const candidates = servicesNamed(xe.serviceNames, services);
    for await (const finding of bootState(xe.name, candidates, xe.serviceNames, services)) {
      yield { ...finding, severity: finding.severity ?? severity };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service': false },
    says: ['xe-linux-distribution.service is installed but does not start at boot'],
  },
  good: {
    files: {
      '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service': {
        link: '/lib/systemd/system/xe-linux-distribution.service',
      },
    },
  },
};
