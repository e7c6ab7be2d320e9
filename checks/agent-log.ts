import { agentLogs } from '../images/guest/agents/agent-log.js';
import { defineCheck } from './lib/check.js';
import { logSignatures, matching } from './lib/log-signatures.js';
import { agentArticle, allAbout, article } from './lib/references.js';

export const agentLog = defineCheck({
  meta: {
    id: 'agent-log',
    title: 'the logs that are there show no known fault',
    failureTitle: 'a log shows a known fault',
    category: 'agent',
    severity: 'warning',
    targets: ['nova-agent'],
    messages: {
      ...Object.fromEntries(logSignatures.map(({ id, meaning }) => [id, `${meaning}{{repeated}}`])),
      unread: 'the log was not read: {{reason}}',
    },
    docs: {
      why: 'A fault that has happened on the server will happen on the servers built from it, as long as its cause is in the image. The agent’s log, and what the kernel, systemd and insserv say of it, has a known wording for each. A line may be older than the repair, so it is a warning; and logs are usually emptied before an image is taken, so a log without such a line proves nothing.',
      remedy:
        'Look at the line and at those around it, and at the rule that judges its cause (xe-ordering, agent-runnable, agent-version, lsb-headers, sysv-symlink, boot-cycles). When the cause is repaired, empty the log, so that the next fault is seen.',
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
    'no log in the image has a line about nova-agent, which proves nothing',
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
