import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineCheck } from './lib/check.js';
import { agentArticle, article } from './lib/references.js';

export const cloudInitDatasource = defineCheck({
  meta: {
    id: 'cloud-init-datasource',
    title: 'cloud-init looks for the config drive',
    failureTitle: 'cloud-init does not look for the config drive',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    messages: {
      'not-listed': 'the datasource list in force is [{{list}}], without ConfigDrive',
      'after-none':
        'the datasource list in force is [{{list}}]: None always succeeds, so ConfigDrive behind it is never tried',
      ignored:
        'cloud-init passes over this file ({{reason}}), so what it says of datasources or the network is not in force',
    },
    docs: {
      why: 'The cloud describes a new server on a drive labelled config-2. cloud-init reads it only when ConfigDrive is among its datasources and comes before None, which always succeeds. Of the files in /etc/cloud/cloud.cfg.d the last in alphabetical order wins, and a package (90_dpkg.cfg) or another cloud’s image tools may have put in a list of their own. When no file has a list, cloud-init’s built-in one holds ConfigDrive, and passes.',
      remedy:
        'Put `datasource_list: [ ConfigDrive, None ]` into a file that comes last in /etc/cloud/cloud.cfg.d, on one line: ds-identify, which decides at boot whether cloud-init runs at all, does not read a list on several lines, and it takes a list of one entry and None without looking for a drive.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        {
          title: 'cloud-init documentation',
          where: 'Datasources: ConfigDrive; Datasource detection with ds-identify',
        },
      ],
    },
  },
  needs: { cloudInit },
  appliesTo: ({ cloudInit }) => cloudInit.installed || 'cloud-init is not installed',
  *run({ cloudInit: { datasources, ignored } }) {
    for (const { reason, ...evidence } of ignored) {
      yield { message: 'ignored', severity: 'warning', data: { reason }, evidence };
    }
    if (!datasources) return;
    const { list, evidence } = datasources;
    const [drive, none] = [list.indexOf('ConfigDrive'), list.indexOf('None')];
    const data = { list: list.join(', ') };
    if (drive < 0) yield { message: 'not-listed', data, evidence };
    else if (none >= 0 && none < drive) yield { message: 'after-none', data, evidence };
  },
});
