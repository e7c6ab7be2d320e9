import { requiredMounts, example } from '../../checks/required-mounts.js';
import type { Presence } from '../../images/image/image.js';
import { testRule } from '../support/rule-tester.js';

const lost = (state: Exclude<Presence['state'], 'present'>) => ({
  lostMounts: [
    {
      entry: {
        ...{ line: 3, device: 'LABEL=var', mountPoint: '/var', type: 'ext4' },
        ...{ options: ['defaults'], pass: 2 },
      },
      presence: { state, because: 'it is so' },
    },
  ],
});
const at = { path: '/etc/fstab', line: 3 };

testRule(requiredMounts, {
  example,
  pass: [{ name: 'everything is there', facts: { lostMounts: [] } }],
  fail: [
    {
      name: 'one is on none of the disks',
      facts: lost('absent'),
      findings: [
        {
          ...{ message: 'absent', severity: 'error', ...at },
          text: 'the boot stops at /var, which it requires: it is so',
        },
      ],
    },
    {
      name: 'it cannot be told which disk is meant',
      facts: lost('undecided'),
      findings: [{ message: 'undecided', severity: 'warning', ...at, text: 'it is so' }],
    },
    {
      name: 'one is there and cannot be mounted here',
      facts: lost('not-mounted'),
      findings: [{ message: 'not-mounted', severity: 'warning', ...at, text: 'it is so' }],
    },
  ],
  notApplicable: [
    {
      name: 'an image without its disks',
      facts: { lostMounts: undefined },
      reason: 'only "hallmark rescue" knows',
    },
  ],
});
