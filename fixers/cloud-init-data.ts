import { keptHostName, setHostName } from '../images/guest/cloud-init/host-name.js';
import { previousInstance, withoutPreviousInstance } from '../images/guest/cloud-init/previous-instance.js';
import { defineFixer } from './lib/fixer.js';

export const cloudInitData = defineFixer({
  meta: {
    id: 'cloud-init-data',
    title: 'Let cloud-init read the data of the new server',
    risk: 'reviewed',
    phase: 'cloud-init',
    docs: 'Removes what makes cloud-init use the data of the original server, as `cloud-init clean --seed` would: the link /var/lib/cloud/instance (or what stands in its place), the copies of a config drive in /var/lib/cloud/seed/config_drive and /config-drive, and the seeds of other datasources that come first. Takes `preserve_hostname: true` out of cloud-init’s configuration. The folders in /var/lib/cloud/instances stay.',
  },
  needs: { keptHostName, previousInstance },
  async *plan({ image, facts: { keptHostName, previousInstance } }) {
    yield* await withoutPreviousInstance(image, previousInstance);
    if (keptHostName) yield* await setHostName(image);
  },
});
