import { agents } from '../images/guest/agents/agents.js';
import { os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { endOfLife, serves } from './lib/os-support.js';
import { agentArticle, article, troubleshooting } from './lib/references.js';
import { named } from './lib/words.js';

export const osSupported = defineCheck({
  meta: {
    id: 'os-supported',
    title: 'the operating system is maintained, and the agent supports it',
    failureTitle: 'the operating system is no longer maintained, or the agent does not support it',
    category: 'os',
    severity: 'warning',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'end-of-life': '{{os}} has had no free security updates since {{date}}',
      'not-known': 'no end-of-life date is known for {{os}}',
      'not-served-by-2x': '{{agent}} does not support {{os}} and exits at once; use 1.x or cloud-init',
      'not-served-by-1x':
        '{{agent}} does not support {{os}} and answers resetnetwork with "Couldn\'t figure out my OS"',
    },
    docs: {
      why: 'Every server built from an image inherits its operating system. A system past its end of life has security holes that nobody closes, from the first minute. The agent’s generations support different systems. 2.x supports only those that Rackspace supports (Fedora, Red Hat and CentOS, Debian, Ubuntu), and exits with an error on any other; 1.x also supports openSUSE, Gentoo, Arch and FreeBSD.',
      remedy:
        'Build the image from a release that is still maintained. Where the agent does not support the system, use the other generation on a fresh image, or cloud-init. Do not replace an agent that works: changing from 1.x to 2.x is not recommended.',
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

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/etc/os-release': 'ID=debian\nVERSION_ID="9"\nNAME="Debian GNU/Linux"\n',
      '/etc/debian_version': '9.13\n',
    },
    says: ['Debian GNU/Linux 9.13 has had no free security updates since 2022-06-30'],
  },
  good: {
    files: {
      '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n',
      '/etc/debian_version': '12.9\n',
    },
  },
};
