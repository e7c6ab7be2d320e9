import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, article } from './lib/references.js';

export const cloudInitEnabled = defineCheck({
  meta: {
    id: 'cloud-init-enabled',
    title: 'cloud-init runs at boot',
    failureTitle: 'cloud-init does not run at boot',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    messages: {
      disabled: 'cloud-init does not run at boot: {{how}}',
      'disabled-unexplained': 'cloud-init does not run at boot',
    },
    docs: {
      why: 'An image that does without nova-agent relies on cloud-init to read the config drive at the first boot and to set addresses, host name and keys from it. When it is switched off by a marker file or a kernel argument, or its services are not enabled, the new server has none of them.',
      remedy:
        'Remove /etc/cloud/cloud-init.disabled, take `cloud-init=disabled` out of the kernel command line (and out of /etc/default/grub, then make grub.cfg anew), and enable its services: `systemctl enable cloud-init-local cloud-init cloud-config cloud-final` (the second is called cloud-init-network in later releases).',
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
