import assert from 'node:assert/strict';
import type { Fact } from '../../../../images/guest/fact.js';
import type { Obstacle } from '../../../../images/guest/init/obstacle.js';
import { type Work, processInputs, processObstacles } from '../../../../images/guest/init/process.js';
import { services } from '../../../../images/guest/init/services.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { gather } from '../../../support/declared-inputs.js';

type Files = Readonly<Record<string, MemoryNode>>;

const program: MemoryNode = { content: '#!/bin/sh\n', mode: 0o755 };
const unit = '/usr/lib/systemd/system/work.service';
const wants = '/etc/systemd/system/multi-user.target.wants/work.service';

const guest: Files = {
  '/sbin/init': { link: '/usr/lib/systemd/systemd' },
  '/usr/lib/systemd/systemd': program,
  '/usr/lib/systemd/system/default.target': '[Unit]\nWants=multi-user.target\n',
  '/usr/lib/systemd/system/multi-user.target': '[Unit]\n',
  [wants]: { link: unit },
  '/bin/sh': program,
  '/usr/bin/agent': program,
  '/usr/bin/passwd': program,
  '/usr/sbin/ifup': program,
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\ntoor:x:0:0::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nadm:x:4:\n',
  '/etc/shadow': 'root:*:19000:0:99999:7:::\n',
  '/etc/network/interfaces': 'auto lo\n',
  '/var/log/wtmp': '',
  '/root/.bashrc': '',
  '/srv/x': '',
  '/proc/x': '',
};

const all: Work = {
  root: true,
  writes: ['/etc/shadow', '/etc/network/interfaces', '/var/log/agent.log'],
  mayWrite: ['/root/.ssh/authorized_keys'],
  devices: [{ path: '/dev/xen/xenbus', group: 'char-misc' }],
  network: 'configures',
  capabilities: ['CAP_CHOWN'],
  calls: ['passwd', 'ifup'],
};

async function ask(files: Files, work = all): Promise<readonly Obstacle[]> {
  const fact: Fact<readonly Obstacle[]> = {
    name: 'asked',
    inputs: [...services.inputs, ...processInputs],
    async gather(image, get) {
      const system = await get(services);
      const service = system.find('work');
      assert.ok(service);
      return processObstacles(image, system, service, work);
    },
  };
  return gather(fact, memoryImage({ ...guest, ...files }));
}

const asUnit = (lines: readonly string[], exec = '/usr/bin/agent'): Files => ({
  [unit]: `[Service]\nExecStart=${exec}\n${lines.join('\n')}\n`,
});

const verdict = async (
  lines: readonly string[],
  more: Files = {},
): Promise<'works' | 'broken' | 'undecided'> => {
  const found = await ask({ ...asUnit(lines), ...more });
  if (found.some(({ certain }) => certain)) return 'broken';
  return found.length > 0 ? 'undecided' : 'works';
};

/** From systemd.exec(5), systemd.resource-control(5), and what Python 3.11 did under the same limits of prlimit(1). */
const limits: readonly (readonly ['works' | 'broken' | 'undecided', ...string[]])[] = [
  ['broken', 'LimitFSIZE=0'],
  ['undecided', 'LimitFSIZE=64K'],
  ['works', 'LimitFSIZE=1G'],
  ['works', 'LimitFSIZE=0', 'LimitFSIZE=infinity'],
  ['broken', 'LimitNOFILE=4'],
  ['broken', 'LimitNOFILE=4:1024'],
  ['undecided', 'LimitNOFILE=16'],
  ['works', 'LimitNOFILE=1024:524288'],
  ['broken', 'LimitAS=4M'],
  ['undecided', 'LimitAS=32M'],
  ['works', 'LimitAS=1G 500M'],
  ['broken', 'LimitDATA=500K'],
  ['undecided', 'LimitCPU=10'],
  ['works', 'LimitCPU=infinity'],
  // Root is not bound by RLIMIT_NPROC (setrlimit(2)).
  ['works', 'LimitNPROC=1'],
  ['broken', 'TasksMax=1'],
  ['undecided', 'TasksMax=4'],
  ['works', 'TasksMax=15%'],
  ['works', 'TasksMax=4915'],
  ['broken', 'MemoryMax=512K'],
  ['undecided', 'MemoryMax=16M'],
  ['works', 'MemoryMax=50%'],
  ['works', 'MemoryMax=512M'],
  ['undecided', 'CPUQuota=1%'],
  ['works', 'CPUQuota=200%'],
  // `systemd-analyze verify`: "out of range, ignoring".
  ['works', 'TasksMax=0', 'MemoryMax=0', 'CPUQuota=0%'],
  ['works', 'MemoryMax=nonsense'],
];

/**
 * Each line was given to a transient unit (`systemd-run -p`) of systemd 252 in a booted container, whose program did
 * what the 2.x agent does: wrote /etc, /etc/network/interfaces and its log, called passwd, hostnamectl, ip, ifdown,
 * ifup and route, opened a device below /dev/xen, asked for a hardware address. `broken` is what failed there.
 */
const tried: readonly (readonly ['works' | 'broken' | 'undecided', ...string[]])[] = [
  ['works'],
  ['works', 'ProtectSystem=yes'],
  ['broken', 'ProtectSystem=full'],
  ['broken', 'ProtectSystem=strict'],
  ['works', 'ProtectSystem=strict', 'ReadWritePaths=/etc /var'],
  ['broken', 'ProtectSystem=full', 'ReadWritePaths=/etc/network'],
  ['broken', 'ProtectSystem=strict', 'LogsDirectory=x'],
  ['broken', 'ProtectSystem=strict', 'ReadWritePaths=/'],
  ['broken', 'ProtectSystem=strict', 'ReadWritePaths=-/nope'],
  ['works', 'ProtectSystem=strict', 'BindPaths=/etc /var/log'],
  ['broken', 'ProtectSystem=full', 'BindPaths=/etc'],
  ['broken', 'ProtectSystem=full', 'TemporaryFileSystem=/etc'],
  // Only a key that the cloud injects is lost.
  ['undecided', 'ProtectHome=yes'],
  ['undecided', 'ProtectHome=read-only'],
  ['undecided', 'InaccessiblePaths=/root'],
  ['works', 'PrivateTmp=yes'],
  ['broken', 'PrivateDevices=yes'],
  ['broken', 'PrivateNetwork=yes'],
  ['broken', 'NetworkNamespacePath=/nope'],
  ['broken', 'PrivateUsers=yes'],
  ['works', 'PrivateMounts=yes'],
  ['works', 'ProtectHostname=yes'],
  ['works', 'ProtectKernelTunables=yes', 'ProtectKernelModules=yes', 'ProtectKernelLogs=yes'],
  ['works', 'ProtectControlGroups=yes', 'ProtectProc=invisible', 'ProcSubset=pid'],
  ['broken', 'RestrictAddressFamilies=AF_UNIX'],
  ['broken', 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6'],
  ['broken', 'RestrictAddressFamilies=AF_NETLINK AF_UNIX'],
  ['works', 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  ['works', 'RestrictAddressFamilies=~AF_PACKET'],
  ['works', 'RestrictNamespaces=yes', 'RestrictRealtime=yes', 'RestrictSUIDSGID=yes', 'LockPersonality=yes'],
  ['works', 'MemoryDenyWriteExecute=yes'],
  ['works', 'NoNewPrivileges=yes'],
  ['broken', 'CapabilityBoundingSet='],
  ['broken', 'CapabilityBoundingSet=CAP_NET_ADMIN'],
  ['works', 'CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER'],
  ['works', 'CapabilityBoundingSet=CAP_NET_ADMIN', 'CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE'],
  ['works', 'CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_SYS_PTRACE'],
  ['broken', 'CapabilityBoundingSet=~CAP_NET_ADMIN'],
  ['broken', 'CapabilityBoundingSet=~CAP_CHOWN'],
  ['works', 'SystemCallFilter=@system-service'],
  ['broken', 'SystemCallFilter=~@privileged'],
  ['broken', 'SystemCallFilter=@system-service', 'SystemCallFilter=~@privileged @resources'],
  ['broken', 'SystemCallFilter=~@network-io'],
  ['broken', 'SystemCallFilter=@basic-io'],
  ['works', 'SystemCallFilter=~@mount @clock @debug @module @obsolete @reboot @swap @raw-io @cpu-emulation'],
  ['broken', 'ReadOnlyPaths=/etc'],
  ['broken', 'ReadOnlyPaths=+/etc'],
  ['broken', 'ReadOnlyPaths=/etc/shadow'],
  ['broken', 'ReadOnlyPaths=/'],
  ['broken', 'ReadOnlyPaths=/etc', 'ReadWritePaths=/etc'],
  ['broken', 'ReadOnlyPaths=/etc', 'BindPaths=/etc'],
  ['broken', 'ReadOnlyPaths=/var/log'],
  ['works', 'ReadOnlyPaths=-/nope'],
  ['broken', 'ReadOnlyPaths=/nope'],
  ['broken', 'ReadWritePaths=/nope'],
  ['broken', 'InaccessiblePaths=/nope'],
  ['broken', 'InaccessiblePaths=/etc/shadow'],
  ['broken', 'InaccessiblePaths=/usr/bin/passwd'],
  ['broken', 'NoExecPaths=/usr/bin/passwd'],
  ['broken', 'NoExecPaths=/usr/sbin'],
  ['works', 'NoExecPaths=/', 'ExecPaths=/usr'],
  ['broken', 'TemporaryFileSystem=/etc'],
  ['broken', 'TemporaryFileSystem=/var'],
  ['broken', 'BindPaths=/nope'],
  ['broken', 'BindReadOnlyPaths=/etc'],
  ['works', 'BindReadOnlyPaths=/usr:/opt'],
  ['broken', 'RootDirectory=/nope'],
  ['works', 'RootDirectory=/'],
  ['broken', 'User=nobody'],
  ['broken', 'User=nosuch'],
  ['works', 'User=root'],
  ['works', 'User=0'],
  ['broken', 'Group=nosuch'],
  ['broken', 'SupplementaryGroups=nosuch'],
  ['broken', 'DynamicUser=yes'],
  ['broken', 'DynamicUser=yes', 'User=root'],
  ['broken', 'ExecSearchPath=/nope'],
  ['broken', 'Environment=PATH=/nope'],
  ['broken', 'UnsetEnvironment=PATH'],
  ['broken', 'WorkingDirectory=/nope'],
  ['works', 'WorkingDirectory=-/nope'],
  ['works', 'WorkingDirectory=~'],
  ['broken', 'EnvironmentFile=/nope'],
  ['works', 'EnvironmentFile=-/nope'],
  ['broken', 'EnvironmentFile=/etc'],
  ['broken', 'LoadCredential=x:/nope'],
  ['works', 'StateDirectory=foo', 'RuntimeDirectory=foo'],
];

describe('processObstacles', () => {
  for (const [expected, ...lines] of [...tried, ...limits])
    it(`${lines.join(' ') || 'nothing special'}: ${expected}`, async () => {
      assert.equal(await verdict(lines), expected);
    });

  it('names the line of the drop-in that decides', async () => {
    const [only, ...more] = await ask({
      ...asUnit([]),
      '/etc/systemd/system/service.d/10-hard.conf': '[Service]\n# hardening\nProtectSystem=full\n',
    });
    assert.deepEqual(more, []);
    assert.deepEqual(only, {
      certain: true,
      evidence: { path: '/etc/systemd/system/service.d/10-hard.conf', line: 3 },
      because: 'ProtectSystem=full makes /etc/shadow read-only',
    });
  });

  // systemd.unit(5): an empty assignment resets a list, and the last value of a single setting counts.
  it('knows the limits of the manager and of the slices', async () => {
    const slice = (name: string, ...lines: string[]): Files => ({
      [`/etc/systemd/system/${name}`]: `[Slice]\n${lines.join('\n')}\n`,
    });
    const manager = (line: string): Files => ({ '/etc/systemd/system.conf': `[Manager]\n${line}\n` });
    assert.equal(await verdict([], slice('system.slice.d/x.conf', 'TasksMax=1')), 'broken');
    assert.equal(await verdict([], slice('a.slice', 'TasksMax=1')), 'works');
    assert.equal(await verdict(['Slice=a-b.slice'], slice('a.slice', 'MemoryMax=16M')), 'undecided');
    assert.equal(await verdict([], slice('system.slice', 'TasksMax=1', 'TasksMax=')), 'works');
    assert.equal(await verdict([], manager('DefaultLimitFSIZE=0')), 'broken');
    assert.equal(await verdict(['LimitFSIZE=infinity'], manager('DefaultLimitFSIZE=0')), 'works');
    assert.equal(await verdict([], manager('DefaultTasksMax=1')), 'broken');
  });

  // systemd.service(5), the table of prefixes: `systemd-analyze verify` says "/usr/bin/$A is not executable".
  it('fills no variable in for a program, nor behind `:` for anything', async () => {
    const exec = async (line: string): Promise<boolean> =>
      (await ask({ ...asUnit(['Environment=A=agent'], line) })).some(({ certain }) => certain);
    for (const prefix of ['', ':', '-:', ':-', ':@', ':+', '!!:'])
      assert.equal(await exec(`${prefix}/usr/bin/$A x`), !prefix.includes('-'), prefix);
    assert.equal(await exec(':/usr/bin/agent $A'), false);
    assert.equal(await exec('|cd / && /usr/bin/agent'), false);
  });

  it('goes by what drop-ins leave', async () => {
    const dropIn = (text: string): Files => ({
      '/etc/systemd/system/work.service.d/1.conf': `[Service]\n${text}\n`,
    });
    assert.equal(await verdict(['ProtectSystem=full'], dropIn('ProtectSystem=no')), 'works');
    assert.equal(await verdict(['ReadOnlyPaths=/etc'], dropIn('ReadOnlyPaths=')), 'works');
    assert.equal(await verdict([], dropIn('ExecStart=/usr/bin/agent -x')), 'broken');
    assert.equal(await verdict([], dropIn('ExecStart=\nExecStart=/usr/bin/agent -x')), 'works');
    assert.equal(await verdict(['Type=oneshot'], dropIn('ExecStart=/usr/bin/agent -x')), 'works');
  });

  // systemd.service(5), "COMMAND LINES": `-` ignores failure, `+` has no sandbox, `!` only no other user.
  it('knows the prefixes of commands', async () => {
    const start = async (exec: string, ...lines: readonly string[]): Promise<boolean> =>
      (await ask(asUnit(lines, exec))).length === 0;
    assert.equal(await start('+/usr/bin/agent', 'User=nobody', 'ProtectSystem=strict'), true);
    assert.equal(await start('!/usr/bin/agent', 'User=nobody'), true);
    assert.equal(await start('!/usr/bin/agent', 'ProtectSystem=strict'), false);
    assert.equal(await start('/usr/bin/agent', 'ExecStartPre=/usr/bin/nope'), false);
    assert.equal(await start('/usr/bin/agent', 'ExecStartPre=-/usr/bin/nope'), true);
    assert.equal(await start('/usr/bin/agent', 'ExecCondition=/bin/sh -c "exit 1"'), false);
    assert.equal(await start('/usr/bin/agent', 'ExecStartPre=/usr/bin/test -f /etc/nope'), false);
    assert.equal(await start('@/usr/bin/agent agent'), true);
    assert.equal(await start('/usr/bin/nope'), false);
  });

  // systemd.resource-control(5), DevicePolicy= and DeviceAllow=.
  it('opens devices as the policy allows', async () => {
    assert.equal(await verdict(['DevicePolicy=closed']), 'broken');
    assert.equal(await verdict(['DevicePolicy=closed', 'DeviceAllow=/dev/xen/xenbus rw']), 'works');
    assert.equal(await verdict(['DevicePolicy=closed', 'DeviceAllow=char-misc rwm']), 'works');
    assert.equal(await verdict(['DevicePolicy=closed', 'DeviceAllow=/dev/xen/xenbus r']), 'broken');
    assert.equal(await verdict(['DeviceAllow=/dev/null rw']), 'broken');
    assert.equal(await verdict(['DevicePolicy=auto']), 'works');
    // core/unit.c, unit_patch_contexts(): ProtectClock= allows the clock, and so nothing else.
    assert.equal(await verdict(['ProtectClock=yes']), 'broken');
    assert.equal(await verdict(['ProtectClock=yes', 'DeviceAllow=/dev/xen/xenbus rw']), 'works');
    assert.equal(await verdict(['ProtectClock=no']), 'works');
    assert.equal(await verdict(['PrivateDevices=yes', 'BindPaths=-/dev/xen']), 'broken');
  });

  // systemd.exec(5): with "-" a bind is ignored where its source is not there.
  it('passes over a bind of what is not there, where that is allowed', async () => {
    assert.equal(await verdict(['BindPaths=-/gone:/etc']), 'works');
    assert.equal(await verdict(['BindPaths=/gone:/etc']), 'broken');
    assert.equal(await verdict(['BindPaths=-/usr:/etc'], { '/usr/x': '' }), 'broken');
  });

  // systemd-system.conf(5): what PID 1 drops is lost to all its children.
  it('has no capability that the manager itself has given up', async () => {
    const manager = (value: string): Files => ({
      '/etc/systemd/system.conf': `[Manager]\nCapabilityBoundingSet=${value}\n`,
    });
    assert.equal(await verdict([], manager('~CAP_NET_ADMIN CAP_CHOWN')), 'broken');
    assert.equal(await verdict([], manager('~CAP_SYS_MODULE')), 'works');
  });

  it('says what the image cannot answer, and does not claim it', async () => {
    assert.equal(await verdict(['EnvironmentFile=/run/made-at-boot']), 'undecided');
    assert.equal(await verdict(['Group=far'], { '/etc/nsswitch.conf': 'group: files sss\n' }), 'undecided');
    assert.equal(await verdict(['Group=far'], { '/etc/nsswitch.conf': 'group: files systemd\n' }), 'broken');
    assert.equal(
      await verdict(['Group=made'], { '/usr/lib/sysusers.d/x.conf': 'u made - "A user"\n' }),
      'works',
    );
    assert.equal(await verdict(['User=toor']), 'works');
  });

  it('asks nothing that the service does not need', async () => {
    const lines = ['User=nobody', 'ProtectSystem=strict', 'PrivateNetwork=yes', 'PrivateDevices=yes'];
    assert.deepEqual(await ask(asUnit(lines), {}), []);
  });

  it('takes a PATH from the manager’s defaults and from files of variables', async () => {
    const conf = { '/etc/systemd/system.conf.d/x.conf': '[Manager]\nDefaultEnvironment="PATH=/opt/bin"\n' };
    assert.equal(await verdict([], conf), 'broken');
    assert.equal(await verdict(['Environment=PATH=/usr/bin:/usr/sbin'], conf), 'works');
    const file = { '/etc/default/work': 'PATH="/opt/bin"\n' };
    assert.equal(
      await verdict(['Environment=PATH=/usr/bin:/usr/sbin', 'EnvironmentFile=/etc/default/work'], file),
      'broken',
    );
  });
});
