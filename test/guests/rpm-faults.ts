import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './faults.js';
import { edit, install, linkInto, take } from './healthy.js';
import { agentTreeScript, openvpnClient, xeScriptWithBadProvides, xeUnitV10 } from './parts.js';
import { lsb } from './rpm.js';

const system = '/etc/systemd/system';
const wants = `${system}/multi-user.target.wants`;
const vendor = '/usr/lib/systemd/system';
const scripts = '/etc/rc.d/init.d';
const tree = '/usr/share/nova-agent/1.39.1';
const starts = [2, 3, 4, 5];

/** Replaces the start links of a script, or puts kill links in their place, as chkconfig does. */
function renumber(root: string, name: string, from: string, to: string): void {
  for (const level of starts) {
    take(root, `/etc/rc.d/rc${level}.d/${from}${name}`);
    linkInto(root, `/etc/rc.d/rc${level}.d/${to}${name}`, `../init.d/${name}`);
  }
}

/** Makes the agent's script a file of its own, so that systemd sees it. */
function ownScript(root: string, requires: string): void {
  const script = agentTreeScript('1.39.1', lsb(requires));
  take(root, `${scripts}/nova-agent`);
  install(root, { [`${scripts}/nova-agent`]: script });
}

export const el7Faults: readonly Fault[] = [
  {
    name: 'systemd ignores the linked script (rm14157)',
    check: 'sysv-symlink',
    path: `${scripts}/nova-agent`,
    asShipped: true,
    repaired: true,
    put: () => {
      // this is how both are shipped
    },
  },
  {
    name: 'the native unit is disabled',
    check: 'agent-enabled',
    path: `${system}/nova-agent.service`,
    repaired: true,
    put: (root) => {
      take(root, `${wants}/nova-agent.service`);
    },
  },
  {
    name: 'the guest utilities are off',
    check: 'xe-enabled',
    path: `${scripts}/xe-linux-distribution`,
    asShipped: true,
    repaired: true,
    put: (root) => {
      renumber(root, 'xe-linux-distribution', 'S14', 'K86');
    },
  },
  {
    name: 'the script does not ask for the guest utilities',
    check: 'xe-ordering',
    path: `${scripts}/nova-agent`,
    asShipped: true,
    repaired: true,
    put: (root) => {
      ownScript(root, '$remote_fs $syslog');
      for (const name of ['nova-agent', 'xe-linux-distribution'])
        renumber(root, name, name === 'nova-agent' ? 'S15' : 'S14', 'S20');
    },
  },
  {
    name: 'OpenVPN starts at boot',
    check: 'vpn-autostart',
    path: `${wants}/openvpn@office.service`,
    repaired: true,
    put: (root) => {
      install(root, { '/etc/openvpn/office.conf': openvpnClient });
      linkInto(root, `${wants}/openvpn@office.service`, `${vendor}/openvpn@.service`);
    },
  },
  {
    name: 'the configuration leads to another release',
    check: 'agent-runnable',
    path: '/usr/share/nova-agent/nova-agent.py',
    repaired: false,
    put: (root) => {
      const path = join(root, 'usr/share/nova-agent/nova-agent.py');
      rmSync(path);
      symlinkSync('/usr/share/nova-agent/1.39.0/nova-agent.py', path);
    },
  },
];

export const el6Faults: readonly Fault[] = [
  {
    name: 'the agent is off',
    check: 'agent-enabled',
    path: `${scripts}/nova-agent`,
    repaired: true,
    put: (root) => {
      renumber(root, 'nova-agent', 'S15', 'K85');
    },
  },
  {
    name: 'the agent was never added',
    check: 'agent-enabled',
    path: `${scripts}/nova-agent`,
    repaired: true,
    put: (root) => {
      for (const level of [0, 1, 6]) take(root, `/etc/rc.d/rc${level}.d/K85nova-agent`);
      for (const level of starts) take(root, `/etc/rc.d/rc${level}.d/S15nova-agent`);
    },
  },
  {
    name: 'the guest utilities are off',
    check: 'xe-enabled',
    path: `${scripts}/xe-linux-distribution`,
    repaired: true,
    put: (root) => {
      renumber(root, 'xe-linux-distribution', 'S14', 'K86');
    },
  },
  {
    name: 'the agent has no LSB header, only its chkconfig line',
    check: 'lsb-headers',
    path: `${tree}/etc/generic/nova-agent`,
    repaired: true,
    put: (root) => {
      edit(root, `${tree}/etc/generic/nova-agent`, /### BEGIN[^]*### END INIT INFO\n/, '');
    },
  },
  {
    name: 'the guest utilities provide three words that are not their name',
    check: 'lsb-headers',
    path: `${scripts}/xe-linux-distribution`,
    line: 5,
    repaired: true,
    put: (root) => {
      install(root, { [`${scripts}/xe-linux-distribution`]: xeScriptWithBadProvides });
    },
  },
  {
    name: 'the links are the wrong way round',
    check: 'xe-ordering',
    path: '/etc/rc.d/rc2.d/S14xe-linux-distribution',
    repaired: true,
    put: (root) => {
      renumber(root, 'nova-agent', 'S15', 'S13');
    },
  },
  {
    name: 'the chkconfig lines are the wrong way round, and the links follow them',
    check: 'xe-ordering',
    path: '/etc/rc.d/rc2.d/S14xe-linux-distribution',
    repaired: true,
    put: (root) => {
      edit(root, `${tree}/etc/generic/nova-agent`, '2345 15 85', '2345 13 87');
      renumber(root, 'nova-agent', 'S15', 'S13');
    },
  },
  {
    name: 'both have the same number',
    check: 'xe-ordering',
    path: '/etc/rc.d/rc2.d/S14xe-linux-distribution',
    repaired: true,
    put: (root) => {
      renumber(root, 'nova-agent', 'S15', 'S14');
    },
  },
  {
    name: 'OpenVPN starts at boot',
    check: 'vpn-autostart',
    path: '/etc/rc.d/rc3.d/S24openvpn',
    repaired: true,
    put: (root) => {
      install(root, { '/etc/openvpn/office.conf': openvpnClient });
      for (const level of starts) linkInto(root, `/etc/rc.d/rc${level}.d/S24openvpn`, '../init.d/openvpn');
    },
  },
];

/** On EL 9 the package enables nothing. */
function enableAgent(root: string): void {
  const path = `${wants}/nova-agent.service`;
  if (!existsSync(join(root, path))) linkInto(root, path, `${vendor}/nova-agent.service`);
}

export const el9Faults: readonly Fault[] = [
  {
    name: 'the package left the agent disabled',
    check: 'agent-enabled',
    path: `${vendor}/nova-agent.service`,
    asShipped: true,
    repaired: true,
    put: () => {
      // this is how it is shipped
    },
  },
  {
    name: 'nothing orders the agent after the guest utilities',
    check: 'xe-ordering',
    path: `${vendor}/nova-agent.service`,
    asShipped: true,
    repaired: true,
    put: enableAgent,
  },
  {
    name: 'the obvious drop-in, with utilities that wait for the network',
    check: 'boot-cycles',
    path: `${system}/nova-agent.service.d/after-xe.conf`,
    line: 2,
    asShipped: true,
    repaired: true,
    put: (root) => {
      enableAgent(root);
      install(root, {
        [`${vendor}/xe-linux-distribution.service`]: xeUnitV10,
        [`${system}/nova-agent.service.d/after-xe.conf`]: '[Unit]\nAfter=xe-linux-distribution.service\n',
      });
    },
  },
  {
    name: 'the agent is masked',
    check: 'agent-enabled',
    path: `${system}/nova-agent.service`,
    repaired: true,
    put: (root) => {
      linkInto(root, `${system}/nova-agent.service`, '/dev/null');
    },
  },
  {
    name: 'the guest utilities are masked',
    check: 'xe-enabled',
    path: `${system}/xe-linux-distribution.service`,
    repaired: true,
    put: (root) => {
      linkInto(root, `${system}/xe-linux-distribution.service`, '/dev/null');
    },
  },
  {
    name: 'the unit of the guest utilities still names where they were built',
    check: 'xe-installed',
    path: `${vendor}/xe-linux-distribution.service`,
    line: lineOf(xeUnitV10.replace(/^(After|Wants)=.*\n/gm, ''), 'ExecStart='),
    repaired: false,
    put: (root) => {
      edit(
        root,
        `${vendor}/xe-linux-distribution.service`,
        '=/usr/sbin/xe-daemon',
        '=/usr/share/oem/xs/xe-daemon',
      );
    },
  },
  {
    name: 'python3-cryptography is missing',
    check: 'agent-runnable',
    path: '/usr/bin/nova-agent',
    repaired: false,
    put: (root) => {
      take(root, '/usr/lib64/python3.9/site-packages/cryptography');
    },
  },
];

function lineOf(text: string, start: string): number {
  return text.split('\n').findIndex((line) => line.startsWith(start)) + 1;
}
