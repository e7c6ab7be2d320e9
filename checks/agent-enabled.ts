import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStoppers } from '../images/guest/agents/agent-stoppers.js';
import { type AgentStart, agentStart } from '../images/guest/agents/agent-start.js';
import { services } from '../images/guest/init/services.js';
import { bootState, bootStateMessages } from './lib/boot-state.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { preferredAgent } from './lib/preferred-agent.js';
import { article, man, troubleshooting } from './lib/references.js';
import { named } from './lib/words.js';

export const agentEnabled = defineCheck({
  meta: {
    id: 'agent-enabled',
    title: 'nova-agent starts at boot',
    failureTitle: 'nova-agent does not start at boot',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      ...bootStateMessages,
      'stopped-by': '{{path}} stops nova-agent again: {{command}}',
      'by-script':
        '{{path}} starts nova-agent at the end of the boot: nothing orders it after the guest utilities, and nothing restarts it when it dies',
      'by-cron':
        'cron starts nova-agent by {{path}}: nothing orders it after the guest utilities, and nothing restarts it when it dies',
      'by-inittab': 'init starts nova-agent by {{path}}: nothing orders it after the guest utilities',
      'by-unit':
        '{{unit}} starts {{service}}, which is not enabled itself ({{because}}): nothing orders it after the guest utilities',
      'by-first-boot':
        '{{service}} is not enabled yet: only the first boot of a server enables it, because {{because}} and no preset file forbids it',
    },
    docs: {
      why: 'The cloud talks to the agent during the first boot of a new server. If the agent is installed but does not start, the server keeps the addresses and the password of the image. Some packages leave the agent disabled (the 2.x RPM uses a macro for user units, so installing it enables nothing). insserv refuses to link a script without an LSB header. And linked is not yet started: a condition that does not hold, a unit that excludes it or that it needs, a target that no boot reaches, or an init script that ends early keeps an enabled service from running. A line of rc.local or of cron, or another service of the boot, can stop it again.',
      remedy:
        'Enable the service: `systemctl enable python3-nova-agent` (Debian and Ubuntu; older packages call it nova-agent), `systemctl enable nova-agent` (Enterprise Linux 7 and later), `chkconfig nova-agent on` (Enterprise Linux 6), `insserv nova-agent` (Debian with SysV init). Unmask a masked unit first: `systemctl unmask nova-agent`. All of these also work in a chroot of a mounted image. Where the service is enabled and not started, the finding names the file and line that decides: take that line out (of a vendor’s unit by a copy in /etc/systemd/system, since a drop-in cannot take back Conflicts= or Requires=; an empty `ConditionPathExists=` in a drop-in takes back every condition), or make what it asks for. `systemctl enable` does not help where the unit names a target that no boot reaches: link it below multi-user.target.',
      references: [
        article(troubleshooting, 'Start and enable nova-agent on Linux servers'),
        article(troubleshooting, 'Rescue Mode on a Linux Server'),
        man('systemctl(1)', 'enable, unmask'),
        man('insserv(8)', 'DESCRIPTION'),
      ],
    },
  },
  needs: { agentStart, agentStoppers, installedAgents, services },
  appliesTo: ({ installedAgents }) => installedAgents.length > 0 || 'no nova-agent is installed',
  async *run({ agentStart: start, agentStoppers, installedAgents, services }) {
    const enabled = installedAgents.filter((agent) =>
      agent.services.some(({ state }) => state === 'enabled'),
    );
    for (const { command, certain, path, line } of agentStoppers) {
      const severity = certain ? 'error' : 'warning';
      yield { message: 'stopped-by', severity, data: { path, command }, evidence: { path, line } };
    }
    if (start && start.by !== 'service') {
      yield { ...byOther(start), severity: 'warning', evidence: start.evidence };
      return;
    }
    const agent = enabled[0] ?? preferredAgent(installedAgents);
    if (!agent) return;
    const own = enabled.length > 0 ? enabled.flatMap((each) => each.services) : agent.services;
    yield* bootState(named(agent), own, agent.serviceNames, services);
  },
});

/** What starts the agent in place of its own service. */
function byOther(start: Exclude<AgentStart, { by: 'service' }>): Pick<Finding, 'message' | 'data'> {
  switch (start.by) {
    case 'unit': {
      const { unit, service, because } = start;
      return { message: 'by-unit', data: { unit, service: service.id, because } };
    }
    case 'first-boot':
      return {
        message: 'by-first-boot',
        data: { service: start.service.id, because: start.because },
      };
    case 'rc.local':
      return { message: 'by-script', data: { path: start.evidence.path } };
    case 'cron':
      return { message: 'by-cron', data: { path: start.evidence.path } };
    case 'inittab':
      return { message: 'by-inittab', data: { path: start.evidence.path } };
  }
}

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/systemd/system/multi-user.target.wants/nova-agent.service': false },
    says: ['nova-agent.service is installed but does not start at boot'],
  },
  good: {
    files: {
      '/etc/systemd/system/multi-user.target.wants/nova-agent.service': {
        link: '/lib/systemd/system/nova-agent.service',
      },
    },
  },
};
