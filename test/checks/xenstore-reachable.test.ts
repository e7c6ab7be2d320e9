import { xenstoreReachable, example } from '../../checks/xenstore-reachable.js';
import { elsewhere, notRunning } from '../support/live-facts.js';
import { testRule } from '../support/rule-tester.js';

const door = (state: string, path = '/dev/xen/xenbus', detail = 'x') => ({ path, state, detail });

testRule(xenstoreReachable, {
  example,
  pass: [
    { name: 'the device answers', facts: { runningSystem: true, xenstoreDoors: [door('open')] } },
    {
      name: 'the second way answers',
      facts: { runningSystem: true, xenstoreDoors: [door('refused'), door('open', '/proc/xen/xenbus')] },
    },
  ],
  fail: [
    { name: 'no way', facts: { runningSystem: true, xenstoreDoors: [] }, findings: [{ message: 'missing' }] },
    {
      name: 'ways that lead nowhere, each with its reason',
      facts: {
        runningSystem: true,
        xenstoreDoors: [
          door('refused', '/dev/xen/xenbus', 'EACCES'),
          door('silent', '/proc/xen/xenbus'),
          door('strange', '/run/xenstored/socket', 'is not a socket'),
        ],
      },
      findings: [
        { message: 'refused', path: '/dev/xen/xenbus', text: '(EACCES)' },
        { message: 'silent', path: '/proc/xen/xenbus' },
        { message: 'strange', text: 'it is not a socket' },
      ],
    },
  ],
  notApplicable: [{ ...elsewhere, facts: { ...notRunning, xenstoreDoors: [] } }],
});
