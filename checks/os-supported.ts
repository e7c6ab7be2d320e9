import { agents } from '../images/guest/agents/agents.js';
import { os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import { endOfLife, serves } from './lib/os-support.js';
import { agentArticle, article, troubleshooting } from './lib/references.js';
import { named } from './lib/words.js';

export const osSupported = defineCheck({
  meta: {
    id: 'os-supported',
    title: 'the operating system is maintained, and the agent knows it',
    failureTitle: 'the operating system is out of maintenance, or the agent does not know it',
    category: 'os',
    severity: 'warning',
    targets: ['nova-agent', 'cloud-init'],
    messages: {
      'end-of-life': '{{os}} has had no free security updates since {{date}}',
      'not-known': 'no end-of-life date is known for {{os}}',
      'not-served-by-2x':
        '{{agent}} has no support for {{os}} and ends at its start; only 1.x or cloud-init serve it',
      'not-served-by-1x':
        '{{agent}} does not know {{os}} and answers resetnetwork with "Couldn\'t figure out my OS"',
    },
    docs: {
      why: 'Every server built from an image inherits the age of its operating system: one that is past its end of life has holes that are never closed, from the first minute. The agent’s generations serve different systems: 2.x only those that Rackspace supports (Fedora, Red Hat and CentOS, Debian, Ubuntu), and on any other it ends with an error at its start; 1.x also knows openSUSE, Gentoo, Arch and FreeBSD.',
      remedy:
        'Build the image from a release that is still maintained. Where the agent does not know the system, use the other generation on a fresh image, or cloud-init. An agent that works is best left alone: to go from 1.x to 2.x is not recommended.',
      references: [
        article(agentArticle, 'FreeBSD and Linux only: Nova-agent 2.x branch vs 1.x branch'),
        article(troubleshooting, 'Rescue Mode on a Linux Server'),
        { title: 'endoflife.date', where: 'the distribution’s page' },
      ],
    },
  },
  needs: { agents, os },
  *run({ agents, os }, { target, today }) {
    const evidence = { path: os.evidence };
    const name = [os.name, os.version].filter(Boolean).join(' ');
    const date = endOfLife(os);
    if (date !== undefined) {
      if (date < today) yield { message: 'end-of-life', data: { os: name, date }, evidence };
    } else if (os.version !== undefined) {
      // A rolling release has no end; one that the table lacks may have.
      yield { message: 'not-known', severity: 'info', data: { os: name }, evidence };
    }
    if (target !== 'nova-agent') return;
    for (const agent of agents) {
      if (serves(agent.generation, os)) continue;
      const data = { agent: named(agent), os: name };
      const place = { path: agent.program };
      if (agent.generation === 2)
        yield { message: 'not-served-by-2x', severity: 'error', data, evidence: place };
      // A rebuild of Red Hat under another name may pass for it, so that is only a warning.
      else
        yield {
          message: 'not-served-by-1x',
          severity: os.family === 'redhat' ? 'warning' : 'error',
          data,
          evidence: place,
        };
    }
  },
});
