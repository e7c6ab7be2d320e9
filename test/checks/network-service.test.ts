import { example, networkService } from '../../checks/network-service.js';
import type { NetworkAtBoot, NetworkFault } from '../../images/guest/network/at-boot.js';
import { installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const path = '/lib/systemd/system/networking.service';

function facts(kind?: NetworkFault['kind'], change: Partial<NetworkAtBoot> = {}): Record<string, unknown> {
  const fault = kind && { kind, what: 'networking.service', evidence: { path } };
  const network = {
    file: '/etc/network/interfaces',
    fault,
    service: 'networking.service',
    obstacles: [],
    ...change,
  };
  return { installedAgents: [installed()], networkAtBoot: network };
}

const because = 'ConditionPathExists=/x does not hold: there is no /x';
const obstacle = (certain: boolean): NetworkAtBoot['obstacles'] => [
  { certain, evidence: { path, line: 3 }, because },
];

testRule(networkService, {
  example,
  pass: [{ name: 'enabled', facts: facts() }],
  fail: [
    ...(['not-enabled', 'masked', 'no-generator', 'not-read'] as const).map((kind) => ({
      name: kind,
      facts: facts(kind),
      findings: [{ message: kind, severity: 'error', path } as const],
    })),
    {
      name: 'absent',
      facts: facts('absent', { service: undefined }),
      findings: [{ message: 'absent', severity: 'warning' }],
    },
    {
      name: 'enabled, and not started',
      facts: facts(undefined, { obstacles: obstacle(true) }),
      findings: [{ message: 'not-started', severity: 'error', line: 3 }],
    },
    {
      name: 'enabled, and perhaps not started',
      facts: facts(undefined, { obstacles: obstacle(false) }),
      findings: [{ message: 'start-undecided', severity: 'warning', line: 3 }],
    },
  ],
  notApplicable: [
    {
      name: 'no agent',
      facts: { installedAgents: [], networkAtBoot: undefined },
      reason: 'no nova-agent is installed',
    },
    {
      name: 'a distribution that the agent does not know',
      facts: { installedAgents: [installed()], networkAtBoot: undefined },
      reason: 'is not known',
    },
  ],
});
