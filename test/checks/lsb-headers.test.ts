import { lsbHeaders, example } from '../../checks/lsb-headers.js';
import { parseLsbHeader } from '../../images/formats/lsb-header.js';
import type { InitScript, InitScripts } from '../../images/guest/init/init-scripts.js';
import { aScript, agent1, agent2, anOs, anXe, installed, someServices, squeeze } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

function script(name: string, ...header: readonly string[]): InitScript {
  const text =
    header.length === 0 ? '#!/bin/sh\n' : ['#!/bin/sh', ...header.map((line) => `# ${line}`), ''].join('\n');
  const path = `/etc/init.d/${name}` as const;
  const parsed = parseLsbHeader(text.replaceAll('# ###', '###'));
  const unsatisfied = text.includes('mysqld') ? ['mysqld'] : [];
  return { name, path, target: undefined, effective: { file: path, header: parsed }, unsatisfied };
}

const block = (provides: string, required: string, levels = '2 3 4 5'): string[] => [
  '### BEGIN INIT INFO',
  `Provides: ${provides}`,
  `Required-Start: ${required}`,
  `Default-Start: ${levels}`,
  '### END INIT INFO',
];

const goodXe = script('xe-linux-distribution', ...block('xe-linux-distribution', '$remote_fs'));
const goodAgent = script('nova-agent', ...block('nova-agent', 'xe-linux-distribution $remote_fs $syslog'));

function scripts(all: readonly InitScript[], numbering: InitScripts['numbering'] = 'insserv'): InitScripts {
  return { numbering, all: new Map(all.map((each) => [each.name, each])) };
}

const facts = {
  installedAgents: [installed(agent1(), [aScript()])],
  initScripts: scripts([goodXe, goodAgent]),
  os: squeeze(),
  services: someServices({ system: 'sysv', all: [aScript(), aScript({ name: 'xe-linux-distribution' })] }),
  xe: anXe(),
};
/** No guest utilities, which the header of the agent's script asks for. */
const withoutXe = {
  ...facts,
  initScripts: scripts([{ ...goodAgent, unsatisfied: ['xe-linux-distribution'] }]),
  services: someServices({ system: 'sysv', all: [aScript()] }),
  xe: undefined,
};
const withScripts = (xe: InitScript, agent: InitScript, numbering?: InitScripts['numbering']) => ({
  ...facts,
  initScripts: scripts([xe, agent], numbering),
});

testRule(lsbHeaders, {
  example,
  pass: [
    { name: 'the document’s two headers', facts },
    {
      name: '1.39.1 as it was shipped, with a capital name',
      facts: withScripts(
        goodXe,
        script('nova-agent', ...block('Nova-Agent', '$remote_fs $syslog xe-linux-distribution')),
      ),
    },
    {
      name: 'after everything else',
      facts: withScripts(goodXe, script('nova-agent', ...block('nova-agent', '$all'))),
    },
  ],
  fail: [
    {
      name: 'both faults of the document, under insserv',
      facts: withScripts(
        script('xe-linux-distribution', ...block('XenServer Virtual Machine Tools', '$remote_fs')),
        script('nova-agent'),
      ),
      findings: [
        { message: 'no-header', severity: 'error', path: '/etc/init.d/nova-agent' },
        {
          message: 'wrong-provides',
          severity: 'error',
          path: '/etc/init.d/xe-linux-distribution',
          line: 3,
          text: 'provides "XenServer Virtual Machine Tools", so scripts that require xe-linux-distribution do not find it',
        },
      ],
    },
    {
      name: 'under chkconfig, which has its own line',
      facts: withScripts(goodXe, script('nova-agent'), 'chkconfig'),
      findings: [{ message: 'no-header', severity: 'warning' }],
    },
    {
      name: 'under systemd, which goes by the name',
      facts: {
        ...withScripts(goodXe, script('nova-agent')),
        services: someServices({ all: [aScript(), aScript({ name: 'xe-linux-distribution' })] }),
      },
      findings: [{ message: 'no-header', severity: 'info' }],
    },
    {
      name: '1.39.0, which does not require the guest utilities',
      facts: withScripts(goodXe, script('nova-agent', ...block('Nova-Agent', '$remote_fs $syslog'))),
      findings: [
        {
          message: 'not-required',
          severity: 'error',
          line: 4,
          text: 'does not require xe-linux-distribution',
        },
      ],
    },
    {
      name: 'guest utilities that are not required, where an agent works without them',
      facts: {
        ...withScripts(goodXe, script('nova-agent', ...block('Nova-Agent', '$remote_fs $syslog'))),
        installedAgents: [installed(agent2(), [aScript()])],
        os: anOs(),
      },
      findings: [{ message: 'not-required', severity: 'warning' }],
    },
    {
      name: 'guest utilities that are not required, on a kernel without the device of XenStore',
      facts: {
        ...withScripts(goodXe, script('nova-agent', ...block('Nova-Agent', '$remote_fs $syslog'))),
        installedAgents: [installed(agent2(), [aScript()])],
      },
      findings: [{ message: 'not-required', severity: 'error' }],
    },
    {
      name: 'a requirement that nothing meets',
      facts: withScripts(
        goodXe,
        script('nova-agent', ...block('nova-agent', 'xe-linux-distribution mysqld')),
      ),
      findings: [{ message: 'unsatisfied', severity: 'error', line: 4, text: 'requires mysqld' }],
    },
    {
      name: 'a requirement that would be met, were it not for the wrong Provides',
      facts: withScripts(
        script('xe-linux-distribution', ...block('XenServer Virtual Machine Tools', '$remote_fs')),
        { ...goodAgent, unsatisfied: ['xe-linux-distribution'] },
      ),
      findings: [{ message: 'wrong-provides' }],
    },
    {
      name: 'the guest utilities that are missing, where they are needed',
      facts: withoutXe,
      findings: [{ message: 'unsatisfied', severity: 'error', text: 'requires xe-linux-distribution' }],
    },
    {
      name: 'the guest utilities that are missing, where an agent works without them',
      facts: { ...withoutXe, installedAgents: [installed(agent2(), [aScript()])], os: anOs() },
      findings: [{ message: 'unsatisfied', severity: 'warning' }],
    },
    {
      name: 'a header that is never closed',
      facts: withScripts(goodXe, script('nova-agent', '### BEGIN INIT INFO', 'Provides: nova-agent')),
      findings: [{ message: 'unclosed', line: 2 }],
    },
    {
      name: 'no runlevels',
      facts: withScripts(goodXe, script('nova-agent', ...block('nova-agent', 'xe-linux-distribution', ''))),
      findings: [{ message: 'no-runlevels', severity: 'error', line: 2 }],
    },
  ],
  notApplicable: [
    {
      name: 'native units only',
      facts: { ...facts, installedAgents: [installed()], services: someServices() },
      reason: 'no init script starts nova-agent or the guest utilities',
    },
  ],
});
