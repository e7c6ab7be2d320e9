import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { type InitScript, type InitScripts, initScripts } from '../images/guest/init/init-scripts.js';
import { initModules } from '../images/guest/init/init-modules.js';
import { services } from '../images/guest/init/services.js';
import type { Service } from '../images/guest/init/service.js';
import type { LsbRole } from '../images/guest/init/sysv/dialect.js';
import { xe } from '../images/guest/agents/xe.js';
import { type Severity, defineCheck } from './lib/check.js';
import { lsbFaults } from './lib/lsb-faults.js';
import { allAbout, article, man } from './lib/references.js';

export const lsbHeaders = defineCheck({
  meta: {
    id: 'lsb-headers',
    title: 'the init scripts say rightly what they are and what they need',
    failureTitle: 'an init script’s LSB header is missing or wrong',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent'],
    messages: {
      'no-header': '{{script}} has no LSB header: insserv warns of missing LSB tags and does not link it',
      unclosed: '{{script}} has an LSB header without an end, which insserv calls broken',
      'wrong-provides':
        '{{script}} says that it provides "{{provides}}", so nothing that requires {{name}} finds it',
      'no-runlevels': '{{script}} does not say in which runlevels it is to start (Default-Start)',
      'not-required': '{{script}} does not require {{xe}} (Required-Start), which must be started before it',
      unsatisfied: '{{script}} requires {{facility}} (Required-Start), which no script provides',
    },
    docs: {
      why: 'insserv reads from the comment block between BEGIN INIT INFO and END INIT INFO what a script provides and what must be started before it, and numbers the start links accordingly. The nova-agent of the 1.x years came without such a block, so insserv had no reason to start the guest utilities first, and today’s insserv does not link it at all. The guest utilities’ old script says "Provides: XenServer Virtual Machine Tools", which insserv takes for three facilities of which none is the service: whoever requires xe-linux-distribution is then refused or loses the dependency. chkconfig and systemd go by the script’s name as well, so there the same faults do less harm.',
      remedy:
        'Put the block of the article "All About Nova-Agent" near the top of /etc/init.d/nova-agent, with the guest utilities’ service under its real name in Required-Start and Required-Stop, and correct the other script to `# Provides: xe-linux-distribution`. Then run `insserv xe-linux-distribution` and `insserv nova-agent`; on Enterprise Linux `chkconfig xe-linux-distribution on` and `chkconfig nova-agent on`.',
      references: [
        article(allAbout, 'Problem: insserv complains about missing LSB tags in the nova-agent service'),
        man('insserv(8)', 'INIT SCRIPT HEADERS'),
        man('Linux Standard Base', 'Comment Conventions for Init Scripts'),
      ],
    },
  },
  needs: { installedAgents, initScripts, services, xe },
  appliesTo({ installedAgents, services, xe }) {
    const ours = [
      ...installedAgents.flatMap((agent) => agent.services),
      ...servicesNamed(xe?.serviceNames ?? [], services),
    ];
    return ours.some(isScript) || 'neither nova-agent nor the guest utilities are started by an init script';
  },
  *run({ installedAgents, initScripts, services, xe }) {
    const severity = severities[initModules[services.system].lsbRole(initScripts.numbering)];
    const xeServices = servicesNamed(xe?.serviceNames ?? [], services);
    const agentServices = installedAgents.flatMap((agent) => agent.services);
    for (const script of scriptsOf(xeServices, initScripts)) {
      for (const fault of lsbFaults(script, initScripts, [])) yield { ...fault, severity };
    }
    for (const script of scriptsOf(agentServices, initScripts)) {
      for (const fault of lsbFaults(script, initScripts, xeServices)) yield { ...fault, severity };
    }
  },
});

function isScript({ origin }: Service): boolean {
  return origin === 'script';
}

function scriptsOf(from: readonly Service[], { all }: InitScripts): InitScript[] {
  return from.filter(isScript).flatMap(({ name }) => all.get(name) ?? []);
}

/** insserv obeys nothing but the header; the others have the script's name or number to go by. */
const severities: Readonly<Record<LsbRole, Severity>> = { order: 'error', advice: 'warning', hint: 'info' };
