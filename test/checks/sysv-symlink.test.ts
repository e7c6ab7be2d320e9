import { sysvSymlink, example } from '../../checks/sysv-symlink.js';
import type { InitScript, InitScripts } from '../../images/guest/init/init-scripts.js';
import {
  aScript,
  aService,
  agent1,
  anInit,
  anOs,
  centos72,
  installed,
  someServices,
} from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const script: InitScript = {
  name: 'nova-agent',
  path: '/etc/rc.d/init.d/nova-agent',
  target: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent',
  effective: { file: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent', header: undefined },
  unsatisfied: [],
};
const scripts = (...all: readonly InitScript[]): InitScripts => ({
  numbering: 'chkconfig',
  all: new Map(all.map((each) => [each.name, each])),
});
const withSystemd = (systemdVersion: string | undefined) => ({
  init: anInit({ systemdVersion }),
  initScripts: scripts(script),
  installedAgents: [installed(agent1(), [aScript()])],
  os: centos72(),
  services: someServices({ all: [aScript({ id: 'nova-agent.service' })] }),
});
const facts = withSystemd('219-19.el7');
const broken = (version: string) => ({
  name: `systemd ${version}`,
  facts: withSystemd(version),
  findings: [
    {
      message: 'broken',
      severity: 'error',
      path: '/etc/rc.d/init.d/nova-agent',
      text: `systemd ${version} ignores`,
    } as const,
  ],
});
const fragile = (version: string | undefined) => ({
  name: `systemd ${version ?? 'of unknown version'}`,
  facts: withSystemd(version),
  findings: [{ message: 'fragile', severity: 'warning', path: '/etc/rc.d/init.d/nova-agent' } as const],
});

testRule(sysvSymlink, {
  example,
  pass: [
    {
      name: 'a script that is no link',
      facts: { ...facts, initScripts: scripts({ ...script, target: undefined }) },
    },
    { name: 'no script', facts: { ...facts, initScripts: scripts() } },
    { name: 'a native unit beside it', facts: { ...facts, services: someServices({ all: [aService()] }) } },
  ],
  fail: [
    ...['219-19.el7', '219-19.el7_2', '219-19.2', '219-19.el7_2.2', '0:219-19.el7'].map(broken),
    ...[
      '219-19.el7_2.3',
      '219-19.3',
      '219-19.el7_2.13',
      '219-20.el7',
      '219-190.el7',
      '208-20.el7',
      undefined,
    ].map(fragile),
  ],
  notApplicable: [
    {
      name: 'Enterprise Linux 6',
      facts: { ...facts, os: centos72({ version: '6.7' }) },
      reason: 'only Enterprise Linux 7',
    },
    {
      name: 'Fedora',
      facts: { ...facts, os: centos72({ id: 'fedora', version: '7' }) },
      reason: 'only Enterprise Linux 7',
    },
    { name: 'Debian 7', facts: { ...facts, os: anOs({ version: '7' }) }, reason: 'only Enterprise Linux 7' },
  ],
});
