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
            {
              certain: true,
              evidence: { path: '/etc/cloud/cloud-init.disabled' },
              because: 'this file disables it',
            },
            {
              certain: true,
              evidence: { path: '/boot/grub/grub.cfg', line: 91 },
              because: 'cloud-init=disabled for the kernel',
            },
          ],
        }),
      },
      findings: [
        { message: 'disabled', path: '/boot/grub/grub.cfg', line: 91 },
        { message: 'disabled', path: '/etc/cloud/cloud-init.disabled', text: 'this file disables it' },
      ],
    },
    {
      name: 'what the image cannot answer',
      facts: {
        cloudInit: aCloudInit({
          disabledBy: [
            {
              certain: false,
              evidence: { path: '/etc/systemd/system/cloud-init.service.d/x.conf', line: 2 },
              because: 'ConditionHost=x asks for the host name',
            },
          ],
        }),
      },
      findings: [{ message: 'undecided', severity: 'warning', line: 2, text: 'ConditionHost' }],
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
