import { agentUnit, units } from '../guests.js';
import { type Draft, rowsOf } from '../row.js';

const unit = `${units}/${agentUnit}`;
const start = '/usr/bin/nova-agent --no-fork=True -o /var/log/nova-agent.log -l info';

/** Settings of the service with which the agent cannot do its work: systemd.service(5), systemd.exec(5). */
const harmful: readonly Draft[] = (
  [
    [
      'other-program',
      ['ExecStart=', 'ExecStart=/bin/sleep infinity'],
      ['debian12', 'debian13'],
      /50-local\.conf/,
    ],
    ['two-programs', [`ExecStart=${start}`], ['debian12', 'debian13'], /ExecStart/],
    ['no-program', ['ExecStart='], 'debian12', /ExecStart/],
    ['pre-gone', ['ExecStartPre=/usr/local/bin/wait-for-xen'], ['debian11', 'debian12'], /ExecStartPre/],
    ['pre-false', ['ExecStartPre=/bin/false'], 'debian13', /ExecStartPre/],
    ['condition-false', ['ExecCondition=/bin/false'], 'debian12', /ExecCondition/],
    ['user-nobody', ['User=nobody'], ['debian12', 'debian13'], /User/],
    ['user-unknown', ['User=nova'], 'debian12', /User/],
    ['group-unknown', ['Group=nova'], 'debian13', /Group/],
    ['dynamic-user', ['DynamicUser=yes'], 'debian12', /DynamicUser/],
    [
      'environment-file',
      ['EnvironmentFile=/etc/default/nova-agent'],
      ['debian11', 'debian13'],
      /EnvironmentFile/,
    ],
    ['working-directory', ['WorkingDirectory=/var/lib/nova-agent'], 'debian12', /WorkingDirectory/],
    ['path', ['Environment=PATH=/opt/bin'], ['debian12', 'debian13'], /PATH/],
    ['python-home', ['Environment=PYTHONHOME=/opt/python'], ['debian12', 'debian13'], /PYTHONHOME/],
    ['protect-system-full', ['ProtectSystem=full'], ['debian11', 'debian12', 'debian13'], /ProtectSystem/],
    ['protect-system-strict', ['ProtectSystem=strict'], 'debian12', /ProtectSystem/],
    ['private-devices', ['PrivateDevices=yes'], ['debian12', 'debian13'], /PrivateDevices/],
    ['limit-fsize', ['LimitFSIZE=0'], 'debian12', /LimitFSIZE/],
    ['private-network', ['PrivateNetwork=yes'], 'debian12', /PrivateNetwork/],
    ['read-only-paths', ['ReadOnlyPaths=/etc'], 'debian13', /ReadOnlyPaths/],
    ['inaccessible-paths', ['InaccessiblePaths=/etc/network'], 'debian12', /InaccessiblePaths/],
    ['root-directory', ['RootDirectory=/srv'], 'debian12', /RootDirectory/],
    ['system-calls', ['SystemCallFilter=@basic-io'], 'debian12', /SystemCallFilter/],
    ['no-capabilities', ['CapabilityBoundingSet='], ['debian12', 'debian13'], /CapabilityBoundingSet/],
    ['temporary-etc', ['TemporaryFileSystem=/etc:ro'], 'debian13', /TemporaryFileSystem/],
    [
      'unknown-option',
      ['ExecStart=', `ExecStart=${start} --foreground`],
      ['debian12', 'debian13'],
      /--foreground/,
    ],
    [
      'unknown-level',
      ['ExecStart=', `ExecStart=${start.replace('-l info', '-l verbose')}`],
      'debian12',
      /verbose/,
    ],
    ['relative-program', ['ExecStart=', 'ExecStart=bin/nova-agent'], 'debian12', /ExecStart/],
  ] as const
).map(([id, lines, on, says]): Draft => ({
  id,
  on,
  what: `a drop-in of the agent has ${lines.join(' and ')}`,
  put: (root) => root.dropIn(agentUnit, '[Service]', ...lines),
  is: 'broken',
  speaks: ['agent-runnable', 'agent-enabled', 'agent-installed'],
  says,
}));

const harmless: readonly Draft[] = (
  [
    ['pre-may-fail', ['ExecStartPre=-/usr/local/bin/wait-for-xen'], ['debian11', 'debian12']],
    ['pre-true', ['ExecStartPre=/bin/true'], 'debian13'],
    ['environment-file-may-miss', ['EnvironmentFile=-/etc/default/nova-agent'], ['debian12', 'debian13']],
    ['working-directory-may-miss', ['WorkingDirectory=-/var/lib/nova-agent'], 'debian12'],
    ['user-root', ['User=root', 'Group=root'], 'debian13'],
    ['environment', ['Environment=LANG=C NOVA=1'], 'debian12'],
    ['path-of-debian', ['Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin'], 'debian12'],
    ['protect-system-yes', ['ProtectSystem=yes'], ['debian11', 'debian12']],
    ['protect-home', ['ProtectHome=yes'], 'debian13'],
    ['private-tmp', ['PrivateTmp=yes'], ['debian12', 'debian12-both']],
    ['ip-address-deny', ['IPAddressDeny=any'], 'debian12'],
    ['restart', ['Restart=always', 'RestartSec=5'], 'debian13'],
    ['nice', ['Nice=10', 'OOMScoreAdjust=-500', 'LimitNOFILE=1024'], 'debian12'],
    ['protect-kernel', ['ProtectKernelModules=yes', 'ProtectKernelLogs=yes'], 'debian13'],
    ['program-again', ['ExecStart=', `ExecStart=${start}`], ['debian11', 'debian13']],
    ['program-by-env', ['ExecStart=', `ExecStart=/usr/bin/env python3 ${start}`], 'debian12'],
    ['program-by-shell', ['ExecStart=', `ExecStart=/bin/sh -c "exec ${start}"`], 'debian12'],
    ['unset-environment', ['Environment=PYTHONHOME=/opt/python', 'UnsetEnvironment=PYTHONHOME'], 'debian13'],
    [
      'logs-directory',
      ['LogsDirectory=nova', 'ExecStart=', `ExecStart=${start} -o /var/log/nova/a.log`],
      'debian12',
    ],
    ['bind-of-nothing', ['BindPaths=-/gone:/etc'], 'debian12'],
    [
      'python-alone',
      ['Environment=PYTHONHOME=/gone', 'ExecStart=', `ExecStart=/usr/bin/python3 -E ${start}`],
      'debian12',
    ],
    ['read-write-again', ['ProtectSystem=strict', 'ReadWritePaths=/etc /var /run'], 'debian12'],
  ] as const
).map(([id, lines, on]): Draft => ({
  id: `harmless-${id}`,
  on,
  what: `a drop-in of the agent has ${lines.join(' and ')}`,
  put: (root) => root.dropIn(agentUnit, '[Service]', ...lines),
  is: 'works',
  guards: ['agent-runnable', 'agent-enabled'],
  // A home that is hidden takes nothing from what the cloud asks here, and keys for root from what it could ask.
  ...(id === 'protect-home' ? { may: 'agent-runnable' } : {}),
}));

export const unitProcess = rowsOf('unit-process', [
  ...harmful,
  ...harmless,
  {
    id: 'tasks-max',
    on: 'debian13',
    what: 'a drop-in of the agent has TasksMax=1',
    put: (root) => root.dropIn(agentUnit, '[Service]', 'TasksMax=1'),
    is: 'broken',
    by: { manual: 'systemd.resource-control(5), TasksMax=; a container has no controller for it' },
    speaks: 'agent-runnable',
    says: /TasksMax/,
  },
  {
    id: 'of-every-service',
    on: 'debian12',
    what: 'service.d takes /etc from every service',
    put: (root) =>
      root.put('/etc/systemd/system/service.d/hardening.conf', '[Service]\nReadOnlyPaths=/etc\n'),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-enabled'],
    says: /service\.d/,
  },
  {
    id: 'default-environment',
    on: ['debian12', 'debian13'],
    what: 'DefaultEnvironment= of system.conf sets PYTHONHOME to a folder that is not there',
    put: (root) =>
      root.put(
        '/etc/systemd/system.conf.d/python.conf',
        '[Manager]\nDefaultEnvironment=PYTHONHOME=/opt/python\n',
      ),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-enabled'],
    says: /PYTHONHOME/,
  },
  {
    id: 'protect-clock',
    on: 'debian12',
    what: 'a drop-in of the agent has ProtectClock=yes, which allows it the clock and no other device',
    put: (root) => root.dropIn(agentUnit, '[Service]', 'ProtectClock=yes'),
    is: 'broken',
    by: { source: 'systemd, src/core/unit.c, unit_patch_contexts(): a container has no such devices' },
    speaks: 'agent-runnable',
    says: /ProtectClock/,
  },
  {
    id: 'capabilities-of-the-manager',
    on: ['debian12', 'debian13'],
    what: 'CapabilityBoundingSet= of system.conf takes CAP_NET_ADMIN and CAP_CHOWN from all services',
    put: (root) =>
      root.put(
        '/etc/systemd/system.conf.d/less.conf',
        '[Manager]\nCapabilityBoundingSet=~CAP_NET_ADMIN CAP_CHOWN\n',
      ),
    is: 'broken',
    speaks: 'agent-runnable',
    says: /CapabilityBoundingSet/,
  },
  ...(
    [
      ['without-site', ['ExecStart=', `ExecStart=/usr/bin/python3 -S ${start}`], /cryptography/],
      ['empty-options', ['ExecStart=', 'ExecStart=/usr/bin/nova-agent $OPTS'], /no-fork/],
    ] as const
  ).map(([id, lines, says]): Draft => ({
    id,
    on: 'debian12',
    what: `a drop-in of the agent has ${lines.join(' and ')}`,
    put: (root) => root.dropIn(agentUnit, '[Service]', ...lines),
    is: 'broken',
    speaks: 'agent-runnable',
    says,
  })),
  ...(['RuntimeMaxSec=10', 'WatchdogSec=30'] as const).map((line): Draft => ({
    id: line.startsWith('R') ? 'runtime-max' : 'watchdog',
    on: 'debian12',
    what: `a drop-in of the agent has ${line}: it is gone when somebody asks for it later`,
    put: (root) => root.dropIn(agentUnit, '[Service]', line),
    is: 'broken',
    by: { source: 'systemd.service(5): the build of a server, which is what is booted, may be over by then' },
    speaks: 'agent-runnable',
    says: new RegExp(line.replace(/=.*/, '')),
  })),
  {
    id: 'harmless-python-of-nothing',
    on: 'debian12',
    what: 'a python3 that comes first is a script whose own interpreter is gone, and env(1) goes on',
    put: (root) => root.put('/usr/local/sbin/python3', '#!/opt/gone\n', 0o755),
    is: 'works',
    guards: 'agent-runnable',
  },
  {
    id: 'in-the-unit',
    on: 'debian11',
    what: 'the unit starts a program that is not there',
    put: (root) => root.edit(unit, 'ExecStart=/usr/bin/nova-agent', 'ExecStart=/usr/local/bin/nova-agent'),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-enabled', 'agent-installed'],
  },
]);
