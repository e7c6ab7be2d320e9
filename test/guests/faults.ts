import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edit, install, linkInto, setMode, take } from './healthy.js';
import {
  agentTree,
  agentTreeScript,
  initScript,
  openvpnClient,
  xeScriptWithBadProvides,
  xeUnitV10,
} from './parts.js';

/** Something that goes wrong with real servers, put into a healthy root. */
export interface Fault {
  readonly name: string;
  /** The check that must find it. */
  readonly check: string;
  /** Where its finding must point. */
  readonly path: string;
  readonly line?: number;
  /** Where it points instead when the agent is disabled besides. */
  readonly pathOfDisabled?: string;
  /** Put into a root as the packages leave it, instead of one that Hallmark has repaired already. */
  readonly asShipped?: true;
  /** Whether Hallmark repairs it; what needs software installed it does not. */
  readonly repaired: boolean;
  put(root: string): void;
}

const wants = '/etc/systemd/system/multi-user.target.wants';
const units = '/usr/lib/systemd/system';
const agentService = `${units}/python3-nova-agent.service`;
const xeService = `${units}/xe-linux-distribution.service`;

/** Faults that either kind of guest can have. */
const anywhere: readonly Fault[] = [
  {
    name: 'the agent is not installed',
    check: 'agent-installed',
    path: '',
    repaired: false,
    put: (root) => {
      take(root, '/usr/bin/nova-agent');
    },
  },
  {
    name: 'the agent lost its executable bit',
    check: 'agent-runnable',
    path: '/usr/bin/nova-agent',
    repaired: false,
    put: (root) => {
      setMode(root, '/usr/bin/nova-agent', 0o644);
    },
  },
  {
    name: "the agent's cryptography module is gone",
    check: 'agent-runnable',
    path: '/usr/bin/nova-agent',
    repaired: false,
    put: (root) => {
      take(root, '/usr/lib/python3/dist-packages/cryptography');
    },
  },
  {
    name: 'the guest utilities are not installed',
    check: 'xe-installed',
    path: '',
    repaired: false,
    put: (root) => {
      take(root, '/usr/sbin/xe-daemon', '/usr/sbin/xe-linux-distribution');
    },
  },
  {
    name: 'the log says that xenstore was out of reach',
    check: 'agent-log',
    path: '/var/log/nova-agent.log',
    line: 2,
    repaired: false,
    put: (root) => {
      writeFileSync(
        join(root, 'var/log/nova-agent.log'),
        [
          '2013-05-26 12:17:28,817 [ERROR] [EXC]   File "xscomm.py", line 43, in __init__',
          "2013-05-26 12:17:28,817 [ERROR] [EXC] PyXenStoreError: Couldn't open connection to the xenstore: No such file or directory",
          "2013-05-26 12:17:28,817 [ERROR] failed to parse config file '/usr/share/nova-agent/nova-agent.py'",
          '',
        ].join('\n'),
      );
    },
  },
];

export const systemdFaults: readonly Fault[] = [
  ...anywhere,
  {
    name: 'the agent is disabled',
    check: 'agent-enabled',
    path: agentService,
    repaired: true,
    put: (root) => {
      take(root, `${wants}/python3-nova-agent.service`);
    },
  },
  {
    name: 'the agent is masked',
    check: 'agent-enabled',
    path: '/etc/systemd/system/python3-nova-agent.service',
    repaired: true,
    put: (root) => {
      linkInto(root, '/etc/systemd/system/python3-nova-agent.service', '/dev/null');
    },
  },
  {
    name: 'the guest utilities are disabled',
    check: 'xe-enabled',
    path: xeService,
    asShipped: true,
    repaired: true,
    put: (root) => {
      take(root, `${wants}/xe-linux-distribution.service`);
    },
  },
  {
    name: 'nothing orders the agent after the guest utilities',
    check: 'xe-ordering',
    path: agentService,
    repaired: true,
    asShipped: true,
    put: () => {
      // this is how both are shipped
    },
  },
  {
    name: 'the obvious drop-in, which deletes cloud-init from the boot',
    check: 'boot-cycles',
    path: '/etc/systemd/system/python3-nova-agent.service.d/after-xe.conf',
    line: 2,
    repaired: true,
    asShipped: true,
    put: (root) => {
      install(root, {
        '/etc/systemd/system/python3-nova-agent.service.d/after-xe.conf':
          '[Unit]\nAfter=xe-linux-distribution.service\n',
      });
    },
  },
  {
    name: 'the same with the utilities that wait for the network',
    check: 'boot-cycles',
    path: '/etc/systemd/system/python3-nova-agent.service.d/after-xe.conf',
    line: 2,
    repaired: true,
    asShipped: true,
    put: (root) => {
      install(root, {
        [xeService]: xeUnitV10,
        '/etc/systemd/system/python3-nova-agent.service.d/after-xe.conf':
          '[Unit]\nAfter=xe-linux-distribution.service\n',
      });
    },
  },
  {
    name: 'OpenVPN starts at boot',
    check: 'vpn-autostart',
    path: `${wants}/openvpn.service`,
    repaired: true,
    put: (root) => {
      install(root, { '/etc/openvpn/office.conf': openvpnClient });
      linkInto(root, `${wants}/openvpn.service`, '/lib/systemd/system/openvpn.service');
    },
  },
  {
    name: 'one OpenVPN connection is enabled by itself',
    check: 'vpn-autostart',
    path: `${wants}/openvpn-client@office.service`,
    repaired: true,
    put: (root) => {
      install(root, { '/etc/openvpn/client/office.conf': openvpnClient });
      linkInto(root, `${wants}/openvpn-client@office.service`, '/lib/systemd/system/openvpn-client@.service');
    },
  },
  {
    name: 'agent and cloud-init both configure the network',
    check: 'network-owner',
    path: `${wants}/python3-nova-agent.service`,
    pathOfDisabled: agentService,
    repaired: true,
    put: (root) => {
      take(root, '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg');
    },
  },
  {
    name: 'the unit starts a program that is not there',
    check: 'agent-runnable',
    path: agentService,
    line: 11,
    repaired: false,
    put: (root) => {
      edit(root, agentService, '/usr/bin/nova-agent', '/usr/local/bin/nova-agent');
    },
  },
];

export const sysvFaults: readonly Fault[] = [
  ...anywhere,
  {
    name: "the agent's script has no LSB block",
    check: 'lsb-headers',
    path: '/etc/init.d/nova-agent',
    repaired: true,
    put: (root) => {
      install(root, { '/etc/init.d/nova-agent': initScript('nova-agent', undefined) });
      for (const level of [2, 3, 4, 5]) takeLinks(root, level, 'nova-agent');
    },
  },
  {
    name: 'the guest utilities provide three words that are not their name',
    check: 'lsb-headers',
    path: '/etc/init.d/xe-linux-distribution',
    line: 5,
    repaired: true,
    put: (root) => {
      install(root, { '/etc/init.d/xe-linux-distribution': xeScriptWithBadProvides });
    },
  },
  {
    name: 'the agent is disabled',
    check: 'agent-enabled',
    path: '/etc/init.d/nova-agent',
    repaired: true,
    put: (root) => {
      for (const level of [2, 3, 4, 5]) takeLinks(root, level, 'nova-agent');
    },
  },
  {
    name: 'the guest utilities are disabled',
    check: 'xe-enabled',
    path: '/etc/init.d/xe-linux-distribution',
    repaired: true,
    put: (root) => {
      for (const level of [2, 3, 4, 5]) takeLinks(root, level, 'xe-linux-distribution');
    },
  },
  {
    name: 'both have the same number',
    check: 'xe-ordering',
    path: '/etc/rc2.d/S20xe-linux-distribution',
    repaired: true,
    put: (root) => {
      for (const level of [2, 3, 4, 5]) {
        for (const name of ['nova-agent', 'xe-linux-distribution']) {
          takeLinks(root, level, name);
          linkInto(root, `/etc/rc${level}.d/S20${name}`, `../init.d/${name}`);
        }
      }
    },
  },
  {
    name: 'OpenVPN starts at boot',
    check: 'vpn-autostart',
    path: '/etc/rc2.d/S01openvpn',
    repaired: true,
    put: (root) => {
      install(root, { '/etc/openvpn/office.conf': openvpnClient });
    },
  },
  {
    name: 'both generations are installed',
    check: 'agent-unique',
    path: '/usr/sbin/nova-agent',
    repaired: false,
    put: (root) => {
      const { '/etc/init.d/nova-agent': script, ...tree } = agentTree(
        '1.39.1',
        agentTreeScript('1.39.1', []),
      );
      install(root, { ...tree, ...(script === undefined ? {} : { '/etc/init.d/nova-agent-1': script }) });
    },
  },
];

function takeLinks(root: string, level: number, script: string): void {
  for (let number = 0; number < 100; number++) {
    const link = `/etc/rc${level}.d/S${String(number).padStart(2, '0')}${script}`;
    try {
      take(root, link);
    } catch {
      continue; // another number
    }
  }
}
