import { agents } from '../images/guest/agents/agents.js';
import { type Os, os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { serves } from './lib/os-support.js';
import { agentArticle, article, operating, troubleshooting } from './lib/references.js';

/** The command that installs the packaged 2.x agent, by family. */
const install: Partial<Record<Os['family'], string>> = {
  debian: 'apt-get install python3-nova-agent',
  redhat: 'yum install nova-agent',
};

export const agentInstalled = defineCheck({
  meta: {
    id: 'agent-installed',
    title: 'nova-agent is installed',
    failureTitle: 'nova-agent is not installed',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      missing:
        'nova-agent is not installed, neither 2.x (/usr/bin/nova-agent) nor 1.x (/usr/share/nova-agent); on {{os}}: {{install}}',
      'missing-by-hand':
        'nova-agent is not installed (/usr/bin/nova-agent); 2.x supports {{os}} but has no package for it: install it from source',
      'missing-unpackaged':
        'nova-agent is not installed, neither 2.x (/usr/bin/nova-agent) nor 1.x (/usr/share/nova-agent); 2.x does not support {{os}}: use 1.x or cloud-init',
    },
    docs: {
      why: 'The cloud uses nova-agent to give a new server its root password, addresses, routes and host name. Without the agent, a build waits for an answer that never comes. The server then keeps the addresses and the password of the server that the image was taken from and cannot be reached over the network. Every image taken from it inherits the fault. Password resets and attached networks do not work either.',
      remedy:
        'Let Hallmark install it: `--agent-package FILE`, `--agent-repo URL|DIR`, or `--agent auto` for the image’s own repositories. To do it by hand, install the package: `apt-get install python3-nova-agent` (Debian and Ubuntu; on older releases the package is called nova-agent) or `yum install nova-agent` (Red Hat Enterprise Linux, CentOS and Fedora, from EPEL or from https://mirror.rackspace.com/ospc/). Distributions that 2.x does not support (openSUSE, Gentoo, Arch, FreeBSD) need the 1.x agent from https://github.com/rackerlabs/openstack-guest-agents-unix: download a release and run its installer. Where the distribution has cloud-init, an image without the agent may be easier: see `--target cloud-init`.',
      references: [
        article(agentArticle, 'What happens when nova-agent is broken or missing?'),
        article(agentArticle, 'Installing nova-agent on Linux'),
        article(troubleshooting, 'How is my server affected if nova-agent is broken or missing?'),
        article(operating, 'Operating a Cloud Server with nova-agent'),
      ],
    },
  },
  needs: { agents, os },
  *run({ agents, os }) {
    if (agents.length > 0) return;
    const command = install[os.family];
    if (command !== undefined) yield { message: 'missing', data: { os: os.name, install: command } };
    else if (serves(2, os)) yield { message: 'missing-by-hand', data: { os: os.name } };
    else yield { message: 'missing-unpackaged', data: { os: os.name } };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/usr/bin/nova-agent': false },
    says: [
      'nova-agent is not installed, neither 2.x (/usr/bin/nova-agent) nor 1.x (/usr/share/nova-agent); on Debian GNU/Linux: apt-get install python3-nova-agent',
    ],
  },
  good: { files: { '/usr/bin/nova-agent': true } },
};
