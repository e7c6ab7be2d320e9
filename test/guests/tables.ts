import type { MemoryNode } from '../../images/image/memory.js';
import { zipapp, systemdParts } from './healthy.js';
import type { Files } from './parts.js';

/** A small Debian 12 with systemd and a healthy agent, as a table: for tests that need no real root. */
export const systemdGuest: Files = {
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  '/etc/debian_version': '12.5\n',
  '/etc/hostname': 'guest\n',
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/shadow': { content: 'root:*:19000:0:99999:7:::\n', mode: 0o640 },
  '/var/log/wtmp': '',
  '/lib': { link: 'usr/lib' },
  '/bin': { link: 'usr/bin' },
  '/sbin': { link: 'usr/sbin' },
  '/usr/sbin/init': { link: '/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': { content: '\x7fELF', mode: 0o755 },
  '/usr/lib/modules/6.1.0-18-amd64/modules.dep': '',
  '/usr/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/usr/lib/systemd/system/multi-user.target':
    '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n',
  '/usr/lib/systemd/system/basic.target': '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\n',
  '/usr/lib/systemd/system/sysinit.target': '[Unit]\nWants=local-fs.target\nAfter=local-fs.target\n',
  '/usr/lib/systemd/system/local-fs.target': '[Unit]\nDefaultDependencies=no\n',
  '/usr/lib/systemd/system/network-online.target': '[Unit]\nAfter=network.target\n',
  '/usr/lib/systemd/system/network.target': '[Unit]\n',
  '/usr/lib/systemd/system/systemd-remount-fs.service':
    '[Unit]\nDefaultDependencies=no\nBefore=local-fs.target\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
  '/usr/bin/python3': { content: '\x7fELF', mode: 0o755 },
  '/usr/bin/true': { content: '\x7fELF', mode: 0o755 },
  ...Object.fromEntries(
    ['bin/env', 'bin/hostnamectl', 'bin/ip', 'bin/passwd', 'sbin/ifdown', 'sbin/ifup', 'sbin/route'].map(
      (name): [string, MemoryNode] => [`/usr/${name}`, { content: '\x7fELF', mode: 0o755 }],
    ),
  ),
  '/usr/lib/python3/dist-packages/cryptography/__init__.py': '',
  '/var/lib/dpkg/status': [
    'systemd 252.22-1~deb12u1',
    'python3-nova-agent 2.1.25-1',
    'xe-guest-utilities 7.20.0-1',
  ]
    .map((one) => one.split(' '))
    .map(
      ([name, version]) =>
        `Package: ${name ?? ''}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version ?? ''}\n`,
    )
    .join('\n'),
  ...Object.fromEntries(
    Object.entries(systemdParts).map(([path, node]) => [
      path.replace(/^\/(lib|bin|sbin)\//, '/usr/$1/'),
      node,
    ]),
  ),
  '/usr/bin/nova-agent': zipapp,
};
