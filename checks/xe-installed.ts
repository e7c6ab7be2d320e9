import { agents } from '../images/guest/agents/agents.js';
import { missingPrograms } from '../images/guest/init/exec-paths.js';
import { os } from '../images/guest/os.js';
import { xe } from '../images/guest/agents/xe.js';
import { defineCheck } from './lib/check.js';
import { inVain, inVainMessages } from './lib/in-vain.js';
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
    messages: {
      missing:
        'there are no XenServer guest utilities (xe-guest-utilities, with xe-linux-distribution or xe-daemon)',
      'no-program': '{{name}} is installed, but has neither xe-daemon nor xe-linux-distribution',
      ...inVainMessages,
    },
    docs: {
      why: 'nova-agent hears of its requests through XenStore. On kernels before 3.3, and for every 1.x agent, XenStore is reached through /proc/xen, and it is the guest utilities’ xe-linux-distribution service that mounts it; without the service the agent dies at its start. On newer kernels a 2.x agent finds /dev/xen/xenbus by itself, and what is lost is what the utilities tell XenServer: addresses, memory, operating system, drivers.',
      remedy:
        'Let Hallmark install them from a package or the tools ISO (`--install-xe FILE`), or install xe-guest-utilities for the version of XenServer that runs the server: the tools ISO is at https://boot.rackspace.com/files/xentools/xs-tools-6.2.0.iso, packages are at https://downloads.vmd.citrix.com/OpenStack/xe-guest-utilities, and some distributions carry xe-guest-utilities themselves. Do not reinstall a package that works just for the sake of it: which version is right depends on the hypervisor. Where a unit of it names a program that is not there (a package whose scripts did not run leaves /usr/share/oem/xs in it), correct the path in the unit.',
      references: [
        article(agentArticle, 'What does nova-agent require?'),
        article(troubleshooting, 'nova-agent dependencies'),
        article(allAbout, 'xe-linux-distribution'),
      ],
    },
  },
  needs: { agents, os, xe, missingPrograms },
  *run({ agents, os, xe, missingPrograms }) {
    const severity = xeSeverity(agents, os);
    if (!xe) yield { message: 'missing', severity };
    else if (xe.programs.length === 0) {
      yield { message: 'no-program', severity, data: { name: xe.name }, evidence: { path: xe.evidence } };
    }
    for (const finding of inVain(missingPrograms, 'xe')) yield { ...finding, severity };
  },
});
