import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import { keptHostName } from '../images/guest/cloud-init/host-name.js';
import { previousInstance } from '../images/guest/cloud-init/previous-instance.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, article } from './lib/references.js';

export const cloudInitData = defineCheck({
  meta: {
    id: 'cloud-init-data',
    title: 'cloud-init reads the data of the new server',
    failureTitle: 'cloud-init does not read the data of the new server',
    category: 'cloud-init',
    severity: 'error',
    targets: ['cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      cache:
        'cloud-init uses the cached data of the original server and does not look for the config drive: {{detail}} makes it trust the cache',
      crash: 'every stage of cloud-init ends with an error here: this should be {{detail}}',
      seed: 'cloud-init ({{detail}}) reads this copy before any drive, so every server would be the one that it describes',
      'broken-seed':
        'cloud-init ({{detail}}) reads this copy before any drive; it is not valid JSON, and cloud-init then gives up on {{detail}}',
      'host-name':
        'cloud-init leaves the host name of the image in place on every new server: preserve_hostname is true here',
    },
    docs: {
      why: 'cloud-init keeps what it learned at the first boot in /var/lib/cloud. Usually a server built from a snapshot notices that the cached data belongs to another server. It does not with `manual_cache_clean`: cloud-init then takes the addresses, the host name and the keys of the original server. Data in /var/lib/cloud/seed/config_drive or /config-drive is read before any drive. With `preserve_hostname: true`, which belongs on an image whose nova-agent sets the name, a new server keeps the host name of the original one. A directory or a file in the place of the link /var/lib/cloud/instance (a backup tool that follows links makes one) ends every stage with an error.',
      remedy:
        'Run `cloud-init clean --seed` before you make the image, or remove /var/lib/cloud/instance and the folders in /var/lib/cloud/seed. `manual_cache_clean` may stay: without a cache it does no harm. Remove `preserve_hostname: true` and `datasource: {NoCloud: …}` from /etc/cloud/cloud.cfg.d by hand.',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        {
          title: 'cloud-init documentation',
          where: 'Boot stages: First boot determination; Datasources: ConfigDrive; CLI: clean',
        },
      ],
    },
  },
  needs: { cloudInit, keptHostName, previousInstance },
  appliesTo: ({ cloudInit }) => cloudInit.installed || 'cloud-init is not installed',
  *run({ keptHostName, previousInstance }): Iterable<Finding> {
    for (const { kind, detail, path, line, remove } of previousInstance) {
      const byHand = remove.startsWith('/etc/');
      yield { message: kind, data: { detail }, evidence: { path, line }, byHand };
    }
    if (keptHostName) yield { message: 'host-name', evidence: keptHostName };
  },
});

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    files: {
      '/etc/cloud/cloud.cfg.d/99-cache.cfg': 'manual_cache_clean: true\n',
      '/var/lib/cloud/instance': { link: '/var/lib/cloud/instances/i-1' },
      '/var/lib/cloud/instances/i-1/obj.pkl': 'a cached datasource\n',
    },
    says: [
      'cloud-init uses the cached data of the original server and does not look for the config drive: manual_cache_clean makes it trust the cache',
    ],
  },
  good: {
    files: {
      '/etc/cloud/cloud.cfg.d/99-cache.cfg': 'manual_cache_clean: true\n',
      '/var/lib/cloud/instance': false,
      '/var/lib/cloud/instances/i-1/obj.pkl': 'a cached datasource\n',
    },
  },
};
