import type { MemoryNode } from '../../../images/image/memory.js';
import { initScript, xeScript, xePrograms, agentUnit, xeUnitV7 } from '../../guests/parts.js';
import { zipapp } from '../../guests/healthy.js';
import { systemdGuest } from '../../guests/tables.js';

/** Guests of a few dozen files: as little as an init, an agent or cloud-init, and the network are told by. */
export type Table = Record<string, MemoryNode>;

export const program = { content: '#!/bin/sh\nexit 0\n', mode: 0o755 } satisfies MemoryNode;
export const units = '/usr/lib/systemd/system';
export const wants = '/etc/systemd/system/multi-user.target.wants';

/** A unit, line by line. */
export const unit = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** A service of the vendor that is enabled. */
export const enabled = (name: string, text: string, by = 'multi-user.target'): Table => ({
  [`${units}/${name}`]: text,
  [`/etc/systemd/system/${by}.wants/${name}`]: { link: `${units}/${name}` },
});

const networking = unit(
  '[Unit]',
  'DefaultDependencies=no',
  'After=local-fs.target',
  'Before=network.target network-online.target',
  '[Service]',
  'Type=oneshot',
  'ExecStart=/sbin/ifup -a',
  '[Install]',
  'WantedBy=multi-user.target',
);

const early = unit(
  '[Unit]',
  'DefaultDependencies=no',
  'After=systemd-remount-fs.service',
  'Conflicts=shutdown.target',
  'Before=shutdown.target',
);

const loopback = 'auto lo\niface lo inet loopback\n';

/** Debian 12 that lives by nova-agent, in the order that the documents want. */
export const debian: Table = {
  ...systemdGuest,
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/usr/sbin/ifquery': program,
  '/usr/bin/sh': { content: '\x7fELF', mode: 0o755 },
  '/usr/bin/systemctl': { content: '\x7fELF', mode: 0o755 },
  '/etc/systemd/system/xe-linux-distribution.service.d/early.conf': early,
  '/etc/systemd/system/python3-nova-agent.service.d/order.conf': unit(
    '[Unit]',
    'After=xe-linux-distribution.service',
  ),
  ...enabled('networking.service', networking),
};

/** A table without these paths, and without what lies below them. */
export function without(table: Table, ...paths: readonly string[]): Table {
  const isLeft = (path: string): boolean => !paths.some((one) => path === one || path.startsWith(`${one}/`));
  return Object.fromEntries(Object.entries(table).filter(([path]) => isLeft(path)));
}

const agentFiles = Object.keys(debian).filter((path) =>
  /nova-agent|xe-daemon|xe-linux|cloud\.cfg\.d/.test(path),
);

const stage = (name: string, ...relations: readonly string[]): Table =>
  enabled(
    `${name}.service`,
    unit(
      '[Unit]',
      'DefaultDependencies=no',
      ...relations,
      '[Service]',
      'Type=oneshot',
      `ExecStart=/usr/bin/cloud-init ${name}`,
      '[Install]',
      'WantedBy=cloud-init.target',
    ),
    'cloud-init.target',
  );

const modules = '/usr/lib/python3/dist-packages';

/** Debian 12 that lives by cloud-init 22.4 and a config drive. */
export const cloud: Table = {
  ...without(debian, ...agentFiles),
  '/var/lib/dpkg/status': ['systemd 252.22-1~deb12u1', 'cloud-init 22.4.2-1']
    .map((one) => one.split(' '))
    .map(
      ([name = '', version = '']) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\n`,
    )
    .join('\n'),
  '/etc/network/interfaces': `source /etc/network/interfaces.d/*\n${loopback}`,
  '/etc/network/interfaces.d': { type: 'directory' },
  '/usr/bin/cloud-init': { content: '#!/usr/bin/python3\n', mode: 0o755 },
  '/usr/lib/cloud-init/ds-identify': program,
  '/usr/lib/systemd/system-generators/cloud-init-generator': program,
  '/etc/cloud/cloud.cfg': 'users: [default]\nsystem_info: {distro: debian}\n',
  '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ ConfigDrive, None ]\n',
  ...Object.fromEntries(
    [
      '__init__',
      'net/__init__',
      'net/eni',
      'net/sysconfig',
      'net/netplan',
      'net/networkd',
      'net/network_manager',
      'net/renderers',
    ].map((name) => [`${modules}/cloudinit/${name}.py`, '']),
  ),
  ...Object.fromEntries(
    [
      'yaml',
      'jinja2',
      'configobj',
      'requests',
      'jsonschema',
      'jsonpatch',
      'oauthlib',
      'netifaces',
      'serial',
    ].map((name) => [`${modules}/${name}/__init__.py`, '']),
  ),
  [`${units}/cloud-init.target`]: unit('[Unit]', 'After=multi-user.target'),
  ...stage('cloud-init-local', 'Wants=network-pre.target', 'Before=network-pre.target sysinit.target'),
  ...stage(
    'cloud-init',
    'Wants=cloud-init-local.service',
    'After=cloud-init-local.service networking.service',
    'Before=network-online.target sysinit.target',
  ),
  ...stage('cloud-config', 'After=network-online.target', 'Wants=network-online.target'),
  ...stage('cloud-final', 'After=network-online.target cloud-config.service', 'Wants=network-online.target'),
};

/** What the client prints of an image that lives by cloud-init. */
export const properties = { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' };

const agentHeader = { provides: 'Nova-Agent', start: '$remote_fs $syslog xe-linux-distribution' };

/** Debian 7 with SysV init. */
export const sysv: Table = {
  ...without(
    debian,
    ...agentFiles,
    '/usr/lib/systemd',
    '/etc/systemd',
    '/usr/sbin/init',
    '/var/lib/dpkg/status',
    '/etc/os-release',
    '/etc/debian_version',
  ),
  ...xePrograms,
  '/etc/os-release':
    'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 7 (wheezy)"\nVERSION_ID="7"\nID=debian\n',
  '/etc/debian_version': '7.11\n',
  '/var/lib/dpkg/status': 'Package: sysvinit\nStatus: install ok installed\nVersion: 2.88\n',
  '/usr/sbin/init': program,
  '/usr/sbin/telinit': program,
  '/usr/sbin/insserv': program,
  '/usr/bin/nova-agent': zipapp,
  '/etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl2:2:wait:/etc/init.d/rc 2\n',
  '/etc/insserv.conf': '$local_fs +mountall\n$network +networking\n$remote_fs $local_fs\n$syslog +rsyslog\n',
  '/etc/init.d/rsyslog': initScript('rsyslog', { provides: 'rsyslog', start: '$remote_fs' }),
  '/etc/init.d/networking': initScript('networking', {
    provides: 'networking',
    start: '$local_fs',
    runlevels: 'S',
  }),
  '/etc/rcS.d/S01networking': { link: '../init.d/networking' },
  '/etc/init.d/xe-linux-distribution': xeScript,
  '/etc/init.d/nova-agent': initScript('nova-agent', agentHeader),
  ...Object.fromEntries(
    [2, 3, 4, 5].flatMap((level): [string, MemoryNode][] => [
      [`/etc/rc${level}.d/S01rsyslog`, { link: '../init.d/rsyslog' }],
      [`/etc/rc${level}.d/S01xe-linux-distribution`, { link: '../init.d/xe-linux-distribution' }],
      [`/etc/rc${level}.d/S02nova-agent`, { link: '../init.d/nova-agent' }],
    ]),
  ),
};

/** A guest of the Red Hat family, with the agent's own unit. */
export function redHat(id: string, version: string, files: Table): Table {
  return {
    ...without(
      debian,
      ...agentFiles,
      '/etc/debian_version',
      '/etc/os-release',
      '/etc/network',
      '/usr/sbin/ifquery',
      `${units}/networking.service`,
      `${wants}/networking.service`,
    ),
    ...xePrograms,
    '/etc/os-release': `ID=${id}\nVERSION_ID="${version}"\nNAME="${id}"\nID_LIKE="rhel fedora"\n`,
    '/usr/bin/nova-agent': zipapp,
    '/etc/sysconfig/network-scripts': { type: 'directory' },
    ...enabled('nova-agent.service', agentUnit),
    ...enabled('xe-linux-distribution.service', xeUnitV7),
    ...files,
  };
}

/** NetworkManager, enabled. */
export const networkManager: Table = {
  '/usr/sbin/NetworkManager': program,
  '/usr/bin/nmcli': program,
  ...enabled(
    'NetworkManager.service',
    unit(
      '[Unit]',
      'Before=network.target',
      '[Service]',
      'Type=dbus',
      'BusName=org.freedesktop.NetworkManager',
      'ExecStart=/usr/sbin/NetworkManager --no-daemon',
      '[Install]',
      'WantedBy=multi-user.target',
    ),
  ),
};

/** systemd-networkd, enabled. */
export const networkd: Table = {
  '/usr/lib/systemd/systemd-networkd': program,
  ...enabled(
    'systemd-networkd.service',
    unit(
      '[Unit]',
      'DefaultDependencies=no',
      'Before=network.target',
      '[Service]',
      'ExecStart=/usr/lib/systemd/systemd-networkd',
      '[Install]',
      'WantedBy=multi-user.target',
    ),
  ),
};

/** Where ifupdown's programs are. */
export const ifupdown = ['/usr/sbin/ifup', '/usr/sbin/ifdown', '/usr/sbin/ifquery'] as const;
