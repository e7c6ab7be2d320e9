import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import type { BootEdge } from '../images/guest/init/boot-graph.js';
import type { Evidence } from '../images/guest/evidence.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, article, man } from './lib/references.js';

/** What a boot may not lose, whichever agent it has. */
const cloudInitAndNetwork =
  /^(?:cloud-(?:init.*|config|final)(?:\.service|\.target)?|network-online\.target)$/;

export const bootCycles = defineCheck({
  meta: {
    id: 'boot-cycles',
    title: 'the boot order has no circle through the agent, the guest utilities, cloud-init or the network',
    failureTitle: 'the boot order goes in a circle',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    messages: { cycle: 'these wait for each other: {{circle}}' },
    docs: {
      why: 'When services wait for each other in a circle, systemd deletes the start of one of them from the boot, and not necessarily the one that is least needed: commonly cloud-init or network-online.target. The server then comes up without a network or without its first-boot configuration, and only the journal says why. The usual cause is a well-meant drop-in that puts nova-agent after the guest utilities. insserv refuses to link scripts that depend on each other in a circle.',
      remedy:
        'Find the one edge of the circle that nothing needs, at the files and lines named here, and remove it: mostly a drop-in in /etc/systemd/system/NAME.service.d. An empty `After=` in a drop-in does not take back what the unit says; replace the unit by a copy in /etc/systemd/system instead. `systemd-analyze verify default.target` shows whether a circle is left.',
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
    const ours = [
      ...installedAgents.flatMap((agent) => agent.services),
      ...servicesNamed(xe?.serviceNames ?? [], services),
    ];
    const others = services.all.map(({ id }) => id).filter((id) => cloudInitAndNetwork.test(id));
    const through = [
      ...new Set([...ours.map(({ id }) => id), ...others, 'cloud-init.target', 'network-online.target']),
    ];
    for (const circle of await services.cycles(through)) {
      const evidence = likeliest(circle);
      yield { message: 'cycle', data: { circle: inWords(circle) }, ...(evidence ? { evidence } : {}) };
    }
  },
});

/** The line to look at first: what somebody wrote on this server (/etc), before what packages brought. */
function likeliest(circle: readonly BootEdge[]): Evidence | undefined {
  const places = circle.map(({ evidence }) => evidence).filter((evidence) => evidence !== undefined);
  return places.find(({ path }) => path.startsWith('/etc/')) ?? places[0];
}

/** "a before b (After=a in /x:3), b before a (default dependency)". */
function inWords(circle: readonly BootEdge[]): string {
  return circle
    .map(({ first, then, because, evidence }) => {
      const line = evidence?.line === undefined ? '' : `:${evidence.line}`;
      return `${first} before ${then} (${because}${evidence ? ` in ${evidence.path}${line}` : ''})`;
    })
    .join(', ');
}
