import type { MemoryNode } from '../../images/image/memory.js';
import { zipapp } from './healthy.js';
import { agentUnit } from './parts.js';

export const program = { content: '#!/bin/sh\n', mode: 0o755 };
export const wants = '/etc/systemd/system/multi-user.target.wants';
const interfaces = 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet static\n address 10.0.0.5\n';

/** Debian with cloud-init, ifupdown and an agent that starts. */
export const agentAndCloudInit: Record<string, MemoryNode> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian GNU/Linux 12"\n',
  '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\nVersion: 12\n',
  '/sbin/init': { link: '/lib/systemd/systemd' },
  '/lib/systemd/systemd': program,
  '/lib/systemd/system/default.target': { link: 'multi-user.target' },
  '/lib/systemd/system/multi-user.target': '[Unit]\n',
  '/lib/systemd/system/nova-agent.service': agentUnit,
  '/lib/systemd/system/networking.service':
    '[Service]\nExecStart=/sbin/ifup -a\n[Install]\nWantedBy=multi-user.target\n',
  [`${wants}/nova-agent.service`]: { link: '/lib/systemd/system/nova-agent.service' },
  '/usr/bin/nova-agent': zipapp,
  '/usr/bin/python3': program,
  '/etc/cloud/cloud.cfg': 'users: []\n',
  '/etc/cloud/cloud.cfg.d/99-off.cfg': 'network: {config: disabled}\n',
  '/etc/network/interfaces': interfaces,
  '/lib/systemd/system-generators/systemd-rc-local-generator': program,
  '/lib/systemd/system/rc-local.service': '[Service]\nExecStart=/etc/rc.local start\n',
  '/etc/rc.local': { content: '#!/bin/sh\n/usr/bin/nova-agent &\n', mode: 0o755 },
  '/sbin/ifup': program,
  '/sbin/ifdown': program,
  '/sbin/ifquery': program,
  '/sbin/route': program,
};
