import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { os } from '../images/guest/os.js';
import { services } from '../images/guest/init/services.js';
import type { Ordering, Service } from '../images/guest/init/service.js';
import { xe } from '../images/guest/agents/xe.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, allAbout, article, man, troubleshooting } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

export const xeOrdering = defineCheck({
  meta: {
    id: 'xe-ordering',
    title: 'the guest utilities start before nova-agent',
    failureTitle: 'nova-agent may start before the guest utilities',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'not-started': '{{agent}} starts at boot, but {{xe}}, which must start before it, does not',
      after: 'in {{graph}}, {{agent}} starts before {{xe}}: {{because}}',
      unordered: 'in {{graph}}, nothing makes {{xe}} start before {{agent}}: {{because}}',
    },
    docs: {
      why: 'The service of the guest utilities must start before nova-agent: on kernels before 3.3, and for every 1.x agent, XenStore is not reachable earlier. The order often depends on chance. Under SysV init, two scripts with the same number start in alphabetical order or at the same time, and insserv drops a dependency on a facility that no script provides. The systemd units of the 2.x agent do not mention the guest utilities at all. On newer kernels a 2.x agent survives the wrong order, so the finding is a warning there.',
      remedy:
        'Under SysV init, add the service of the guest utilities to Required-Start in nova-agent’s LSB header and enable both again (`insserv xe-linux-distribution; insserv nova-agent`); with chkconfig the numbers are 14 and 15. Under systemd, do not just add `After=xe-linux-distribution.service` to the agent. The agent starts before cloud-init and network-online.target, and the guest utilities by default after both, so that makes a cycle, and systemd removes one of the services from the boot. Let the guest utilities start early as well (DefaultDependencies=no, After=systemd-remount-fs.service), and check the result with `systemd-analyze verify`.',
      references: [
        article(agentArticle, 'What does nova-agent require?'),
        article(troubleshooting, 'nova-agent dependencies'),
        article(allAbout, 'Problem: insserv complains about missing LSB tags in the nova-agent service'),
        man('systemd.unit(5)', 'Before=, After=, DefaultDependencies='),
        man('insserv(8)', 'DESCRIPTION'),
      ],
    },
  },
  needs: { installedAgents, os, services, xe },
  appliesTo({ installedAgents, xe }) {
    if (!xe) return 'no XenServer guest utilities are installed';
    if (installedAgents.length === 0) return 'no nova-agent is installed';
    return installedAgents.some((agent) => agent.services.some(starts)) || 'no nova-agent is started at boot';
  },
  async *run({ installedAgents, os, services, xe }) {
    const severity = xeSeverity(installedAgents, os);
    const candidates = servicesNamed(xe?.serviceNames ?? [], services);
    const first = candidates.find(starts);
    for (const agent of installedAgents.flatMap((each) => each.services).filter(starts)) {
      if (!first) {
        const names = { agent: agent.id, xe: candidates[0]?.id ?? xe?.name ?? '' };
        yield {
          message: 'not-started',
          severity,
          data: names,
          evidence: agent.evidence[0] ?? { path: agent.path },
        };
        continue;
      }
      const orderings = await services.order(first, agent);
      for (const alike of grouped(orderings.filter(({ verdict }) => verdict !== 'before'))) {
        yield { ...wrong(alike, first, agent), severity };
      }
    }
  },
});

function starts({ state }: Service): boolean {
  return state === 'enabled';
}

/** Joins the orderings that are wrong in the same way: most guests have the same order in every runlevel. */
function grouped(orderings: readonly Ordering[]): Ordering[] {
  const groups = new Map<string, Ordering>();
  for (const ordering of orderings) {
    const way = `${ordering.verdict} ${ordering.because.replaceAll(ordering.graph, '')}`;
    const alike = groups.get(way);
    groups.set(way, alike ? { ...alike, graph: `${alike.graph}, ${ordering.graph}` } : ordering);
  }
  return [...groups.values()];
}

function wrong({ graph, verdict, evidence, because }: Ordering, first: Service, agent: Service): Finding {
  const data = { graph, xe: first.id, agent: agent.id, because };
  return { message: verdict, data, evidence: evidence[0] ?? { path: agent.path } };
}

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/systemd/system/nova-agent.service.d/after-xe.conf': false },
    says: [
      'in default.target, nothing makes xe-linux-distribution.service start before nova-agent.service: nothing orders xe-linux-distribution.service and nova-agent.service',
    ],
  },
  good: {
    files: {
      '/etc/systemd/system/nova-agent.service.d/after-xe.conf':
        '[Unit]\nAfter=xe-linux-distribution.service\n',
    },
  },
};
