import { xeRunning, example } from '../../checks/xe-running.js';
import { agent1, agent2, anOs, anXe } from '../support/facts.js';
import { elsewhere, notRunning, runs } from '../support/live-facts.js';
import { testRule } from '../support/rule-tester.js';

const xe = {
  agents: [agent2()],
  os: anOs(),
  processes: runs('/usr/sbin/xe-daemon'),
  runningSystem: true,
  xe: anXe(),
};

testRule(xeRunning, {
  example,
  pass: [
    { name: 'xe-daemon', facts: xe },
    { name: 'its successor', facts: { ...xe, processes: runs('/usr/sbin/xen-guest-agent') } },
  ],
  fail: [
    {
      name: 'not running, where a 2.x agent has the kernel’s device',
      facts: { ...xe, processes: runs('/usr/sbin/xe-linux-distribution') },
      findings: [{ message: 'not-running', severity: 'warning', path: '/usr/sbin/xe-daemon' }],
    },
    {
      name: 'not running, under a 1.x agent',
      facts: { ...xe, agents: [agent1()], processes: [] },
      findings: [{ message: 'not-running', severity: 'error' }],
    },
  ],
  notApplicable: [
    { ...elsewhere, facts: { ...xe, ...notRunning, processes: [] } },
    { name: 'none installed', facts: { ...xe, xe: undefined }, reason: 'no XenServer guest utilities' },
  ],
});
