import { setDatasources } from '../images/guest/cloud-init/changes.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineFixer } from './lib/fixer.js';

export const cloudInitDatasource = defineFixer({
  meta: {
    id: 'cloud-init-datasource',
    title: 'Let cloud-init look for the config drive',
    risk: 'reviewed',
    docs: 'Makes `datasource_list: [ ConfigDrive, None ]` the list in force, by a file that comes last in /etc/cloud/cloud.cfg.d. Other files stay as they are.',
  },
  needs: { cloudInit },
  async *plan({ image, facts: { cloudInit } }) {
    if (cloudInit.installed) yield* await setDatasources(image, ['ConfigDrive', 'None']);
  },
});
