import { agentEnabled, example } from '../../checks/agent-enabled.js';
import type { AgentStart } from '../../images/guest/agents/agent-start.js';
import { aScript, aService, agent1, agent2, installed, someServices } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const unit = '/lib/systemd/system/nova-agent.service' as const;
const broken = agent2({
  requirements: [{ what: 'python3', found: false, evidence: { path: '/usr/bin/nova-agent' } }],
});

const typo = {
  certain: true,
  evidence: { path: '/etc/systemd/system/multiuser.target.wants/nova-agent.service' },
  because: 'there is no multiuser.target',
} as const;
const unmet = { certain: true, evidence: { path: unit, line: 3 }, because: 'there is no /etc/x' } as const;
const open = { ...unmet, certain: false, because: 'only the running server knows the memory' } as const;

const own: AgentStart = {
  by: 'service',
  service: aService(),
  evidence: { path: '/etc/systemd/system/multi-user.target.wants/nova-agent.service' },
};

testRule(agentEnabled, {
  example,
  pass: [
    {
      name: 'a unit',
      facts: { agentStart: own, agentStoppers: [], services: someServices(), installedAgents: [installed()] },
    },
    {
      name: 'a script',
      facts: {
        agentStoppers: [],
        agentStart: own,
        services: someServices(),
        installedAgents: [installed(agent1(), [aScript()])],
      },
    },
    {
      name: 'one of two agents',
      facts: {
        agentStoppers: [],
        agentStart: own,
        services: someServices(),
        installedAgents: [installed(agent2(), []), installed(agent1(), [aScript()])],
      },
    },
  ],
  fail: [
    {
      name: 'disabled',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [installed(agent2(), [aService({ state: 'disabled', evidence: [{ path: unit }] })])],
      },
      findings: [
        { message: 'disabled', severity: 'error', path: unit, text: 'nova-agent.service is installed' },
      ],
    },
    {
      name: 'started by rc.local',
      facts: {
        agentStoppers: [],
        services: someServices(),
        agentStart: { by: 'rc.local', evidence: { path: '/etc/rc.local', line: 3 } },
        installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])],
      },
      findings: [{ message: 'by-script', severity: 'warning', path: '/etc/rc.local', line: 3 }],
    },
    {
      name: 'started by cron',
      facts: {
        agentStoppers: [],
        services: someServices(),
        agentStart: { by: 'cron', evidence: { path: '/etc/crontab', line: 2 } },
        installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])],
      },
      findings: [{ message: 'by-cron', severity: 'warning', path: '/etc/crontab', line: 2 }],
    },
    {
      name: 'started by inittab',
      facts: {
        agentStoppers: [],
        services: someServices(),
        agentStart: { by: 'inittab', evidence: { path: '/etc/inittab', line: 9 } },
        installedAgents: [installed(agent1(), [])],
      },
      findings: [{ message: 'by-inittab', severity: 'warning', path: '/etc/inittab', line: 9 }],
    },
    {
      name: 'started by a timer',
      facts: {
        agentStoppers: [],
        agentStart: {
          by: 'unit',
          unit: 'late.timer',
          service: aService({ state: 'static' }),
          because: 'OnBootSec=5',
          evidence: { path: '/x', line: 2 },
        },
        services: someServices(),
        installedAgents: [installed(agent2(), [aService({ state: 'static' })])],
      },
      findings: [
        {
          message: 'by-unit',
          severity: 'warning',
          path: '/x',
          line: 2,
          text: 'late.timer starts nova-agent.service, which is not enabled itself (OnBootSec=5)',
        },
      ],
    },
    {
      name: 'stopped again by rc.local, and perhaps by cron',
      facts: {
        agentStart: own,
        agentStoppers: [
          { path: '/etc/rc.local', line: 2, command: 'systemctl stop nova-agent', certain: true },
          { path: '/etc/crontab', line: 9, command: 'service nova-agent stop', certain: false },
        ],
        services: someServices(),
        installedAgents: [installed()],
      },
      findings: [
        { message: 'stopped-by', severity: 'warning', path: '/etc/crontab', line: 9 },
        {
          message: 'stopped-by',
          severity: 'error',
          path: '/etc/rc.local',
          line: 2,
          text: '/etc/rc.local stops nova-agent again: systemctl stop nova-agent',
        },
      ],
    },
    {
      name: 'enabled by the first boot',
      facts: {
        agentStoppers: [],
        agentStart: {
          by: 'first-boot',
          service: aService({ state: 'disabled' }),
          because: '/etc/machine-id says "uninitialized"',
          evidence: { path: '/etc/machine-id' },
        },
        services: someServices(),
        installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])],
      },
      findings: [
        {
          message: 'by-first-boot',
          severity: 'warning',
          path: '/etc/machine-id',
          text: 'only the first boot of a server enables it, because /etc/machine-id says "uninitialized"',
        },
      ],
    },
    {
      name: 'withheld by where the boot leads',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [
          installed(agent2(), [
            aService({
              state: 'disabled',
              withheldBy: {
                certain: true,
                evidence: { path: '/boot/grub/grub.cfg', line: 2 },
                because: 'single on the kernel command line starts rescue.target',
              },
            }),
          ]),
        ],
      },
      findings: [
        { message: 'withheld', path: '/boot/grub/grub.cfg', line: 2, text: 'does not start at boot: single' },
      ],
    },
    {
      name: 'masked',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [
          installed(agent2(), [
            aService({ state: 'masked', evidence: [{ path: '/etc/systemd/system/nova-agent.service' }] }),
          ]),
        ],
      },
      findings: [{ message: 'masked', path: '/etc/systemd/system/nova-agent.service' }],
    },
    {
      name: 'a unit without [Install]',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [installed(agent2(), [aService({ state: 'static' })])],
      },
      findings: [{ message: 'static' }],
    },
    {
      name: 'enabled below a target that no boot reaches',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices({ obstacles: { 'nova-agent.service': [typo] } }),
        installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])],
      },
      findings: [
        { message: 'enabled-in-vain', severity: 'error', path: typo.evidence.path, text: typo.because },
      ],
    },
    {
      name: 'enabled, with a condition that does not hold',
      facts: {
        agentStoppers: [],
        agentStart: own,
        services: someServices({ obstacles: { 'nova-agent.service': [unmet] } }),
        installedAgents: [installed()],
      },
      findings: [
        {
          message: 'not-started',
          severity: 'error',
          path: unit,
          line: 3,
          text: `nova-agent.service is enabled, but the boot does not start it: ${unmet.because}`,
        },
      ],
    },
    {
      name: 'enabled, with a condition that only the server answers',
      facts: {
        agentStoppers: [],
        agentStart: own,
        services: someServices({ obstacles: { 'nova-agent.service': [open] } }),
        installedAgents: [installed()],
      },
      findings: [
        { message: 'start-undecided', severity: 'warning', path: unit, line: 3, text: open.because },
      ],
    },
    {
      name: 'no service at all',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [installed(agent2(), [])],
      },
      findings: [{ message: 'no-service', text: 'called nova-agent, python3-nova-agent, python-nova-agent' }],
    },
    {
      name: 'of two agents the one that can run is judged',
      facts: {
        agentStoppers: [],
        agentStart: undefined,
        services: someServices(),
        installedAgents: [
          installed(broken, [aService({ state: 'masked' })]),
          installed(agent1(), [
            aScript({ state: 'disabled', evidence: [{ path: '/etc/init.d/nova-agent' }] }),
          ]),
        ],
      },
      findings: [{ message: 'disabled', path: '/etc/init.d/nova-agent' }],
    },
  ],
  notApplicable: [
    {
      name: 'no agent',
      facts: { agentStoppers: [], agentStart: undefined, services: someServices(), installedAgents: [] },
      reason: 'no nova-agent is installed',
    },
  ],
});
