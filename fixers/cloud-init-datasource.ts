import { setDatasources } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineFixer } from './lib/fixer.js';

export const cloudInitDatasource = defineFixer({
  meta: {
    id: 'cloud-init-datasource',
    title: 'Make cloud-init look for the config drive',
    risk: 'reviewed',
    phase: 'cloud-init',
    // What keeps cloud-init from running goes first: ds-identify decides by both.
    after: ['cloud-init-enabled'],
    docs: 'Writes `datasource_list: [ ConfigDrive, None ]` into a file that comes last in /etc/cloud/cloud.cfg.d, so that it is the list in force. Other files stay as they are.',
  },
  needs: { cloudInit },
  async *plan({ image, facts: { cloudInit } }) {
    if (cloudInit.installed) yield* await setDatasources(image, ['ConfigDrive', 'None']);
  },
});
