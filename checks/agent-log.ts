import { agentLogs } from '../images/guest/agents/agent-log.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { logSignatures, matching } from './lib/log-signatures.js';
import { agentArticle, allAbout, article } from './lib/references.js';

export const agentLog = defineCheck({
  meta: {
    id: 'agent-log',
    title: 'the logs in the image show no known fault',
    failureTitle: 'a log shows a known fault',
    category: 'agent',
    severity: 'warning',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      ...Object.fromEntries(logSignatures.map(({ id, meaning }) => [id, `${meaning}{{repeated}}`])),
      unread: 'the log was not read: {{reason}}',
    },
    docs: {
      why: 'A fault that happened on this server will happen on every server built from the image, as long as its cause is in the image. The logs of the agent, the kernel, systemd and insserv have a known line for each of these faults. The line may be older than the repair, so the finding is a warning. Logs are usually emptied before an image is taken, so a log without such a line proves nothing.',
      remedy:
        'Read the line and the lines around it, and look at the check for its cause (xe-ordering, agent-runnable, agent-version, lsb-headers, sysv-symlink, boot-cycles). Once the cause is repaired, empty the log, so that you notice the next fault.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        article(agentArticle, 'Windows known issues'),
        article(allAbout, 'Problem: nova-agent won’t start at boot'),
        article(allAbout, 'Problem: nova-agent seems to crash on a “resetnetwork” command'),
      ],
    },
  },
  needs: { agentLogs },
  appliesTo: ({ agentLogs }) =>
    agentLogs.some(({ lines, unread }) => lines.length > 0 || unread !== undefined) ||
    'no log in the image has a line about nova-agent; that proves nothing',
  *run({ agentLogs }) {
    for (const { path, lines, unread } of agentLogs) {
      if (unread !== undefined) yield { message: 'unread', data: { reason: unread }, evidence: { path } };
      for (const signature of logSignatures) {
        const found = matching(signature, lines);
        const last = found.at(-1);
        if (!last) continue;
        // The line itself stays out of the message: logs can hold secrets.
        const evidence = { path, line: last.number };
        const repeated = found.length > 1 ? ` (the last of ${found.length} such lines)` : '';
        yield { message: signature.id, data: { repeated }, evidence };
      }
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/var/log/nova-agent.log': '2026-01-09 12:17:28,817 [ERROR] Error applying netplan: 1\n',
    },
    says: ['the 2.x agent wrote the network configuration but could not apply it'],
  },
  good: {
    files: { '/var/log/nova-agent.log': '2026-01-09 12:17:28,817 [INFO ] Provider: Rackspace\n' },
  },
};
