import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';

export const cloudInitDatasource = defineCheck({
  meta: {
    id: 'cloud-init-datasource',
    title: 'cloud-init looks for the config drive',
    failureTitle: 'cloud-init does not look for the config drive',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      'not-listed': 'the datasource list in force is [{{list}}], without ConfigDrive',
      'after-none':
        'the datasource list in force is [{{list}}]: None always succeeds, so cloud-init never tries ConfigDrive after it',
      ignored:
        'cloud-init ignores this file ({{reason}}), so its settings for datasources and the network have no effect',
    },
    docs: {
      why: 'The cloud describes a new server on a drive labelled config-2. cloud-init reads it only when ConfigDrive is among its datasources and comes before None, which always succeeds. Of the files in /etc/cloud/cloud.cfg.d, the last in alphabetical order wins. A package (90_dpkg.cfg) or the image tools of another cloud may have added a list. When no file has a list, cloud-init uses its built-in one; that one contains ConfigDrive, so the check passes.',
      remedy:
        'Put `datasource_list: [ ConfigDrive, None ]` on one line into a file that comes last in /etc/cloud/cloud.cfg.d. ds-identify decides at boot whether cloud-init runs at all. It does not read a list that spans several lines, and it accepts a list of one entry and None without looking for a drive.',
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

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: { '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ None, ConfigDrive ]\n' },
    says: [
      'the datasource list in force is [None, ConfigDrive]: None always succeeds, so cloud-init never tries ConfigDrive after it',
    ],
  },
  good: {
    files: { '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ ConfigDrive, None ]\n' },
  },
};
