import { enableCloudInit } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineFixer } from './lib/fixer.js';

export const cloudInitEnabled = defineFixer({
  meta: {
    id: 'cloud-init-enabled',
    title: 'Run cloud-init at boot',
    risk: 'reviewed',
    phase: 'cloud-init',
    docs: 'Removes what stops cloud-init from running: its marker file, `cloud-init=disabled` in kernel command lines and in systemd’s environment, a disabled policy of ds-identify. Enables the services of its stages.',
  },
  needs: { cloudInit },
  async *plan({ image, facts: { cloudInit } }) {
    if (cloudInit.installed && !cloudInit.enabled) yield* await enableCloudInit(image);
  },
});
