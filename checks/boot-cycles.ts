import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import type { BootEdge } from '../images/guest/init/boot-graph.js';
import type { Evidence } from '../images/guest/evidence.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article, man } from './lib/references.js';

/** What a boot may not lose, whichever agent it has. */
const cloudInitAndNetwork =
  /^(?:cloud-(?:init.*|config|final)(?:\.service|\.target)?|network-online\.target)$/;

export const bootCycles = defineCheck({
  meta: {
    id: 'boot-cycles',
    title: 'no ordering cycle involves the agent, the guest utilities, cloud-init or the network',
    failureTitle: 'the boot order has a cycle',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: { cycle: 'these wait for each other: {{circle}}' },
    docs: {
      why: 'When services wait for each other in a cycle, systemd removes one of them from the boot. It does not choose the least important one; often it is cloud-init or network-online.target. The server then comes up without a network or without its first-boot configuration, and only the journal says why. The usual cause is a drop-in that puts nova-agent after the guest utilities. insserv refuses to link scripts that form a cycle.',
      remedy:
        'The finding names the file and line of each edge of the cycle. Remove the edge that nothing needs, mostly a drop-in in /etc/systemd/system/NAME.service.d. An empty `After=` in a drop-in does not cancel what the unit says; replace the unit by a copy in /etc/systemd/system instead. Run `systemd-analyze verify default.target` to see whether a cycle is left.',
      references: [
        article(agentArticle, 'What does nova-agent require?'),
        man('systemd-analyze(1)', 'verify'),
        man('systemd.unit(5)', 'Before=, After='),
        man('insserv(8)', 'DIAGNOSTICS'),
      ],
    },
  },
  needs: { installedAgents, services, xe },
  async *run({ installedAgents, services, xe }) {
    const agents = installedAgents.flatMap((agent) => agent.services);
    const tools = servicesNamed(xe?.serviceNames ?? [], services);
    const ours = [...agents, ...tools];
    const ids = new Set(ours.map(({ id }) => id));
    const others = services.all.map(({ id }) => id).filter((id) => cloudInitAndNetwork.test(id));
    const through = [
      ...new Set([...ours.map(({ id }) => id), ...others, 'cloud-init.target', 'network-online.target']),
    ];
    for (const cycle of await services.cycles(through)) {
      // The data keeps its name: fingerprints, and so waivers, are made of it.
      const byHand = agents.length === 0 || tools.length === 0 || !cycle.some(({ first }) => ids.has(first));
      yield { message: 'cycle', data: { circle: inWords(cycle) }, evidence: likeliest(cycle), byHand };
    }
  },
});

/** The line to look at first: what an administrator wrote (/etc), before what packages installed. */
function likeliest(cycle: readonly BootEdge[]): Evidence | undefined {
  const places = cycle.map(({ evidence }) => evidence).filter((evidence) => evidence !== undefined);
  return places.find(({ path }) => path.startsWith('/etc/')) ?? places[0];
}

/** "a before b (After=a in /x:3), b before a (default dependency)". */
function inWords(cycle: readonly BootEdge[]): string {
  return cycle
    .map(({ first, then, because, evidence }) => {
      const line = evidence?.line === undefined ? '' : `:${evidence.line}`;
      return `${first} before ${then} (${because}${evidence ? ` in ${evidence.path}${line}` : ''})`;
    })
    .join(', ');
}

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/lib/systemd/system/xe-linux-distribution.service':
        '[Unit]\nAfter=network-online.target\nWants=network-online.target\n\n[Service]\nExecStart=/usr/sbin/xe-daemon\n\n[Install]\nWantedBy=multi-user.target\n',
    },
    says: [
      'these wait for each other: nova-agent.service before network-online.target (Before=network-online.target in /lib/systemd/system/nova-agent.service:5), network-online.target before xe-linux-distribution.service (After=network-online.target in /lib/systemd/system/xe-linux-distribution.service:2), xe-linux-distribution.service before nova-agent.service (After=xe-linux-distribution.service in /etc/systemd/system/nova-agent.service.d/after-xe.conf:2)',
    ],
  },
  good: {
    files: {
      '/lib/systemd/system/xe-linux-distribution.service':
        '[Service]\nExecStart=/usr/sbin/xe-daemon\n\n[Install]\nWantedBy=multi-user.target\n',
    },
  },
};
