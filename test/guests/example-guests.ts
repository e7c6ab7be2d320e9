import type { ExampleGuest } from '../../checks/lib/example.js';
import { zipapp } from './healthy.js';
import {
  type Files,
  agentTree,
  agentTreeScript,
  agentUnit,
  xePrograms,
  xeScript,
  xeUnitV7,
} from './parts.js';

/** The healthy guests that the examples of checks change, as tables of files for a memory image. */

const program = { content: '#!/bin/sh\n', mode: 0o755 };
const units = '/lib/systemd/system';
const wants = '/etc/systemd/system/multi-user.target.wants';

function service(name: string, exec: string): Files {
  return {
    [`${units}/${name}.service`]: `[Service]\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`,
    [`${wants}/${name}.service`]: { link: `${units}/${name}.service` },
  };
}

const cloudInit: Files = {
  '/etc/cloud/cloud.cfg': 'users: [default]\n',
  '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ ConfigDrive, None ]\n',
  '/usr/bin/cloud-init': program,
  ...service('cloud-init-local', '/usr/bin/cloud-init init --local'),
  ...service('cloud-init', '/usr/bin/cloud-init init'),
  ...service('cloud-config', '/usr/bin/cloud-init modules --mode=config'),
  ...service('cloud-final', '/usr/bin/cloud-init modules --mode=final'),
};

/** Debian 12 with systemd, ifupdown and cloud-init. */
const debian12: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n',
  '/etc/debian_version': '12.9\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/shadow': 'root:*:19000:0:99999:7:::\n',
  '/usr/bin/env': program,
  '/usr/bin/hostnamectl': program,
  '/usr/bin/passwd': program,
  '/bin/ip': program,
  '/var/log/wtmp': '',
  '/lib/modules/6.1.0-18-amd64/modules.dep': '',
  '/sbin/init': { link: '/lib/systemd/systemd' },
  '/lib/systemd/systemd': program,
  [`${units}/default.target`]: { link: 'multi-user.target' },
  [`${units}/multi-user.target`]: '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  [`${units}/basic.target`]: '[Unit]\n',
  [`${units}/network-online.target`]: '[Unit]\n',
  [`${units}/wg-quick@.service`]:
    '[Service]\nExecStart=/usr/bin/wg-quick up %i\n[Install]\nWantedBy=multi-user.target\n',
  '/bin/sh': program,
  '/usr/bin/python3': program,
  '/sbin/ifup': program,
  '/sbin/ifdown': program,
  '/sbin/ifquery': program,
  '/sbin/route': program,
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
  ...service('networking', '/sbin/ifup -a'),
  '/sbin/resolvconf': program,
  '/etc/network/if-up.d/000resolvconf': program,
  ...cloudInit,
};

/** The init script of 1.x with the header that "All About Nova-Agent" gives it. */
const oldScript = agentTreeScript('1.39.1', [
  '# chkconfig: 2345 15 85',
  '### BEGIN INIT INFO',
  '# Provides:          nova-agent',
  '# Required-Start:    xe-linux-distribution $remote_fs $syslog',
  '# Required-Stop:     xe-linux-distribution $remote_fs $syslog',
  '# Default-Start:     2 3 4 5',
  '# Default-Stop:      0 1 6',
  '### END INIT INFO',
]);

/** Debian 6 as an installer of nova-agent 1.x leaves it, with the order that insserv makes of the headers. */
const debian6: Files = {
  ...xePrograms,
  ...agentTree('1.39.1', oldScript),
  '/etc/debian_version': '6.0.1\n',
  '/lib/modules/2.6.32-5-xen-amd64/modules.dep': '',
  '/sbin/init': program,
  '/bin/sh': program,
  '/usr/bin/python': program,
  '/etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl2:2:wait:/etc/init.d/rc 2\n',
  '/etc/init.d/rc': program,
  '/sbin/insserv': program,
  '/etc/insserv.conf': '$local_fs mountall\n$remote_fs $local_fs +mountnfs\n$syslog +rsyslog\n',
  '/etc/init.d/xe-linux-distribution': xeScript,
  '/etc/rc2.d/S01xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
  '/etc/rc2.d/S02nova-agent': { link: '../init.d/nova-agent' },
};

/** CentOS 7, whose systemd may pass over linked init scripts: here the agent's script is a plain file. */
const centos7: Files = {
  ...xePrograms,
  ...without(agentTree('1.39.1', oldScript), '/etc/init.d/nova-agent'),
  '/etc/os-release': 'NAME="CentOS Linux"\nVERSION_ID="7"\nID="centos"\nID_LIKE="rhel fedora"\n',
  '/etc/centos-release': 'CentOS Linux release 7.2.1511 (Core)\n',
  '/etc/redhat-release': { link: 'centos-release' },
  '/lib/modules/3.10.0-327.el7.x86_64/modules.dep': '',
  '/sbin/init': { link: '../lib/systemd/systemd' },
  '/bin/sh': program,
  '/usr/bin/python': program,
  '/lib/systemd/systemd': program,
  '/lib/systemd/system-generators/systemd-sysv-generator': program,
  [`${units}/default.target`]: { link: 'multi-user.target' },
  [`${units}/multi-user.target`]: '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  [`${units}/basic.target`]: '[Unit]\n',
  '/sbin/chkconfig': program,
  '/etc/init.d': { link: 'rc.d/init.d' },
  '/etc/rc.d/init.d/nova-agent': oldScript,
  '/etc/rc.d/init.d/xe-linux-distribution': xeScript,
  '/etc/rc.d/rc3.d/S15nova-agent': { link: '../init.d/nova-agent' },
  '/etc/rc.d/rc3.d/S14xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
};

/** What the packages of nova-agent 2.x and the guest utilities add to it, in the order that they need. */
const agentOnDebian12: Files = {
  ...xePrograms,
  '/usr/bin/nova-agent': zipapp,
  '/usr/lib/python3/dist-packages/cryptography/__init__.py': '',
  [`${units}/nova-agent.service`]: agentUnit,
  [`${units}/xe-linux-distribution.service`]: xeUnitV7,
  [`${wants}/nova-agent.service`]: { link: `${units}/nova-agent.service` },
  [`${wants}/xe-linux-distribution.service`]: { link: `${units}/xe-linux-distribution.service` },
  '/etc/systemd/system/nova-agent.service.d/after-xe.conf': '[Unit]\nAfter=xe-linux-distribution.service\n',
  '/etc/systemd/system/xe-linux-distribution.service.d/early.conf':
    '[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\n',
  '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': 'network: {config: disabled}\n',
};

export const exampleGuestFiles: Readonly<Record<ExampleGuest, Files>> = {
  'debian-12': { ...debian12, ...agentOnDebian12 },
  'debian-6': debian6,
  'centos-7': centos7,
  'cloud-init': debian12,
};

function without(files: Files, path: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
}
