import type { MemoryNode } from '../../../../../images/image/memory.js';
import { agentUnit, xeUnitV10 } from '../../../../guests/parts.js';

/** Units of the field, by what they say (the programs behind them do not matter here). */
export { agentUnit as novaAgent, xeUnitV10 as xeUnit };

/** xe-guest-utilities as a Debian package: a script, and the links that insserv makes. */
export const xeScript = `#!/bin/bash
# chkconfig: 2345 14 86
### BEGIN INIT INFO
# Provides:          XenServer Virtual Machine Tools
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: XenServer Virtual Machine Tools
### END INIT INFO
exit 0
`;

const early = 'DefaultDependencies=no\n';

/** cloud-init's units as Debian has them: before sysinit.target. */
const debianCloudInit: Record<string, MemoryNode> = {
  '/usr/lib/systemd/system/cloud-init-local.service': `[Unit]\n${early}Before=sysinit.target\n[Service]\nExecStart=/x\n`,
  '/usr/lib/systemd/system/cloud-init.service': `[Unit]\n${early}After=cloud-init-local.service\nBefore=network-online.target\nBefore=sysinit.target\n[Service]\nExecStart=/x\n`,
};

/** And as Red Hat has them: ordinary services. */
const redHatCloudInit: Record<string, MemoryNode> = {
  '/usr/lib/systemd/system/cloud-init-local.service': `[Unit]\n${early}Before=shutdown.target\n[Service]\nExecStart=/x\n`,
  '/usr/lib/systemd/system/cloud-init.service': `[Unit]\nAfter=cloud-init-local.service\nBefore=network-online.target\n[Service]\nExecStart=/x\n`,
};

const withCloudInit = (units: Record<string, MemoryNode>): Record<string, MemoryNode> => ({
  ...units,
  '/usr/lib/systemd/system-generators/cloud-init-generator': { content: '#!/bin/sh\n', mode: 0o755 },
  '/usr/lib/systemd/system/cloud-init.target': '[Unit]\nAfter=multi-user.target\n',
  '/etc/systemd/system/cloud-init.target.wants/cloud-init.service': {
    link: '/usr/lib/systemd/system/cloud-init.service',
  },
});

/** The targets that every boot goes through, and nothing else. */
export const bare: Readonly<Record<string, MemoryNode>> = {
  '/usr/lib/systemd/system-generators/systemd-sysv-generator': { content: 'ELF', mode: 0o755 },
  '/usr/lib/systemd/system-generators/systemd-fstab-generator': { content: 'ELF', mode: 0o755 },
  '/usr/lib/systemd/system/default.target': { link: 'graphical.target' },
  '/usr/lib/systemd/system/graphical.target': '[Unit]\nRequires=multi-user.target\nAfter=multi-user.target\n',
  '/usr/lib/systemd/system/multi-user.target': '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  '/usr/lib/systemd/system/basic.target': '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\n',
  '/usr/lib/systemd/system/sysinit.target': `[Unit]\n${early}Wants=local-fs.target\nAfter=local-fs.target\n`,
  '/usr/lib/systemd/system/local-fs.target': `[Unit]\n${early}`,
  '/usr/lib/systemd/system/remote-fs.target': `[Unit]\n${early}[Install]\nWantedBy=multi-user.target\n`,
  '/usr/lib/systemd/system/network.target': '[Unit]\n',
  '/usr/lib/systemd/system/network-online.target': '[Unit]\nAfter=network.target\n',
  '/usr/lib/systemd/system/shutdown.target': `[Unit]\n${early}`,
};

const wants = '/etc/systemd/system/multi-user.target.wants';

const withAgent: Record<string, MemoryNode> = {
  '/usr/lib/systemd/system/nova-agent.service': agentUnit,
  [`${wants}/nova-agent.service`]: { link: '/usr/lib/systemd/system/nova-agent.service' },
};

const xe = {
  native: {
    '/usr/lib/systemd/system/xe-linux-distribution.service': xeUnitV10,
    [`${wants}/xe-linux-distribution.service`]: {
      link: '/usr/lib/systemd/system/xe-linux-distribution.service',
    },
  },
  script: {
    '/etc/init.d/xe-linux-distribution': { content: xeScript, mode: 0o755 },
    '/etc/rc2.d/S01xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
    '/etc/rc3.d/S01xe-linux-distribution': { link: '../init.d/xe-linux-distribution' },
  },
} as const;

const clouds = {
  'Debian with cloud-init': withCloudInit(debianCloudInit),
  'Debian without cloud-init': {},
  'Red Hat with cloud-init': withCloudInit(redHatCloudInit),
} as const;

export interface UnitSet {
  readonly name: string;
  readonly files: Readonly<Record<string, MemoryNode>>;
  /** What goes into a real root in the place of its own units. */
  readonly xe: keyof typeof xe;
  readonly cloud: keyof typeof clouds;
}

/** Every combination in the field of the agent with the guest utilities and cloud-init. */
export const unitSets: readonly UnitSet[] = (Object.keys(clouds) as (keyof typeof clouds)[]).flatMap(
  (cloud) =>
    (Object.keys(xe) as (keyof typeof xe)[]).map((form) => ({
      name: `${cloud}, xe as a ${form === 'native' ? 'unit' : 'script'}`,
      files: { ...bare, ...clouds[cloud], ...withAgent, ...xe[form] },
      xe: form,
      cloud,
    })),
);
