import type { MemoryNode } from '../../images/image/memory.js';

/**
 * The pieces of a guest that the rules are about: agents, guest utilities and VPNs as their packages lay them
 * down (paths, headers and unit settings as shipped; programs are stand-ins).
 */
export type Files = Readonly<Record<string, MemoryNode>>;

const program = (lines: string): MemoryNode => ({ content: lines, mode: 0o755 });

/** The unit of nova-agent 2.1.16 and later: no ordering on the guest utilities at all. */
export const agentUnit = `[Unit]
Description=nova-agent for xenstore
DefaultDependencies=no
Wants=cloud-init-local.service
Before=network-online.target
Before=cloud-init.service

[Service]
Type=notify
TimeoutStartSec=360
ExecStart=/usr/bin/nova-agent --no-fork=True -o /var/log/nova-agent.log -l info

[Install]
WantedBy=multi-user.target
`;

/** The unit of xe-guest-utilities 10: it waits for the network, which waits for the agent. */
export const xeUnitV10 = `[Unit]
Description=Linux Guest Agent
ConditionVirtualization=xen
After=network-online.target
Wants=network-online.target

[Service]
ExecStartPre=/usr/sbin/xe-linux-distribution /var/cache/xe-linux-distribution
ExecStart=/usr/sbin/xe-daemon

[Install]
WantedBy=multi-user.target
`;

/** The unit of the releases before that. */
export const xeUnitV7 = xeUnitV10.replace(/^(After|Wants)=.*\n/gm, '');

interface Header {
  readonly provides: string;
  readonly start: string;
  readonly runlevels?: string;
}

/** An init script with an LSB header (or without one). */
export function initScript(name: string, header: Header | undefined, chkconfig?: string): MemoryNode {
  const block = header
    ? [
        '### BEGIN INIT INFO',
        `# Provides:          ${header.provides}`,
        `# Required-Start:    ${header.start}`,
        `# Required-Stop:     ${header.start}`,
        `# Default-Start:     ${header.runlevels ?? '2 3 4 5'}`,
        '# Default-Stop:      0 1 6',
        `# Short-Description: ${name}`,
        '### END INIT INFO',
      ]
    : [];
  const line = chkconfig === undefined ? [] : [`# chkconfig: ${chkconfig}`, `# description: ${name}`];
  const body = ['case "$1" in', `  start|stop|restart) echo "${name} $1" ;;`, 'esac', 'exit 0', ''];
  return program(['#!/bin/sh', ...line, ...block, ...body].join('\n'));
}

/** xe-linux-distribution as the Go rewrite of the guest utilities (6.6.80, 2015) ships it. */
export const xeScript = initScript(
  'xe-linux-distribution',
  { provides: 'xe-linux-distribution', start: '$remote_fs' },
  '2345 14 86',
);

/** The same with the header of the older Citrix packages: three facilities, none of them its name. */
export const xeScriptWithBadProvides = initScript(
  'xe-linux-distribution',
  { provides: 'XenServer Virtual Machine Tools', start: '$remote_fs' },
  '2345 14 86',
);

/** nova-agent's script for Debian, 2.x. */
export const agentScript = initScript(
  'nova-agent',
  { provides: 'Nova-Agent', start: '$remote_fs $syslog xe-linux-distribution' },
  '2345 15 85',
);

/** The programs of the guest utilities, wherever they are started from. */
export const xePrograms: Files = {
  '/usr/sbin/xe-daemon': program('#!/bin/sh\nexec sleep infinity\n'),
  '/usr/sbin/xe-linux-distribution': program('#!/bin/sh\nexit 0\n'),
};

/** The tree that the installer of nova-agent 1.x leaves behind, with its three links. */
export function agentTree(version: string, script: MemoryNode): Files {
  const tree = `/usr/share/nova-agent/${version}`;
  return {
    [`${tree}/sbin/nova-agent`]: { content: elf(`Agent ${version} started`), mode: 0o755 },
    [`${tree}/lib/libxenstore.so.3.0`]: { content: elf(''), mode: 0o755 },
    [`${tree}/lib/python2.6/site.py`]: '# bundled\n',
    [`${tree}/lib/python2.6/site-packages/pyxenstore.so`]: { content: elf(''), mode: 0o755 },
    [`${tree}/plugins/__init__.py`]: '',
    [`${tree}/commands/__init__.py`]: '',
    [`${tree}/nova-agent.py`]: 'import plugins\n',
    [`${tree}/etc/generic/nova-agent`]: script,
    '/usr/sbin/nova-agent': { link: `${tree}/sbin/nova-agent` },
    '/usr/share/nova-agent/nova-agent.py': { link: `${tree}/nova-agent.py` },
    '/etc/init.d/nova-agent': { link: `${tree}/etc/generic/nova-agent` },
  };
}

/** The generic init script of 1.x: the version is written into it a fourth time. */
export function agentTreeScript(version: string, block: readonly string[]): MemoryNode {
  return program(
    [
      '#!/bin/sh',
      '#',
      '# nova-agent',
      ...block,
      'prefix="/usr"',
      'exec_prefix="${prefix}"',
      'sbindir="${exec_prefix}/sbin"',
      'datadir="${prefix}/share/nova-agent"',
      `reallibdir="\${datadir}/${version}/lib"`,
      'nova_agent="${sbindir}/nova-agent"',
      'config_file="${datadir}/nova-agent.py"',
      'case "$1" in',
      '  start) LD_LIBRARY_PATH="$reallibdir" "$nova_agent" "$config_file" ;;',
      '  stop) kill "$(cat /var/run/nova-agent.pid)" ;;',
      'esac',
      '',
    ].join('\n'),
  );
}

/** What `file` and the loader would take for a program; enough for anything that only looks. */
function elf(text: string): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  return Buffer.concat([header, Buffer.from(`${text}\0`)]);
}

/** An OpenVPN client with a tun device. */
export const openvpnClient = ['client', 'dev tun', 'proto udp', 'remote 192.0.2.1 1194', 'nobind', ''].join(
  '\n',
);

/** What Enterprise Linux since 8 configures its network with, enabled as its preset has it. */
export const networkManager: Files = {
  '/usr/bin/nmcli': program('#!/bin/sh\nexit 0\n'),
  '/usr/sbin/NetworkManager': program('#!/bin/sh\nexec sleep infinity\n'),
  '/usr/sbin/ip': program('#!/bin/sh\nexit 0\n'),
  '/usr/lib/systemd/system/NetworkManager.service':
    '[Unit]\nBefore=network.target\n[Service]\nExecStart=/usr/sbin/NetworkManager --no-daemon\n[Install]\nWantedBy=multi-user.target\n',
  '/etc/systemd/system/multi-user.target.wants/NetworkManager.service': {
    link: '/usr/lib/systemd/system/NetworkManager.service',
  },
  '/etc/sysconfig/network-scripts/readme-ifcfg-rh.txt': 'NetworkManager reads the files of this folder.\n',
};
