import { agents } from '../images/guest/agents/agents.js';
import { type Os, os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import { serves } from './lib/os-support.js';
import { agentArticle, article, operating, troubleshooting } from './lib/references.js';

/** How the packaged 2.x agent is installed, on the families it knows. */
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
    messages: {
      missing:
        'there is no nova-agent, neither 2.x (/usr/bin/nova-agent) nor 1.x (/usr/share/nova-agent); on {{os}}: {{install}}',
      'missing-by-hand':
        'there is no nova-agent (/usr/bin/nova-agent); 2.x serves {{os}}, but has no package for it: it is installed from its source',
      'missing-unpackaged':
        'there is no nova-agent, neither 2.x (/usr/bin/nova-agent) nor 1.x (/usr/share/nova-agent); {{os}} is not served by 2.x, only by 1.x or by cloud-init',
    },
    docs: {
      why: 'Through nova-agent the cloud gives a new server its root password, addresses, routes and host name. Without it a build waits for an answer that never comes; the server then keeps the addresses and the password of the server that the image was taken from, cannot be reached over the network, and passes the fault on to every image taken from it. Password resets and attached networks do not work either.',
      remedy:
        'Let Hallmark install it: `--agent-package FILE`, `--agent-repo URL|DIR`, or `--agent auto` for the image’s own repositories. By hand, install the package: `apt-get install python3-nova-agent` (Debian and Ubuntu; on older releases the package is called nova-agent) or `yum install nova-agent` (Red Hat Enterprise Linux, CentOS and Fedora, from EPEL or from https://mirror.rackspace.com/ospc/). Distributions that 2.x does not serve (openSUSE, Gentoo, Arch, FreeBSD) take the 1.x agent from https://github.com/rackerlabs/openstack-guest-agents-unix: download a release and run its installer. Where the distribution has cloud-init, an image that does without the agent may be easier: see `--target cloud-init`.',
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
