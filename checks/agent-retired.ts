import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { agentUnitStarters } from '../images/guest/agents/agent-unit-starters.js';
import { agentTraces } from '../images/guest/agents/traces.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';

export const agentRetired = defineCheck({
  meta: {
    id: 'agent-retired',
    title: 'nova-agent is disabled or removed, as --agent asks',
    failureTitle: 'nova-agent is not disabled or removed, as --agent asks',
    category: 'agent',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      starts: 'nova-agent starts at boot ({{by}}), but --agent disable was given',
      installed: 'nova-agent {{version}}is installed, but --agent remove was given',
      remains: '{{path}} was left behind by nova-agent, but --agent remove was given',
    },
    docs: {
      why: 'An image that cloud-init configures does not need nova-agent, and only one of them may configure the network. You decide whether an installed agent is disabled or removed, so this check applies only when you give `--agent disable` or `--agent remove`.',
      remedy:
        'Give `--target cloud-init --agent disable` or `--agent remove` to `hallmark prepare`. To do it by hand, run `systemctl disable python3-nova-agent` (or nova-agent), or remove its package. A 1.x agent that no package owns consists of /usr/share/nova-agent, /usr/sbin/nova-agent and its init script.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'systemctl(1), dpkg(1), rpm(8)', where: 'disable; --purge; --erase' },
      ],
    },
  },
  needs: { agentStarters, agentTraces, agentUnitStarters, installedAgents },
  appliesTo: (_, { agentFate }) =>
    agentFate !== undefined || '--agent was not given, so the agent is left alone',
  *run({ agentStarters, agentTraces, agentUnitStarters, installedAgents }, { agentFate }): Iterable<Finding> {
    if (agentFate === 'disable') {
      const enabled = installedAgents.flatMap(({ services }) =>
        services.filter(({ state }) => state === 'enabled'),
      );
      for (const { id, evidence } of enabled)
        yield { message: 'starts', data: { by: id }, evidence: evidence[0] };
      for (const { by, evidence } of agentUnitStarters) yield { message: 'starts', data: { by }, evidence };
      for (const evidence of agentStarters)
        yield { message: 'starts', data: { by: evidence.path }, evidence };
      return;
    }
    for (const { program, version } of installedAgents) {
      const data = { version: version === undefined ? '' : `${version} ` };
      yield { message: 'installed', data, evidence: { path: program } };
    }
    for (const evidence of agentStarters)
      yield { message: 'remains', data: { path: evidence.path }, evidence };
    if (installedAgents.length > 0) return;
    for (const path of agentTraces) yield { message: 'remains', data: { path }, evidence: { path } };
  },
});

export const example: Example = {
  guest: 'debian-12',
  agentFate: 'disable',
  bad: {
    files: {
      '/etc/systemd/system/multi-user.target.wants/nova-agent.service': {
        link: '/lib/systemd/system/nova-agent.service',
      },
    },
    says: ['nova-agent starts at boot (nova-agent.service), but --agent disable was given'],
  },
  good: { files: { '/etc/systemd/system/multi-user.target.wants/nova-agent.service': false } },
};
