import type { Reference } from './check.js';

/** The published articles that the rules come from, by title, with the headings that rules cite. */
interface Sections {
  'Nova-agent (Linux) and Rackspace agent (Windows)':
    | 'What is nova-agent?'
    | 'When does nova-agent run?'
    | 'What does nova-agent require?'
    | 'What happens when nova-agent is broken or missing?'
    | 'Are there any known bugs?'
    | 'Windows known issues'
    | 'Operating system (OS) independent troubleshooting'
    | 'Installing nova-agent on Linux'
    | 'FreeBSD and Linux only: Nova-agent 2.x branch vs 1.x branch';
  'Troubleshoot nova-agent or Rackspace Cloud Server Agent':
    | 'How does nova-agent affect my server?'
    | 'nova-agent dependencies'
    | 'How is my server affected if nova-agent is broken or missing?'
    | 'Check the nova-agent status on Linux servers'
    | 'Start and enable nova-agent on Linux servers'
    | 'Rescue Mode on a Linux Server';
  'All About Nova-Agent (well, on linux that is)':
    | 'xe-linux-distribution'
    | 'nova-agent'
    | 'Problem: insserv complains about missing LSB tags in the nova-agent service'
    | 'Problem: nova-agent won’t start at boot'
    | 'Problem: nova-agent seems to crash on a “resetnetwork” command';
  'Operating a Cloud Server with nova-agent': 'Operating a Cloud Server with nova-agent';
}

/** A section of one of the articles; the compiler knows which headings each has. */
export function article<T extends keyof Sections>(title: T, where: Sections[T]): Reference {
  return { title, where };
}

/** A manual page, "systemd.unit(5)", and what to look for in it. */
export function man(page: string, where: string): Reference {
  return { title: page, where };
}

export const agentArticle = 'Nova-agent (Linux) and Rackspace agent (Windows)';
export const troubleshooting = 'Troubleshoot nova-agent or Rackspace Cloud Server Agent';
export const allAbout = 'All About Nova-Agent (well, on linux that is)';
export const operating = 'Operating a Cloud Server with nova-agent';
