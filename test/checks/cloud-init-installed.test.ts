import { cloudInitInstalled, example } from '../../checks/cloud-init-installed.js';
import { aCloudInit, anOs, noCloudInit } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(cloudInitInstalled, {
  example,
  pass: [{ name: 'installed', facts: { cloudInit: aCloudInit(), os: anOs() } }],
  fail: [
    {
      name: 'on a family that has a package of it',
      facts: { cloudInit: noCloudInit, os: anOs() },
      findings: [{ message: 'missing', severity: 'error', text: 'apt-get install cloud-init' }],
    },
    {
      name: 'on another',
      facts: { cloudInit: noCloudInit, os: anOs({ family: 'other', name: 'Plan 9' }) },
      findings: [{ message: 'missing-by-hand', text: 'no package is known for Plan 9' }],
    },
  ],
  notApplicable: [
    {
      name: 'for nova-agent',
      facts: { cloudInit: noCloudInit, os: anOs() },
      context: { target: 'nova-agent' },
      reason: 'not asked for the target nova-agent',
    },
  ],
});
