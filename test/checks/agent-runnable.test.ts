import { agentRunnable, example } from '../../checks/agent-runnable.js';
import type { AgentWork } from '../../images/guest/agents/work.js';
import type { Obstacle } from '../../images/guest/init/obstacle.js';
import type { MissingProgram } from '../../images/guest/init/exec-paths.js';
import { agent1, agent2, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const inVain = (change: Partial<MissingProgram>): MissingProgram => ({
  of: 'agent',
  service: 'nova-agent.service',
  program: '/usr/bin/nova-agent',
  problem: 'missing',
  evidence: { path: '/lib/systemd/system/nova-agent.service', line: 8 },
  ...change,
});

const healthy = { agentWork: [], installedAgents: [installed()], missingPrograms: [] };

const work = (service: string | undefined, change: Partial<Obstacle> = {}): AgentWork => ({
  agent: installed(),
  service,
  obstacles: [
    {
      certain: true,
      evidence: { path: '/lib/systemd/system/nova-agent.service', line: 9 },
      because: 'ProtectSystem=full makes /etc/shadow read-only',
      ...change,
    },
  ],
});

testRule(agentRunnable, {
  example,
  pass: [
    { name: 'all there', facts: healthy },
    { name: '1.x with agreeing links', facts: { ...healthy, installedAgents: [installed(agent1())] } },
    {
      name: 'another service’s program is missing',
      facts: { ...healthy, missingPrograms: [inVain({ of: 'xe' })] },
    },
  ],
  fail: [
    {
      name: 'a module is missing',
      facts: {
        ...healthy,
        installedAgents: [
          installed(
            agent2({
              requirements: [
                { what: 'module yaml', found: true, evidence: { path: '/usr/bin/nova-agent' } },
                { what: 'module cryptography', found: false, evidence: { path: '/usr/bin/nova-agent' } },
              ],
            }),
          ),
        ],
      },
      findings: [
        {
          message: 'missing-requirement',
          severity: 'error',
          path: '/usr/bin/nova-agent',
          text: 'nova-agent 2.1.25 cannot start: module cryptography is missing',
        },
      ],
    },
    {
      name: '1.x whose links name three different things',
      facts: {
        ...healthy,
        installedAgents: [
          installed(
            agent1({
              links: [
                { path: '/usr/sbin/nova-agent', version: '1.39.1', broken: false },
                { path: '/usr/share/nova-agent/nova-agent.py', version: '1.39.0', broken: true },
                { path: '/etc/init.d/nova-agent', line: 28, version: '1.39.0', broken: false },
                { path: '/etc/nova-agent.env', version: undefined, broken: false },
              ],
            }),
          ),
        ],
      },
      findings: [
        {
          message: 'links-disagree',
          path: '/etc/init.d/nova-agent',
          line: 28,
          text: 'says nova-agent 1.39.0, but',
        },
        { message: 'version-unstated', severity: 'warning', path: '/etc/nova-agent.env' },
        { message: 'link-broken', path: '/usr/share/nova-agent/nova-agent.py' },
      ],
    },
    {
      name: 'the unit names a program that is not there',
      facts: { ...healthy, missingPrograms: [inVain({ program: '/usr/sbin/nova-agent' })] },
      findings: [
        { message: 'program-missing', line: 8, text: 'nova-agent.service starts /usr/sbin/nova-agent' },
      ],
    },
    {
      name: 'the unit names a directory',
      facts: { ...healthy, missingPrograms: [inVain({ problem: 'no-file' })] },
      findings: [{ message: 'program-no-file' }],
    },
    {
      name: 'the program is not executable',
      facts: { ...healthy, missingPrograms: [inVain({ problem: 'not-executable' })] },
      findings: [{ message: 'program-not-executable' }],
    },
    {
      name: 'a script whose interpreter is missing',
      facts: { ...healthy, missingPrograms: [inVain({ problem: 'no-interpreter' })] },
      findings: [{ message: 'program-no-interpreter' }],
    },
    {
      name: 'the unit takes from the agent what it needs',
      facts: { ...healthy, agentWork: [work('nova-agent.service')] },
      findings: [
        {
          message: 'cannot-work',
          severity: 'error',
          line: 9,
          text: 'nova-agent.service starts, but cannot do its work: ProtectSystem=full makes /etc/shadow read-only',
        },
      ],
    },
    {
      name: 'what the image does not say is a warning',
      facts: { ...healthy, agentWork: [work(undefined, { certain: false })] },
      findings: [
        { message: 'work-undecided', severity: 'warning', text: 'nova-agent 2.1.25 starts; whether' },
      ],
    },
    {
      name: 'a program that is missing is said once',
      facts: {
        ...healthy,
        missingPrograms: [inVain({})],
        agentWork: [work('nova-agent.service', { evidence: inVain({}).evidence })],
      },
      findings: [{ message: 'program-missing' }],
    },
    {
      name: 'the unit names no program',
      facts: { ...healthy, missingPrograms: [inVain({ problem: 'unnamed', program: '' })] },
      findings: [{ message: 'program-unnamed', text: 'nova-agent.service does not name a program' }],
    },
  ],
  notApplicable: [
    {
      name: 'no agent',
      facts: { ...healthy, installedAgents: [] },
      reason: 'no nova-agent is installed',
    },
  ],
});
