import { cloudInitDatasource, example } from '../../checks/cloud-init-datasource.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const listed = (...list: string[]) =>
  aCloudInit({
    datasources: { list, evidence: { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 }, probed: false },
  });

testRule(cloudInitDatasource, {
  example,
  pass: [
    { name: 'ConfigDrive, None', facts: { cloudInit: listed('ConfigDrive', 'None') } },
    { name: 'among others', facts: { cloudInit: listed('NoCloud', 'ConfigDrive', 'OpenStack') } },
    { name: 'behind None', facts: { cloudInit: listed('None', 'ConfigDrive') } },
    { name: 'the built-in list', facts: { cloudInit: aCloudInit({ datasources: undefined }) } },
  ],
  fail: [
    {
      name: 'not in the list',
      facts: { cloudInit: listed('Ec2', 'None') },
      findings: [{ message: 'not-listed', severity: 'error', line: 2, text: '[Ec2, None]' }],
    },
    {
      name: 'no list',
      facts: {
        cloudInit: aCloudInit({
          datasources: {
            list: [],
            evidence: { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 },
            probed: false,
            malformed: true,
          },
        }),
      },
      findings: [{ message: 'no-list', path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 }],
    },
    {
      name: 'a file that cannot be read as YAML',
      facts: {
        cloudInit: aCloudInit({
          ignored: [{ path: '/etc/cloud/cloud.cfg.d/50.cfg', line: 3, reason: 'no valid YAML' }],
        }),
      },
      findings: [{ message: 'ignored', severity: 'warning', line: 3, text: 'no valid YAML' }],
    },
  ],
  notApplicable: [
    { name: 'not installed', facts: { cloudInit: noCloudInit }, reason: 'cloud-init is not installed' },
  ],
});
