import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStarters } from '../images/guest/agents/agent-starters.js';
import { agentTraces } from '../images/guest/agents/traces.js';
import { type Finding, defineCheck } from './lib/check.js';
import { agentArticle, article } from './lib/references.js';

export const agentRetired = defineCheck({
  meta: {
    id: 'agent-retired',
    title: 'nova-agent is out of the way, as was asked',
    failureTitle: 'nova-agent is not out of the way',
    category: 'agent',
    severity: 'error',
    targets: ['cloud-init'],
    messages: {
      starts: 'nova-agent starts at boot ({{by}}), and was to be disabled',
      installed: 'nova-agent {{version}}is installed, and was to be removed',
      remains: '{{path}} is left of nova-agent, which was to be removed',
    },
    docs: {
      why: 'An image that cloud-init owns does without nova-agent, and two owners of the network are one too many. Whether an agent that is there is disabled or removed is for a person to say, so this is asked only of an image of which somebody said it: with `--agent disable` or `--agent remove`.',
      remedy:
        'Say `--target cloud-init --agent disable` or `--agent remove` to `hallmark prepare`. By hand, `systemctl disable python3-nova-agent` (or nova-agent), or remove its package; a 1.x agent that no package owns is /usr/share/nova-agent, /usr/sbin/nova-agent and its init script.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'systemctl(1), dpkg(1), rpm(8)', where: 'disable; --purge; --erase' },
      ],
    },
  },
  needs: { agentStarters, agentTraces, installedAgents },
  appliesTo: (_, { agentFate }) =>
    agentFate !== undefined || 'nobody said that an agent is to be disabled or removed',
  *run({ agentStarters, agentTraces, installedAgents }, { agentFate }): Iterable<Finding> {
    if (agentFate === 'disable') {
      const enabled = installedAgents.flatMap(({ services }) =>
        services.filter(({ state }) => state === 'enabled'),
      );
      for (const { id, evidence } of enabled)
        yield { message: 'starts', data: { by: id }, ...(evidence[0] ? { evidence: evidence[0] } : {}) };
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
