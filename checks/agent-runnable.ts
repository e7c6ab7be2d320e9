import { type InstalledAgent, installedAgents } from '../images/guest/agents/agent-services.js';
import { agentWork } from '../images/guest/agents/work.js';
import { missingPrograms } from '../images/guest/init/exec-paths.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { beyond, inVain, inVainMessages } from './lib/in-vain.js';
import { cannotWork, workMessages } from './lib/obstacles.js';
import { agentArticle, allAbout, article, man } from './lib/references.js';
import { named } from './lib/words.js';

export const agentRunnable = defineCheck({
  meta: {
    id: 'agent-runnable',
    title: 'nova-agent has what it needs to run',
    failureTitle: 'nova-agent cannot run',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'missing-requirement': '{{agent}} cannot start: {{what}} is missing',
      'link-broken': '{{path}} is a broken link: the version of nova-agent that it names is not in the image',
      'links-disagree': '{{path}} says nova-agent {{version}}, but {{program}} is {{installed}}',
      'version-unstated':
        '{{path}} does not say which version of nova-agent it belongs to; {{program}} is {{installed}}',
      ...workMessages,
      ...inVainMessages,
    },
    docs: {
      why: 'An agent that dies when it starts is of no use, and the reason is easy to miss. A 2.x agent that lacks a Python module (cryptography, which its one-file form never contains, or pyxs, yaml, distro) ends with an ImportError before it opens its log, so nova-agent.log stays empty. A 1.x agent is a tree under /usr/share/nova-agent, with links to its program, its configuration and its init script, and with a version written into that script. When one of them names another version than the rest, the loader mixes libraries of two releases or finds none. A unit or script can also name a program that does not exist. And an agent that starts can still be unable to work: a hardened unit (`ProtectSystem=full`, `PrivateNetwork=yes`, `User=`) takes /etc, the network or root’s rights from it; a 2.x agent dies at its first request when it lacks a program that it calls (`ifdown`, `ip`, `ifup`, `netplan`, `nmcli`, `passwd`) or a folder that it writes to. It chooses these by /etc/alpine-release, centos-release, fedora-release, redhat-release and debian_version, in that order, and never reads os-release. And the boot can take away what the image has: a root that /etc/fstab or the kernel command line leaves read-only (`ro`), a tmpfs or another folder that is mounted over the agent’s files, a file system with `noexec`. Immutable files (`chattr +i`) are not seen here; a rehearsal shows what they break.',
      remedy:
        'Install what is missing with the package manager: `python3-cryptography` (on Enterprise Linux 7 `python36-cryptography`), or reinstall the agent’s own package so that its dependencies come along. For 1.x, run the installer of one release again, so that /usr/sbin/nova-agent, /usr/share/nova-agent/nova-agent.py, the init script and the version written in it all name that release; remove the trees of the others. Remove from the unit or its drop-ins (`systemctl cat nova-agent.service`) what a finding names. Remove a release file that is not the system’s own. Correct the line of /etc/fstab that a finding names: `defaults` in place of `ro` or `noexec`, no line for what hides the agent’s files; a folder that is to be made in a file system in memory takes a line in /etc/tmpfiles.d. On Debian without netplan install ifupdown and, for routes of more than the gateway, net-tools.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        article(allAbout, 'Problem: nova-agent won’t start at boot'),
        man('systemd.service(5)', 'COMMAND LINES'),
      ],
    },
  },
  needs: { agentWork, installedAgents, missingPrograms },
  appliesTo: ({ installedAgents }) => installedAgents.length > 0 || 'no nova-agent is installed',
  *run({ agentWork, installedAgents, missingPrograms }) {
    for (const agent of installedAgents) {
      for (const { what, found, evidence } of agent.requirements) {
        if (!found) yield { message: 'missing-requirement', data: { agent: named(agent), what }, evidence };
      }
      yield* disagreements(agent);
    }
    yield* inVain(missingPrograms, 'agent');
    for (const { agent, service, obstacles } of agentWork) {
      yield* cannotWork(service ?? named(agent), beyond(missingPrograms, obstacles));
    }
  },
});

/** 1.x: the links, and the version in the init script, that do not lead to the version of the program. */
function* disagreements({ links, program, version }: InstalledAgent): Iterable<Finding> {
  for (const { path, line, version: stated, broken } of links) {
    const evidence = { path, ...(line === undefined ? {} : { line }) };
    if (broken) yield { message: 'link-broken', data: { path }, evidence };
    else if (version === undefined || stated === version) continue;
    else if (stated === undefined) {
      yield {
        message: 'version-unstated',
        severity: 'warning',
        data: { path, program, installed: version },
        evidence,
      };
    } else
      yield {
        message: 'links-disagree',
        data: { path, version: stated, program, installed: version },
        evidence,
      };
  }
}

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/usr/lib/python3/dist-packages/cryptography/__init__.py': false },
    says: ['nova-agent 2.1.25 cannot start: module cryptography is missing'],
  },
  good: { files: { '/usr/lib/python3/dist-packages/cryptography/__init__.py': true } },
};
