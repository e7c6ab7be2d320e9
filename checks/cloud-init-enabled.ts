import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';

export const cloudInitEnabled = defineCheck({
  meta: {
    id: 'cloud-init-enabled',
    title: 'cloud-init runs at boot',
    failureTitle: 'cloud-init does not run at boot',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      disabled: 'cloud-init does not run at boot: {{how}}',
      undecided: 'whether cloud-init runs at boot is not in the image: {{how}}',
    },
    docs: {
      why: 'An image without nova-agent relies on cloud-init to read the config drive at the first boot and to set addresses, host name and keys. If a marker file or a kernel argument switches cloud-init off, if its services, their target or its generator do not start it, or if its program or one of its Python modules is missing, the new server gets none of them. Since release 24.3, the four stages only signal one process, cloud-init-main.service: masked, nothing is done. A file in /etc/cloud/cloud.cfg.d that is not UTF-8 (one in Latin-1 or UTF-16, or a `._x.cfg` of a Mac) ends every stage.',
      remedy:
        'Remove /etc/cloud/cloud-init.disabled, remove `cloud-init=disabled` from the kernel command line (and from /etc/default/grub; then regenerate grub.cfg), and enable its services: `systemctl enable cloud-init-local cloud-init cloud-config cloud-final` (the second is called cloud-init-network in later releases, which have cloud-init-main as well). Reinstall the package if its program, its modules or its generator are gone. Convert a file that is not UTF-8: `iconv -f ISO-8859-1 -t UTF-8 x.cfg -o y.cfg`, with the encoding that its author used.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'cloud-init documentation', where: 'How to disable cloud-init; Boot stages' },
      ],
    },
  },
  needs: { cloudInit },
  appliesTo: ({ cloudInit }) => cloudInit.installed || 'cloud-init is not installed',
  *run({ cloudInit: { disabledBy } }): Iterable<Finding> {
    // The data keeps its name: fingerprints, and so waivers, are made of it.
    for (const { certain, because: how, evidence } of disabledBy) {
      if (certain) yield { message: 'disabled', data: { how }, evidence };
      else yield { message: 'undecided', severity: 'warning', data: { how }, evidence };
    }
  },
});

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: { '/etc/cloud/cloud-init.disabled': '' },
    says: ['cloud-init does not run at boot: this file disables it'],
  },
  good: { files: { '/etc/cloud/cloud-init.disabled': false } },
};
