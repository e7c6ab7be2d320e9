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
      'no-list': 'datasource_list is not a list here, so cloud-init finds no datasource at all',
      ignored:
        'cloud-init ignores this file ({{reason}}), so its settings for datasources and the network have no effect',
    },
    docs: {
      why: 'The cloud describes a new server on a drive labelled config-2. cloud-init reads it only when ConfigDrive is among its datasources; their order does not matter, since the first stage asks only those that need no network. Of the files in /etc/cloud/cloud.cfg.d, the last in alphabetical order wins. A package (90_dpkg.cfg) or the image tools of another cloud may have added a list. When no file has a list, cloud-init uses its built-in one; that one contains ConfigDrive, so the check passes. Under systemd, ds-identify reads the list first, and only what stands on the same line as the key; where that is nothing, it looks for every datasource it knows.',
      remedy:
        'Put `datasource_list: [ ConfigDrive, None ]` on one line into a file that comes last in /etc/cloud/cloud.cfg.d. ds-identify decides at boot whether cloud-init runs at all. It accepts a list of one entry and None without looking for a drive.',
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
    const { list, evidence, malformed } = datasources;
    if (malformed) yield { message: 'no-list', evidence };
    else if (!list.includes('ConfigDrive'))
      yield { message: 'not-listed', data: { list: list.join(', ') }, evidence };
  },
});

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: { '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ Ec2, None ]\n' },
    says: ['the datasource list in force is [Ec2, None], without ConfigDrive'],
  },
  good: {
    files: { '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ ConfigDrive, None ]\n' },
  },
};
