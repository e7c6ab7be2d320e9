import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { type InitScript, type InitScripts, initScripts } from '../images/guest/init/init-scripts.js';
import { initModules } from '../images/guest/init/init-modules.js';
import { services } from '../images/guest/init/services.js';
import type { Service } from '../images/guest/init/service.js';
import type { LsbRole } from '../images/guest/init/sysv/dialect.js';
import { customaryXeServices, xe } from '../images/guest/agents/xe.js';
import { os } from '../images/guest/os.js';
import { type Finding, type Severity, atLeast, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { lsbFaults } from './lib/lsb-faults.js';
import { allAbout, article, man } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

export const lsbHeaders = defineCheck({
  meta: {
    id: 'lsb-headers',
    title: 'the init scripts have correct LSB headers',
    failureTitle: 'an init script’s LSB header is missing or wrong',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      'no-header': '{{script}} has no LSB header: insserv warns about missing LSB tags and does not link it',
      unclosed: '{{script}} has an LSB header without an end; insserv calls it broken',
      'wrong-provides': '{{script}} provides "{{provides}}", so scripts that require {{name}} do not find it',
      'no-runlevels': '{{script}} does not name the runlevels in which it starts (Default-Start)',
      'not-required': '{{script}} does not require {{xe}} (Required-Start), which must start before it',
      unsatisfied: '{{script}} requires {{facility}} (Required-Start), which no script provides',
    },
    docs: {
      why: 'The comment block between BEGIN INIT INFO and END INIT INFO says what a script provides and what must start before it; insserv numbers the start links accordingly. The script of nova-agent 1.x came without such a block, so insserv had no reason to start the guest utilities first, and today’s insserv does not link the script at all. The old script of the guest utilities says "Provides: XenServer Virtual Machine Tools". insserv reads that as several facilities, none of which is the service, so a script that requires xe-linux-distribution is refused or loses the dependency. chkconfig and systemd also use the script’s name, so the same faults do less harm there. A 2.x agent on a kernel of 3.3 or later works without the guest utilities, so a script that does not require them is a warning.',
      remedy:
        'Put the block from the article "All About Nova-Agent" near the top of /etc/init.d/nova-agent, and name the guest utilities’ service, as it is called on this guest, in Required-Start and Required-Stop. Correct the other script to `# Provides: xe-linux-distribution`. Then run `insserv xe-linux-distribution` and `insserv nova-agent`; on Enterprise Linux `chkconfig xe-linux-distribution on` and `chkconfig nova-agent on`.',
      references: [
        article(allAbout, 'Problem: insserv complains about missing LSB tags in the nova-agent service'),
        man('insserv(8)', 'INIT SCRIPT HEADERS'),
        man('Linux Standard Base', 'Comment Conventions for Init Scripts'),
      ],
    },
  },
  needs: { installedAgents, initScripts, os, services, xe },
  appliesTo({ installedAgents, services, xe }) {
    const ours = [
      ...installedAgents.flatMap((agent) => agent.services),
      ...servicesNamed(xe?.serviceNames ?? [], services),
    ];
    return ours.some(isScript) || 'no init script starts nova-agent or the guest utilities';
  },
  *run({ installedAgents, initScripts, os, services, xe }) {
    const severity = severities[initModules[services.system].lsbRole(initScripts.numbering)];
    const xeServices = servicesNamed(xe?.serviceNames ?? [], services);
    const agentServices = installedAgents.flatMap((agent) => agent.services);
    for (const script of scriptsOf(xeServices, initScripts)) {
      for (const fault of lsbFaults(script, initScripts, [])) yield { ...fault, severity };
    }
    for (const script of scriptsOf(agentServices, initScripts)) {
      for (const fault of lsbFaults(script, initScripts, xeServices)) {
        const own = isOfXe(fault, xe !== undefined) ? xeSeverity(installedAgents, os) : severity;
        yield { ...fault, severity: atLeast(own, severity) ? severity : own };
      }
    }
  },
});

/**
 * That the guest utilities are not installed, or not first, is one fact: it weighs here what it weighs in xe-installed
 * and xe-ordering.
 */
function isOfXe({ message, data }: Finding, installed: boolean): boolean {
  if (message === 'not-required') return true;
  return !installed && message === 'unsatisfied' && customaryXeServices.includes(String(data?.['facility']));
}

function isScript({ origin }: Service): boolean {
  return origin === 'script';
}

function scriptsOf(from: readonly Service[], { all }: InitScripts): InitScript[] {
  return from.filter(isScript).flatMap(({ name }) => all.get(name) ?? []);
}

/** insserv obeys nothing but the header; the others have the script's name or number to go by. */
const severities: Readonly<Record<LsbRole, Severity>> = { order: 'error', advice: 'warning', hint: 'info' };

export const example: Example = {
  guest: 'debian-6',
  bad: {
    files: { '/etc/init.d/nova-agent': '#!/bin/sh\nexec /usr/sbin/nova-agent\n' },
    says: [
      '/etc/init.d/nova-agent has no LSB header: insserv warns about missing LSB tags and does not link it',
    ],
  },
  good: {
    files: {
      '/etc/init.d/nova-agent': [
        '#!/bin/sh',
        '### BEGIN INIT INFO',
        '# Provides:          nova-agent',
        '# Required-Start:    xe-linux-distribution $remote_fs $syslog',
        '# Required-Stop:     xe-linux-distribution $remote_fs $syslog',
        '# Default-Start:     2 3 4 5',
        '# Default-Stop:      0 1 6',
        '### END INIT INFO',
        'exec /usr/sbin/nova-agent',
        '',
      ].join('\n'),
    },
  },
};
