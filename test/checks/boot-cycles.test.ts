import { bootCycles, example } from '../../checks/boot-cycles.js';
import type { BootEdge } from '../../images/guest/init/boot-graph.js';
import { aService, anXe, installed, someServices, xeService } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const dropIn = { path: '/etc/systemd/system/nova-agent.service.d/xe.conf', line: 2 } as const;
const cycle = (through: string, evidence: BootEdge['evidence'] = dropIn): BootEdge[] => [
  {
    first: 'basic.target',
    then: 'xe-linux-distribution.service',
    evidence: undefined,
    because: 'default dependency',
  },
  {
    first: 'xe-linux-distribution.service',
    then: through,
    evidence,
    because: 'After=xe-linux-distribution.service',
  },
  { first: through, then: 'basic.target', evidence: undefined, because: 'Before=basic.target' },
];

const facts = { installedAgents: [installed()], services: someServices(), xe: anXe() };

testRule(bootCycles, {
  example,
  pass: [
    { name: 'no cycle', facts },
    {
      name: 'a cycle of others',
      facts: {
        ...facts,
        services: someServices({
          cycles: [[{ first: 'a.service', then: 'b.service', evidence: undefined, because: 'Before=' }]],
        }),
      },
    },
    {
      name: 'nothing of ours installed',
      facts: { installedAgents: [], services: someServices({ all: [] }), xe: undefined },
    },
  ],
  fail: [
    {
      name: 'the naive drop-in',
      facts: { ...facts, services: someServices({ cycles: [cycle('nova-agent.service')] }) },
      findings: [
        {
          message: 'cycle',
          severity: 'error',
          path: dropIn.path,
          line: 2,
          text: 'xe-linux-distribution.service before nova-agent.service (After=xe-linux-distribution.service in /etc/systemd/system/nova-agent.service.d/xe.conf:2)',
        },
      ],
    },
    {
      name: 'cloud-init, without an agent',
      facts: {
        installedAgents: [],
        xe: undefined,
        services: someServices({
          all: [aService({ name: 'cloud-init-local' }), xeService()],
          cycles: [cycle('cloud-init-local.service', undefined)],
        }),
      },
      findings: [
        { message: 'cycle', text: 'basic.target before xe-linux-distribution.service (default dependency)' },
      ],
    },
    {
      name: 'network-online.target',
      facts: {
        installedAgents: [],
        xe: undefined,
        services: someServices({ all: [], cycles: [cycle('network-online.target')] }),
      },
      findings: [{ message: 'cycle' }],
    },
  ],
});
