import { xeInstalled, example } from '../../checks/xe-installed.js';
import type { XeWork } from '../../images/guest/agents/xe-work.js';
import type { MissingProgram } from '../../images/guest/init/exec-paths.js';
import { agent1, agent2, anOs, anXe, squeeze } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const inVain = (change: Partial<MissingProgram> = {}): MissingProgram => ({
  of: 'xe',
  service: 'xe-linux-distribution.service',
  program: '/usr/share/oem/xs/xe-daemon',
  problem: 'missing',
  evidence: { path: '/usr/lib/systemd/system/xe-linux-distribution.service', line: 9 },
  ...change,
});

const present = { agents: [agent2()], os: anOs(), xe: anXe(), xeWork: [], missingPrograms: [] };

const work = (certain: boolean): XeWork => ({
  service: 'xe-linux-distribution.service',
  obstacles: [
    {
      certain,
      evidence: { path: '/etc/systemd/system/x.conf', line: 2 },
      because: 'User=nobody takes root’s rights from it',
    },
  ],
});

testRule(xeInstalled, {
  example,
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
      name: 'a unit that takes from it what it needs, as grave as if it were missing',
      facts: { ...present, xeWork: [work(true)] },
      findings: [{ message: 'cannot-work', severity: 'warning', line: 2, text: 'User=nobody' }],
    },
    {
      name: 'the same under a 1.x agent',
      facts: { ...present, agents: [agent1()], xeWork: [work(true)] },
      findings: [{ message: 'cannot-work', severity: 'error' }],
    },
    {
      name: 'what the image does not say',
      facts: { ...present, agents: [agent1()], xeWork: [work(false)] },
      findings: [{ message: 'work-undecided', severity: 'warning' }],
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
