import { xeOrdering, example } from '../../checks/xe-ordering.js';
import {
  aScript,
  aService,
  agent1,
  agent2,
  anOs,
  anXe,
  installed,
  someServices,
  squeeze,
  xeFirst,
  xeService,
} from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const ordered = { installedAgents: [installed()], os: anOs(), services: someServices(), xe: anXe() };
const sysv = (verdict: 'after' | 'unordered', because: string) =>
  someServices({
    system: 'sysv',
    all: [aScript(), aScript({ name: 'xe-linux-distribution' })],
    orderings: [
      { ...xeFirst, graph: 'runlevel 2' },
      { graph: 'runlevel 3', verdict, chain: [], evidence: [{ path: '/etc/rc3.d/S20nova-agent' }], because },
    ],
  });

testRule(xeOrdering, {
  example,
  pass: [
    { name: 'xe first', facts: ordered },
    {
      name: 'a disabled service of the agent is not judged',
      facts: {
        ...ordered,
        installedAgents: [
          installed(agent2(), [aService(), aService({ name: 'python3-nova-agent', state: 'disabled' })]),
        ],
      },
    },
  ],
  fail: [
    {
      name: 'the same number in one runlevel, 1.x',
      facts: {
        ...ordered,
        installedAgents: [installed(agent1(), [aScript()])],
        services: sysv('unordered', 'both have number 20 in runlevel 3'),
      },
      findings: [
        {
          message: 'unordered',
          severity: 'error',
          path: '/etc/rc3.d/S20nova-agent',
          text: 'in runlevel 3, nothing makes xe-linux-distribution start before nova-agent: both have number 20',
        },
      ],
    },
    {
      name: 'the wrong way round, 2.x on a kernel with the device',
      facts: { ...ordered, services: sysv('after', 'S02 comes before S14') },
      findings: [{ message: 'after', severity: 'warning', text: 'S02 comes before S14' }],
    },
    {
      name: 'the wrong way round, 2.x on a kernel without it',
      facts: { ...ordered, os: squeeze(), services: sysv('after', 'S02 comes before S14') },
      findings: [{ message: 'after', severity: 'error' }],
    },
    {
      name: 'xe is not started at all',
      facts: { ...ordered, services: someServices({ all: [aService(), xeService({ state: 'disabled' })] }) },
      findings: [
        {
          message: 'not-started',
          path: '/etc/systemd/system/multi-user.target.wants/nova-agent.service',
          text: 'xe-linux-distribution.service, which must start before it',
        },
      ],
    },
  ],
  notApplicable: [
    { name: 'no xe', facts: { ...ordered, xe: undefined }, reason: 'no XenServer guest utilities' },
    { name: 'no agent', facts: { ...ordered, installedAgents: [] }, reason: 'no nova-agent is installed' },
    {
      name: 'the agent does not start',
      facts: { ...ordered, installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])] },
      reason: 'no nova-agent is started at boot',
    },
  ],
});
