import { agentUnit, units } from '../guests.js';
import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

const conditionOf =
  (...lines: readonly string[]) =>
  (root: Root): void => {
    root
      .folder('/srv/empty')
      .put('/srv/blank', '')
      .dropIn(agentUnit, '[Unit]', ...lines);
  };

/** Conditions that the image answers: the agent is passed over, or fails. systemd.unit(5) has them all. */
const unmet: readonly Draft[] = (
  [
    ['path-exists', 'ConditionPathExists=/srv/absent', ['debian11', 'debian12', 'debian13']],
    ['path-not-exists', 'ConditionPathExists=!/srv/empty', ['debian12', 'debian13-both']],
    ['glob', 'ConditionPathExistsGlob=/srv/absent*', 'debian12'],
    ['directory', 'ConditionPathIsDirectory=/srv/blank', 'debian13'],
    ['symlink', 'ConditionPathIsSymbolicLink=/srv/empty', 'debian12'],
    ['mount-point', 'ConditionPathIsMountPoint=/srv/empty', 'debian12'],
    ['directory-not-empty', 'ConditionDirectoryNotEmpty=/srv/empty', 'debian13'],
    ['file-not-empty', 'ConditionFileNotEmpty=/srv/blank', 'debian12'],
    ['executable', 'ConditionFileIsExecutable=/srv/blank', 'debian11'],
    ['user', 'ConditionUser=nobody', 'debian12'],
    ['group', 'ConditionGroup=nogroup', 'debian13'],
    ['architecture', 'ConditionArchitecture=arm64', 'debian12'],
    ['os-release', 'ConditionOSRelease=ID=ubuntu', 'debian13'],
    ['environment', 'ConditionEnvironment=NOVA', 'debian13'],
    ['assert', 'AssertPathExists=/srv/absent', ['debian12', 'debian13']],
    ['assert-not', 'AssertFileNotEmpty=!/etc/passwd', 'debian11'],
  ] as const
).map(([id, line, on]): Draft => ({
  id,
  on,
  what: `a drop-in of the agent has ${line}, which does not hold`,
  put: conditionOf(line),
  is: 'broken',
  speaks: 'agent-enabled',
  says: new RegExp(line.slice(0, line.indexOf('='))),
}));

/** Conditions of the machine that the image will run on. */
const unanswered: readonly Draft[] = (
  [
    ['memory', 'ConditionMemory=>=8T', 'debian12'],
    ['cpus', 'ConditionCPUs=>=4096', 'debian13'],
    ['host', 'ConditionHost=no-such-host', 'debian12'],
    ['kernel-word', 'ConditionKernelCommandLine=agent', 'debian12'],
    ['kernel-version', 'ConditionKernelVersion=>=99.0', 'debian12'],
  ] as const
).map(([id, line, on]): Draft => ({
  id,
  on,
  what: `a drop-in of the agent has ${line}, which the image cannot answer`,
  put: conditionOf(line),
  is: 'broken',
  undecidable: true,
  speaks: 'agent-enabled',
  says: new RegExp(line.slice(0, line.indexOf('='))),
}));

const met: readonly Draft[] = (
  [
    ['reset', ['ConditionPathExists=/srv/absent', 'ConditionPathExists='], ['debian11', 'debian12']],
    ['one-of-two', ['ConditionPathExists=|/srv/absent', 'ConditionPathExists=|/srv/blank'], 'debian12'],
    ['absent-is-wanted', ['ConditionPathExists=!/srv/absent'], 'debian13'],
    ['user-root', ['ConditionUser=root'], 'debian12'],
    ['user-0', ['ConditionUser=0', 'ConditionGroup=root'], 'debian13'],
    ['read-write', ['ConditionPathIsReadWrite=/etc'], 'debian12'],
    ['own-program', ['ConditionFileIsExecutable=/usr/bin/nova-agent'], 'debian12-both'],
    ['os-release', ['ConditionOSRelease=ID=debian'], 'debian13'],
    ['architecture', ['ConditionArchitecture=x86-64'], 'debian12'],
    ['assert', ['AssertPathExists=/etc/passwd'], 'debian11'],
    ['not-a-word', ['ConditionKernelCommandLine=!nova.off'], 'debian12'],
  ] as const
).map(([id, lines, on]): Draft => ({
  id: `met-${id}`,
  on,
  what: `a drop-in of the agent has ${lines.join(' and ')}, which holds`,
  put: conditionOf(...lines),
  is: 'works',
  guards: 'agent-enabled',
}));

const absent = '[Unit]\nConditionPathExists=/srv/absent\n';

export const conditions = rowsOf('conditions', [
  ...unmet,
  ...unanswered,
  ...met,
  {
    id: 'of-every-service',
    on: ['debian12', 'debian13'],
    what: 'service.d gives every service a condition that does not hold',
    put: (root) => root.put('/etc/systemd/system/service.d/50-local.conf', absent),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /service\.d/,
  },
  {
    id: 'of-the-prefix',
    on: 'debian12',
    what: 'python3-.service.d has a condition that does not hold',
    put: (root) => root.put('/etc/systemd/system/python3-.service.d/50-local.conf', absent),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /python3-\.service\.d/,
  },
  {
    id: 'of-the-vendor',
    on: 'debian13',
    what: 'a drop-in below /usr/lib has a condition that does not hold',
    put: (root) => root.put(`/usr/lib/systemd/system/${agentUnit}.d/50-vendor.conf`, absent),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /50-vendor\.conf/,
  },
  {
    id: 'vendor-masked',
    on: 'debian13',
    what: 'a drop-in below /usr/lib has a condition that does not hold, and /etc masks the drop-in',
    put: (root) =>
      root
        .put(`/usr/lib/systemd/system/${agentUnit}.d/50-vendor.conf`, absent)
        .link(`/etc/systemd/system/${agentUnit}.d/50-vendor.conf`, '/dev/null'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'other-suffix',
    on: ['debian12', 'debian12-both'],
    what: 'a file among the drop-ins that does not end in .conf has a condition that does not hold',
    put: (root) => root.put(`/etc/systemd/system/${agentUnit}.d/50-local.conf.bak`, absent),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'wrong-section',
    on: 'debian12',
    what: 'the condition stands below [Service], where systemd passes over it',
    put: (root) => root.dropIn(agentUnit, '[Service]', 'ConditionPathExists=/srv/absent'),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'of-another-unit',
    on: 'debian12',
    what: 'a drop-in for a unit that is not there has a condition that does not hold',
    put: (root) => root.put('/etc/systemd/system/nova-agent.service.d/50-local.conf', absent),
    is: 'works',
    guards: 'agent-enabled',
  },
  {
    id: 'virtualization-xen',
    on: ['debian12', 'debian13'],
    what: 'the agent has ConditionVirtualization=xen',
    put: conditionOf('ConditionVirtualization=xen'),
    is: 'works',
    by: { manual: 'systemd.unit(5), ConditionVirtualization=; the servers of the cloud are guests of Xen' },
    guards: 'agent-enabled',
  },
  {
    id: 'virtualization-not-container',
    on: 'debian12',
    what: 'the agent has ConditionVirtualization=!container',
    put: conditionOf('ConditionVirtualization=!container'),
    is: 'works',
    by: { manual: 'systemd.unit(5), ConditionVirtualization=; the servers of the cloud are guests of Xen' },
    guards: 'agent-enabled',
  },
  {
    id: 'virtualization-kvm',
    on: 'debian12',
    what: 'the agent has ConditionVirtualization=kvm',
    put: conditionOf('ConditionVirtualization=kvm'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /ConditionVirtualization/,
  },
  {
    id: 'in-the-unit',
    on: 'debian12',
    what: "the agent's own unit has a condition that does not hold",
    put: (root) => root.edit(`${units}/${agentUnit}`, '[Unit]', '[Unit]\nConditionPathExists=/srv/absent'),
    is: 'broken',
    speaks: 'agent-enabled',
    says: /ConditionPathExists/,
  },
  {
    id: 'first-boot',
    on: 'debian12',
    what: 'the agent has ConditionFirstBoot=yes, and the machine-id is there',
    put: (root) => {
      conditionOf('ConditionFirstBoot=yes')(root);
      root.put('/etc/machine-id', '0123456789abcdef0123456789abcdef\n');
    },
    is: 'broken',
    speaks: 'agent-enabled',
    says: /ConditionFirstBoot/,
  },
  {
    id: 'cloud-init',
    on: ['debian12-ci', 'debian13-ci'],
    what: 'a drop-in of cloud-init-local has a condition that does not hold',
    put: (root) => root.dropIn('cloud-init-local.service', '[Unit]', 'ConditionPathExists=/srv/absent'),
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /ConditionPathExists/,
  },
]);
