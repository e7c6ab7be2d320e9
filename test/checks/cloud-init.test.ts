import { cloudInitDatasource } from '../../checks/cloud-init-datasource.js';
import { cloudInitEnabled } from '../../checks/cloud-init-enabled.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(cloudInitEnabled, {
  pass: [{ name: 'enabled', facts: { cloudInit: aCloudInit() } }],
  fail: [
    {
      name: 'not installed',
      facts: { cloudInit: noCloudInit },
      findings: [{ message: 'missing', severity: 'error' }],
    },
    {
      name: 'switched off twice',
      facts: {
        cloudInit: aCloudInit({
          enabled: false,
          disabledBy: [
            { path: '/etc/cloud/cloud-init.disabled', how: 'this file turns it off' },
            { path: '/boot/grub/grub.cfg', line: 91, how: 'cloud-init=disabled for the kernel' },
          ],
        }),
      },
      findings: [
        { message: 'disabled', path: '/boot/grub/grub.cfg', line: 91 },
        { message: 'disabled', path: '/etc/cloud/cloud-init.disabled', text: 'this file turns it off' },
      ],
    },
    {
      name: 'off for no reason that is known',
      facts: { cloudInit: aCloudInit({ enabled: false }) },
      findings: [{ message: 'disabled-unexplained' }],
    },
  ],
  notApplicable: [
    {
      name: 'for nova-agent',
      facts: { cloudInit: noCloudInit },
      context: { target: 'nova-agent' },
      reason: 'not asked for the target nova-agent',
    },
  ],
});

const listed = (...list: string[]) =>
  aCloudInit({
    datasources: { list, evidence: { path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 2 }, probed: false },
  });

testRule(cloudInitDatasource, {
  pass: [
    { name: 'ConfigDrive, None', facts: { cloudInit: listed('ConfigDrive', 'None') } },
    { name: 'among others', facts: { cloudInit: listed('NoCloud', 'ConfigDrive', 'OpenStack') } },
    { name: 'the built-in list', facts: { cloudInit: aCloudInit({ datasources: undefined }) } },
  ],
  fail: [
    {
      name: 'not in the list',
      facts: { cloudInit: listed('Ec2', 'None') },
      findings: [{ message: 'not-listed', severity: 'error', line: 2, text: '[Ec2, None]' }],
    },
    {
      name: 'behind None',
      facts: { cloudInit: listed('None', 'ConfigDrive') },
      findings: [{ message: 'after-none', path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg' }],
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
