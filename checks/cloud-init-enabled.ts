import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineCheck } from './lib/check.js';
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
      'disabled-unexplained': 'cloud-init does not run at boot',
    },
    docs: {
      why: 'An image without nova-agent relies on cloud-init to read the config drive at the first boot and to set addresses, host name and keys. If a marker file or a kernel argument switches cloud-init off, or its services are not enabled, the new server gets none of them.',
      remedy:
        'Remove /etc/cloud/cloud-init.disabled, remove `cloud-init=disabled` from the kernel command line (and from /etc/default/grub; then regenerate grub.cfg), and enable its services: `systemctl enable cloud-init-local cloud-init cloud-config cloud-final` (the second is called cloud-init-network in later releases).',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'cloud-init documentation', where: 'How to disable cloud-init; Boot stages' },
      ],
    },
  },
  needs: { cloudInit },
  appliesTo: ({ cloudInit }) => cloudInit.installed || 'cloud-init is not installed',
  *run({ cloudInit: { enabled, disabledBy } }) {
    if (!enabled && disabledBy.length === 0) yield { message: 'disabled-unexplained' };
    else if (!enabled) {
      for (const { how, ...evidence } of disabledBy) yield { message: 'disabled', data: { how }, evidence };
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
