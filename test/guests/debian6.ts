import type { MemoryNode } from '../../images/image/memory.js';
import {
  type Files,
  agentTree,
  agentTreeScript,
  initScript,
  openvpnClient,
  xePrograms,
  xeScriptWithBadProvides,
} from './parts.js';

/** SOURCE_DATE_EPOCH for it: the day of the article, 2013-05-26. */
export const debian6Date = '1369569600';

/**
 * The broken Debian 6 server of "All About Nova-Agent": nova-agent's script has no LSB block, the guest utilities
 * provide three words that are not their name, insserv therefore made no links for the agent, OpenVPN starts at boot
 * and the agent is older than the fix for tunnels. Its log holds the traceback that the article shows.
 */
export const debian6: Files = {
  ...system(),
  ...xePrograms,
  '/etc/init.d/xe-linux-distribution': xeScriptWithBadProvides,
  ...agentTree('1.39.0', agentTreeScript('1.39.0', [])),
  ...links(
    { 2: 'S', 3: 'S', 4: 'S', 5: 'S' },
    { rsyslog: 1, 'xe-linux-distribution': 1, cron: 2, openvpn: 2, ssh: 2, 'rc.local': 3, rmnologin: 3 },
  ),
  ...links({ 0: 'K', 1: 'K', 6: 'K' }, { openvpn: 1, 'xe-linux-distribution': 1, rsyslog: 2 }),
  ...links({ S: 'S' }, { 'hostname.sh': 1, mountall: 1, networking: 2 }),
  '/etc/openvpn/office.conf': openvpnClient,
  '/etc/default/openvpn':
    '# Start only these VPNs automatically via init script.\n#AUTOSTART="all"\nOPTARGS=""\n',
  '/usr/sbin/openvpn': { content: '#!/bin/sh\n', mode: 0o755 },
  '/var/log/nova-agent.log': [
    '2013-05-26 12:17:28,806 [ERROR] Failed to run python code: A python exception has occurred:',
    '2013-05-26 12:17:28,817 [ERROR] [EXC] Traceback (most recent call last):',
    '2013-05-26 12:17:28,817 [ERROR] [EXC]   File "/usr/share/nova-agent/nova-agent.py", line 38, in <module>',
    '2013-05-26 12:17:28,817 [ERROR] [EXC]     xs = plugins.XSComm()',
    '2013-05-26 12:17:28,817 [ERROR] [EXC]   File "xscomm.py", line 43, in __init__',
    "2013-05-26 12:17:28,817 [ERROR] [EXC] PyXenStoreError: Couldn't open connection to the xenstore: No such file or directory",
    "2013-05-26 12:17:28,817 [ERROR] failed to parse config file '/usr/share/nova-agent/nova-agent.py'",
    '',
  ].join('\n'),
};

/** A Debian 6 server as its installer leaves it, as far as the boot is concerned. */
function system(): Files {
  const packages = [
    'base-files 6.0squeeze1',
    'bash 4.1-3',
    'insserv 1.14.0-2',
    'openvpn 2.1.3-2+squeeze1',
    'python2.6 2.6.6-8+b1',
    'sysv-rc 2.88dsf-13.1',
    'sysvinit 2.88dsf-13.1',
    'rsyslog 4.6.4-2',
    'xe-guest-utilities 5.6.100-651',
  ];
  return {
    '/etc/debian_version': '6.0.1\n',
    '/etc/issue': 'Debian GNU/Linux 6.0 \\n \\l\n',
    '/etc/hostname': 'test\n',
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
    '/etc/shadow': 'root:*:19000:0:99999:7:::\n',
    '/etc/fstab': '/dev/xvda1 / ext3 errors=remount-ro,noatime 0 1\n',
    '/etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\nl2:2:wait:/etc/init.d/rc 2\n',
    '/etc/network/interfaces':
      'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 166.78.10.124\n\tnetmask 255.255.255.0\n\tgateway 166.78.10.1\n',
    '/etc/insserv.conf': [
      '$local_fs\t+mountall +mountall-bootclean +mountoverflowtmp +umountfs',
      '$network\t+networking +ifupdown',
      '$named\t\t+named +dnsmasq +lwresd +bind9 $network',
      '$remote_fs\t$local_fs +mountnfs +mountnfs-bootclean +umountnfs +sendsigs',
      '$syslog\t\t+rsyslog +sysklogd +syslog-ng +dsyslog +inetutils-syslogd',
      '$portmap\tportmap',
      '$time\t\thwclock',
      '<interactive>\tglibc udev console-screen keymap keyboard-setup console-setup cryptdisks cryptdisks-early checkfs-loop',
      '',
    ].join('\n'),
    '/etc/init.d/.depend.boot':
      'TARGETS = hostname.sh mountall networking\nINTERACTIVE =\nnetworking: mountall\n',
    '/etc/init.d/.depend.start': [
      'TARGETS = rsyslog xe-linux-distribution cron openvpn ssh rc.local rmnologin',
      'INTERACTIVE =',
      'cron: rsyslog',
      'openvpn: rsyslog',
      'ssh: rsyslog',
      'rc.local: ssh openvpn cron xe-linux-distribution',
      'rmnologin: ssh openvpn cron xe-linux-distribution',
      '',
    ].join('\n'),
    '/etc/init.d/.depend.stop': 'TARGETS = openvpn xe-linux-distribution rsyslog\nrsyslog: openvpn\n',
    '/etc/init.d/hostname.sh': initScript('hostname.sh', { provides: 'hostname', start: '', runlevels: 'S' }),
    '/etc/init.d/mountall': initScript('mountall', { provides: 'mountall', start: '', runlevels: 'S' }),
    '/etc/init.d/networking': initScript('networking', {
      provides: 'networking',
      start: 'mountall',
      runlevels: 'S',
    }),
    '/etc/init.d/rsyslog': initScript('rsyslog', { provides: 'rsyslog', start: '$remote_fs' }),
    '/etc/init.d/cron': initScript('cron', { provides: 'cron', start: '$remote_fs $syslog' }),
    '/etc/init.d/ssh': initScript('ssh', { provides: 'sshd', start: '$remote_fs $syslog' }),
    '/etc/init.d/openvpn': initScript('openvpn', {
      provides: 'openvpn',
      start: '$network $remote_fs $syslog',
    }),
    '/etc/init.d/rc.local': initScript('rc.local', {
      provides: 'rc.local',
      start: '$remote_fs $syslog $all',
    }),
    '/etc/init.d/rmnologin': initScript('rmnologin', { provides: 'rmnologin', start: '$remote_fs $all' }),
    '/sbin/init': { content: '\x7fELF', mode: 0o755 },
    '/bin/sh': { content: '\x7fELF', mode: 0o755 },
    '/sbin/telinit': { link: 'init' },
    '/sbin/insserv': { content: '\x7fELF', mode: 0o755 },
    '/usr/bin/python': { link: 'python2.6' },
    '/usr/bin/python2.6': { content: '\x7fELF', mode: 0o755 },
    '/usr/lib/python2.6/os.py': '',
    '/lib/modules/2.6.32-5-xen-amd64/modules.dep': '',
    '/boot/vmlinuz-2.6.32-5-xen-amd64': 'kernel',
    '/var/lib/dpkg/status': packages.map(status).join('\n'),
  };
}

function status(nameAndVersion: string): string {
  const [name, version] = nameAndVersion.split(' ');
  return `Package: ${name ?? ''}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version ?? ''}\n`;
}

/** The rc links of some scripts, in some runlevels. */
function links(
  runlevels: Readonly<Record<string, 'S' | 'K'>>,
  numbers: Readonly<Record<string, number>>,
): Files {
  const made: Record<string, MemoryNode> = {};
  for (const [level, letter] of Object.entries(runlevels)) {
    for (const [script, number] of Object.entries(numbers)) {
      const name = `${letter}${String(number).padStart(2, '0')}${script}`;
      made[`/etc/rc${level}.d/${name}`] = { link: `../init.d/${script}` };
    }
  }
  return made;
}
