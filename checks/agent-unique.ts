import { installedAgents } from '../images/guest/agents/agent-services.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';
import { named } from './lib/words.js';

export const agentUnique = defineCheck({
  meta: {
    id: 'agent-unique',
    title: 'only one nova-agent is installed and started',
    failureTitle: 'more than one nova-agent is installed or started',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      race: '{{first}} and {{second}} both start a nova-agent at boot; the two compete for the same requests',
      'left-over': '{{first}} and {{second}} are both installed; start only one of them',
    },
    docs: {
      why: 'Every nova-agent watches the same place in XenStore and deletes a request before answering it. Two agents take requests from each other: one does the key exchange, the other gets the password and cannot decrypt it. The two generations keep their programs in different directories (/usr/sbin and /usr/bin) and their packages do not conflict, so a 2.x agent installed over a 1.x one leaves both in place.',
      remedy:
        'Choose one first. Then disable and remove the other: `systemctl disable --now` or `update-rc.d NAME remove` for its service, then its package or, for 1.x, /usr/share/nova-agent, /usr/sbin/nova-agent and /etc/init.d/nova-agent. Do not replace an agent that works: changing from 1.x to 2.x gains nothing.',
      references: [
        article(agentArticle, 'FreeBSD and Linux only: Nova-agent 2.x branch vs 1.x branch'),
        article(agentArticle, 'Installing nova-agent on Linux'),
      ],
    },
  },
  needs: { installedAgents },
  appliesTo: ({ installedAgents }) => installedAgents.length > 0 || 'no nova-agent is installed',
  *run({ installedAgents }) {
    const started = new Map(
      installedAgents.flatMap(({ services }) => services).map((service) => [service.id, service]),
    );
    const [first, ...others] = [...started.values()].filter(({ state }) => state === 'enabled');
    for (const second of others) {
      const evidence = second.evidence[0] ?? { path: second.path };
      yield { message: 'race', data: { first: first?.id ?? '', second: second.id }, evidence };
    }
    const [one, ...more] = installedAgents;
    if (others.length > 0 || !one) return;
    for (const other of more) {
      const data = { first: `${named(one)} (${one.program})`, second: `${named(other)} (${other.program})` };
      yield { message: 'left-over', severity: 'warning', data, evidence: { path: other.program } };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/lib/systemd/system/python3-nova-agent.service':
        '[Service]\nExecStart=/usr/bin/nova-agent\n\n[Install]\nWantedBy=multi-user.target\n',
      '/etc/systemd/system/multi-user.target.wants/python3-nova-agent.service': {
        link: '/lib/systemd/system/python3-nova-agent.service',
      },
    },
    says: [
      'python3-nova-agent.service and nova-agent.service both start a nova-agent at boot; the two compete for the same requests',
    ],
  },
  good: {
    files: {
      '/lib/systemd/system/python3-nova-agent.service': false,
      '/etc/systemd/system/multi-user.target.wants/python3-nova-agent.service': false,
    },
  },
};
