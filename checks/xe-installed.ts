import { agents } from '../images/guest/agents/agents.js';
import { missingPrograms } from '../images/guest/init/exec-paths.js';
import { os } from '../images/guest/os.js';
import { xe } from '../images/guest/agents/xe.js';
import { xeWork } from '../images/guest/agents/xe-work.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { beyond, inVain, inVainMessages } from './lib/in-vain.js';
import { cannotWork, workMessages } from './lib/obstacles.js';
import { agentArticle, allAbout, article, troubleshooting } from './lib/references.js';
import { xeSeverity } from './lib/xenstore.js';

export const xeInstalled = defineCheck({
  meta: {
    id: 'xe-installed',
    title: 'the XenServer guest utilities are installed',
    failureTitle: 'the XenServer guest utilities are missing or incomplete',
    category: 'xe',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      missing:
        'the XenServer guest utilities are not installed (xe-guest-utilities, with xe-linux-distribution or xe-daemon)',
      'no-program': '{{name}} is installed, but has neither xe-daemon nor xe-linux-distribution',
      ...workMessages,
      ...inVainMessages,
    },
    docs: {
      why: 'nova-agent receives its requests through XenStore. On kernels before 3.3, and for every 1.x agent, XenStore is reached through /proc/xen, which the xe-linux-distribution service of the guest utilities mounts; without the service the agent dies when it starts. On newer kernels a 2.x agent finds /dev/xen/xenbus by itself. Then only the information that the utilities give XenServer is missing: addresses, memory, operating system, drivers.',
      remedy:
        'Let Hallmark install them from a package or the tools ISO (`--install-xe FILE`), or install xe-guest-utilities for the version of XenServer that runs the server: the tools ISO is at https://boot.rackspace.com/files/xentools/xs-tools-6.2.0.iso, packages are at https://downloads.vmd.citrix.com/OpenStack/xe-guest-utilities, and some distributions carry xe-guest-utilities themselves. Do not reinstall a package that works: the right version depends on the hypervisor. If one of its units names a program that does not exist (/usr/share/oem/xs, when the package’s scripts did not run), correct the path in the unit.',
      references: [
        article(agentArticle, 'What does nova-agent require?'),
        article(troubleshooting, 'nova-agent dependencies'),
        article(allAbout, 'xe-linux-distribution'),
      ],
    },
  },
  needs: { agents, os, xe, xeWork, missingPrograms },
  *run({ agents, os, xe, xeWork, missingPrograms }) {
    const severity = xeSeverity(agents, os);
    if (!xe) yield { message: 'missing', severity };
    else if (xe.programs.length === 0) {
      yield { message: 'no-program', severity, data: { name: xe.name }, evidence: { path: xe.evidence } };
    }
    for (const finding of inVain(missingPrograms, 'xe')) yield { ...finding, severity };
    for (const { service, obstacles } of xeWork)
      for (const finding of cannotWork(service, beyond(missingPrograms, obstacles)))
        yield { ...finding, severity: finding.severity ?? severity };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/lib/systemd/system/xe-linux-distribution.service':
        '[Service]\nExecStart=/usr/share/oem/xs/xe-daemon\n\n[Install]\nWantedBy=multi-user.target\n',
    },
    says: ['xe-linux-distribution.service starts /usr/share/oem/xs/xe-daemon, which is not in the image'],
  },
  good: {
    files: {
      '/lib/systemd/system/xe-linux-distribution.service':
        '[Service]\nExecStart=/usr/sbin/xe-daemon\n\n[Install]\nWantedBy=multi-user.target\n',
    },
  },
};
