import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type Os, os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';

/** The command that installs it, by family. */
const install: Partial<Record<Os['family'], string>> = {
  debian: 'apt-get install cloud-init',
  redhat: 'yum install cloud-init',
  suse: 'zypper install cloud-init',
  arch: 'pacman -S cloud-init',
  gentoo: 'emerge app-emulation/cloud-init',
  alpine: 'apk add cloud-init',
  freebsd: 'pkg install net/cloud-init',
};

export const cloudInitInstalled = defineCheck({
  meta: {
    id: 'cloud-init-installed',
    title: 'cloud-init is installed',
    failureTitle: 'cloud-init is not installed',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      missing: 'cloud-init is not installed; on {{os}}: {{install}}',
      'missing-by-hand': 'cloud-init is not installed; no package is known for {{os}}',
    },
    docs: {
      why: 'An image without nova-agent relies on cloud-init to read the config drive at the first boot and to set addresses, host name and keys. Without cloud-init, the new server keeps the addresses, the host name and the keys of the server that the image was taken from.',
      remedy:
        'Let Hallmark install it: `hallmark prepare --target cloud-init` uses the image’s own repositories, `--cloud-init-repo URL|DIR` another repository, and `--cloud-init-package FILE` the package itself. To do it by hand, install the package cloud-init with the distribution’s package manager.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'cloud-init documentation', where: 'Boot stages' },
      ],
    },
  },
  needs: { cloudInit, os },
  *run({ cloudInit: { installed }, os }) {
    if (installed) return;
    const command = install[os.family];
    if (command === undefined) yield { message: 'missing-by-hand', data: { os: os.name } };
    else yield { message: 'missing', data: { os: os.name, install: command } };
  },
});

export const example: Example = {
  guest: 'debian-6',
  bad: {
    files: { '/usr/bin/cloud-init': false, '/etc/cloud/cloud.cfg': false },
    says: ['cloud-init is not installed; on Debian GNU/Linux: apt-get install cloud-init'],
  },
  good: {
    files: {
      '/usr/bin/cloud-init': '#!/usr/bin/python3\n',
      '/etc/cloud/cloud.cfg': 'users: [default]\n',
    },
  },
};
