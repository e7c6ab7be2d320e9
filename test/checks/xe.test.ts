import { xeEnabled } from '../../checks/xe-enabled.js';
import { xeInstalled } from '../../checks/xe-installed.js';
import { xeOrdering } from '../../checks/xe-ordering.js';
import type { MissingProgram } from '../../images/guest/init/exec-paths.js';
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

const inVain = (change: Partial<MissingProgram> = {}): MissingProgram => ({
  of: 'xe',
  service: 'xe-linux-distribution.service',
  program: '/usr/share/oem/xs/xe-daemon',
  problem: 'missing',
  evidence: { path: '/usr/lib/systemd/system/xe-linux-distribution.service', line: 9 },
  ...change,
});

const present = { agents: [agent2()], os: anOs(), xe: anXe(), missingPrograms: [] };

testRule(xeInstalled, {
  pass: [
    { name: 'installed', facts: present },
    {
      name: 'the agent’s program is another rule’s business',
      facts: { ...present, missingPrograms: [inVain({ of: 'agent' })] },
    },
  ],
  fail: [
    {
      name: 'missing, where a 2.x agent has the kernel’s device',
      facts: { ...present, xe: undefined },
      findings: [{ message: 'missing', severity: 'warning' }],
    },
    {
      name: 'missing, on a kernel without the device',
      facts: { ...present, os: squeeze(), xe: undefined },
      findings: [{ message: 'missing', severity: 'error' }],
    },
    {
      name: 'missing, and no kernel is known',
      facts: { ...present, os: anOs({ kernels: [] }), xe: undefined },
      findings: [{ message: 'missing', severity: 'error' }],
    },
    {
      name: 'missing, with one old kernel beside a new one',
      facts: { ...present, os: anOs({ kernels: ['2.6.32-5-amd64', '6.1.0-18-amd64'] }), xe: undefined },
      findings: [{ message: 'missing', severity: 'error' }],
    },
    {
      name: 'missing, under a 1.x agent',
      facts: { ...present, agents: [agent1()], xe: undefined },
      findings: [{ message: 'missing', severity: 'error' }],
    },
    {
      name: 'a package without its programs',
      facts: { ...present, xe: anXe({ programs: [], evidence: '/var/lib/dpkg/status' }) },
      findings: [{ message: 'no-program', path: '/var/lib/dpkg/status' }],
    },
    {
      name: 'the unit names paths of the build',
      facts: { ...present, missingPrograms: [inVain()] },
      findings: [{ message: 'program-missing', line: 9, text: '/usr/share/oem/xs/xe-daemon' }],
    },
    {
      name: 'a directory in place of the program',
      facts: { ...present, missingPrograms: [inVain({ problem: 'no-file' })] },
      findings: [{ message: 'program-no-file' }],
    },
    {
      name: 'a program that cannot be executed',
      facts: { ...present, missingPrograms: [inVain({ problem: 'not-executable' })] },
      findings: [{ message: 'program-not-executable' }],
    },
    {
      name: 'a script whose interpreter is missing',
      facts: { ...present, missingPrograms: [inVain({ problem: 'no-interpreter' })] },
      findings: [{ message: 'program-no-interpreter' }],
    },
    {
      name: 'the unit names no program',
      facts: { ...present, missingPrograms: [inVain({ problem: 'unnamed', program: '' })] },
      findings: [{ message: 'program-unnamed' }],
    },
  ],
});

const started = { agents: [agent2()], os: anOs(), xe: anXe(), services: someServices() };
const stopped = (state: 'disabled' | 'masked' | 'static') =>
  someServices({ all: [aService(), xeService({ state })] });

testRule(xeEnabled, {
  pass: [
    { name: 'under its old name', facts: started },
    {
      name: 'under its new name, the old one disabled beside it',
      facts: {
        ...started,
        services: someServices({ all: [xeService({ state: 'disabled' }), aService({ name: 'xe-daemon' })] }),
      },
    },
  ],
  fail: [
    {
      name: 'disabled, 2.x with the device',
      facts: { ...started, services: stopped('disabled') },
      findings: [{ message: 'disabled', severity: 'warning', text: 'xe-linux-distribution.service' }],
    },
    {
      name: 'disabled, 1.x',
      facts: { ...started, agents: [agent1()], services: stopped('disabled') },
      findings: [{ message: 'disabled', severity: 'error' }],
    },
    { name: 'masked', facts: { ...started, services: stopped('masked') }, findings: [{ message: 'masked' }] },
    { name: 'static', facts: { ...started, services: stopped('static') }, findings: [{ message: 'static' }] },
    {
      name: 'no service',
      facts: { ...started, services: someServices({ all: [aService()] }) },
      findings: [{ message: 'no-service', text: 'called xe-linux-distribution, xe-daemon' }],
    },
  ],
  notApplicable: [
    {
      name: 'not installed',
      facts: { ...started, xe: undefined },
      reason: 'no XenServer guest utilities are installed',
    },
  ],
});

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
      facts: { ...ordered, services: stopped('disabled') },
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
