import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type Os, os } from '../images/guest/os.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, article } from './lib/references.js';

/** How each family's own tool installs it. */
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
    messages: {
      missing: 'cloud-init is not installed; on {{os}}: {{install}}',
      'missing-by-hand': 'cloud-init is not installed; {{os}} has no package of it that is known',
    },
    docs: {
      why: 'An image that does without nova-agent relies on cloud-init to read the config drive at the first boot and to set addresses, host name and keys from it. Without it the new server keeps the addresses, the host name and the keys of the server that the image was taken from.',
      remedy:
        'Let Hallmark install it: `hallmark prepare` with `--target cloud-init` asks the image’s own repositories, `--cloud-init-repo URL|DIR` another, and `--cloud-init-package FILE` takes the package itself. By hand, install the package cloud-init with the distribution’s package manager.',
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
