import { cloudInitData, example } from '../../checks/cloud-init-data.js';
import type { PreviousInstance } from '../../images/guest/cloud-init/previous-instance.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const left = (kind: PreviousInstance['kind'], path: PreviousInstance['path'], detail: string) => ({
  cloudInit: aCloudInit(),
  keptHostName: undefined,
  previousInstance: [{ kind, path, detail, remove: path }] satisfies PreviousInstance[],
});

testRule(cloudInitData, {
  example,
  pass: [
    {
      name: 'nothing left',
      facts: { cloudInit: aCloudInit(), keptHostName: undefined, previousInstance: [] },
    },
  ],
  fail: [
    {
      name: 'a cache that is trusted',
      facts: left('cache', '/etc/cloud/cloud.cfg.d/x.cfg', 'manual_cache_clean'),
      findings: [{ message: 'cache', path: '/etc/cloud/cloud.cfg.d/x.cfg', text: 'manual_cache_clean' }],
    },
    {
      name: 'a directory in the place of the link',
      facts: left('crash', '/var/lib/cloud/instance', 'a link'),
      findings: [{ message: 'crash', path: '/var/lib/cloud/instance', text: 'should be a link' }],
    },
    {
      name: 'a seed',
      facts: left('seed', '/var/lib/cloud/seed/config_drive/openstack/latest/meta_data.json', 'ConfigDrive'),
      findings: [{ message: 'seed', severity: 'error' }],
    },
    {
      name: 'a seed that cannot be read',
      facts: left('broken-seed', '/config-drive/openstack/latest/meta_data.json', 'ConfigDrive'),
      findings: [{ message: 'broken-seed', text: 'gives up on ConfigDrive' }],
    },
    {
      name: 'a host name that is kept',
      facts: {
        cloudInit: aCloudInit(),
        keptHostName: { path: '/etc/cloud/cloud.cfg.d/x.cfg', line: 2 },
        previousInstance: [],
      },
      findings: [{ message: 'host-name', severity: 'error', line: 2, text: 'preserve_hostname' }],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { cloudInit: noCloudInit, keptHostName: undefined, previousInstance: [] },
      reason: 'cloud-init is not installed',
    },
  ],
});
