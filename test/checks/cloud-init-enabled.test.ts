import { cloudInitEnabled, example } from '../../checks/cloud-init-enabled.js';
import { aCloudInit, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(cloudInitEnabled, {
  example,
  pass: [{ name: 'enabled', facts: { cloudInit: aCloudInit() } }],
  fail: [
    {
      name: 'switched off twice',
      facts: {
        cloudInit: aCloudInit({
          enabled: false,
          disabledBy: [
            { path: '/etc/cloud/cloud-init.disabled', how: 'this file disables it' },
            { path: '/boot/grub/grub.cfg', line: 91, how: 'cloud-init=disabled for the kernel' },
          ],
        }),
      },
      findings: [
        { message: 'disabled', path: '/boot/grub/grub.cfg', line: 91 },
        { message: 'disabled', path: '/etc/cloud/cloud-init.disabled', text: 'this file disables it' },
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
    { name: 'not installed', facts: { cloudInit: noCloudInit }, reason: 'cloud-init is not installed' },
  ],
});
