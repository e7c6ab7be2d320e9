import type { Severity } from '../../../checks/lib/check.js';
import type { CheckResult, Outcome, ReportedFinding } from '../../../checks/lib/result.js';
import type { ReportedBoot } from '../../../pipeline/report/boot.js';
import {
  type Report,
  type ReportedChange,
  type ReportedRule,
  type ReportParts,
  assembleReport,
  failedReport,
} from '../../../pipeline/report/report.js';

/** Reports as a run would assemble them: one of each verdict, and one of an image that attacks its reader. */

const rules: readonly ReportedRule[] = [
  {
    id: 'agent-enabled',
    title: 'nova-agent starts at boot',
    failureTitle: 'nova-agent does not start at boot',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    why: 'A server built from the image never reports its version. The build waits until it gives up, and the password, the addresses and the files are never set.',
    remedy: 'Enable its service with the tool of the init system: insserv, chkconfig or systemctl.',
    references: [{ title: 'Check nova-agent on Linux', where: 'Enable the service' }],
    repair: {
      title: 'Enable nova-agent at boot',
      risk: 'safe',
      docs: 'Makes the links that the init system would make.',
    },
  },
  {
    id: 'agent-log',
    title: 'the log of nova-agent shows no trouble',
    failureTitle: 'the log of nova-agent shows trouble',
    category: 'agent',
    severity: 'warning',
    targets: ['nova-agent'],
    why: 'What went wrong on the server that the image was made from goes wrong on every clone.',
    remedy: 'Follow what the finding says; then empty the log.',
    references: [],
  },
  {
    id: 'image-metadata',
    title: 'the properties of the image fit what it contains',
    failureTitle: 'the properties of the image do not fit what it contains',
    category: 'metadata',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    why: 'Nova decides by these properties whether it talks to an agent and whether it attaches a config drive.',
    remedy: 'Set them with the OpenStack client.',
    references: [{ title: 'Prepare an image without an agent', where: 'Set the properties' }],
    repair: { title: 'Set the properties', risk: 'safe', docs: 'Writes them beside the image.' },
  },
  {
    id: 'lsb-headers',
    title: 'the init scripts state their dependencies',
    failureTitle: 'an init script does not state its dependencies',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent'],
    why: 'insserv orders scripts by the facilities in their headers. A script without a header is not enabled at all; one that provides three words that nobody asks for is never waited for.',
    remedy: 'Write the block that init-functions(7) and insserv(8) describe.',
    references: [{ title: 'insserv(8)', where: 'INIT SCRIPT HEADERS' }],
    repair: {
      title: 'Write the LSB headers',
      risk: 'safe',
      docs: 'Adds the block, or corrects what the script provides.',
    },
  },
  {
    id: 'os-supported',
    title: 'the operating system is still maintained',
    failureTitle: 'the operating system is no longer maintained',
    category: 'os',
    severity: 'info',
    targets: ['nova-agent', 'cloud-init'],
    why: 'It gets no security updates.',
    remedy: 'Build the image from a maintained release.',
    references: [],
  },
  {
    id: 'vpn-autostart',
    title: 'no VPN starts at boot',
    failureTitle: 'a VPN starts at boot',
    category: 'vpn',
    severity: 'warning',
    targets: ['nova-agent'],
    why: 'A tunnel without a hardware address ends nova-agent before 1.39.1 while it lists the interfaces.',
    remedy: 'Turn its start at boot off before the image is made, and on again after.',
    references: [],
    repair: {
      title: 'Keep VPNs from starting at boot',
      risk: 'reviewed',
      docs: 'Removes what starts them, and records it.',
    },
  },
  {
    id: 'xe-ordering',
    title: 'the xe tools start before nova-agent',
    failureTitle: 'nova-agent does not wait for the xe tools',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent'],
    why: 'The script of the xe tools mounts what nova-agent opens to reach XenStore. Started first, the agent ends with an error and is not started again.',
    remedy: 'Correct the headers and let insserv number the links.',
    references: [{ title: 'Nova-agent and xe-linux-distribution', where: 'Fix the order' }],
    repair: {
      title: 'Start the xe tools before nova-agent',
      risk: 'safe',
      docs: 'Numbers the links as insserv would.',
    },
  },
];

let made = 0;

function finding(
  message: string,
  path?: string,
  line?: number,
  severity: Severity = 'error',
): ReportedFinding {
  made += 1;
  return {
    messageId: 'found',
    message,
    severity,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    fingerprint: made.toString(16).padStart(16, '0'),
    data: {},
  };
}

function result(
  id: string,
  outcome: Outcome,
  findings: readonly ReportedFinding[] = [],
  reason?: string,
): CheckResult {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new Error(`no sample rule ${id}`);
  const failed = outcome === 'fail' || outcome === 'waived' || outcome === 'fixed';
  return {
    id,
    title: failed ? rule.failureTitle : rule.title,
    outcome,
    severity: findings[0]?.severity ?? rule.severity,
    findings,
    ...(reason === undefined ? {} : { reason }),
  };
}

const root0 = { uid: 0, gid: 0 };

const headerDiff = `--- a/etc/init.d/xe-linux-distribution
+++ b/etc/init.d/xe-linux-distribution
@@ -1,6 +1,6 @@
 #!/bin/bash
 ### BEGIN INIT INFO
-# Provides:          XenServer Virtual Machine Tools
+# Provides:          xe-linux-distribution
 # Required-Start:    $remote_fs
 # Required-Stop:     $remote_fs
 # Default-Start:     2 3 4 5
`;

const changes: readonly ReportedChange[] = [
  {
    path: '/etc/init.d/xe-linux-distribution',
    kind: 'write',
    fixers: ['lsb-headers', 'xe-ordering'],
    before: { type: 'file', mode: '0755', ...root0, size: 4012, sha256: 'a'.repeat(64) },
    after: { type: 'file', mode: '0755', ...root0, size: 4002, sha256: 'b'.repeat(64) },
    diff: headerDiff,
  },
  {
    path: '/etc/openvpn/static.key',
    kind: 'write',
    fixers: ['vpn-autostart'],
    before: { type: 'file', mode: '0600', ...root0 },
    after: { type: 'file', mode: '0640', uid: 0, gid: 104 },
    notShown: 'secret',
  },
  {
    path: '/etc/rc3.d/S02nova-agent',
    kind: 'link',
    fixers: ['xe-ordering'],
    before: { type: 'absent' },
    after: { type: 'link', target: '../init.d/nova-agent' },
  },
  {
    path: '/etc/rc3.d/S20nova-agent',
    kind: 'remove',
    fixers: ['xe-ordering'],
    before: { type: 'link', target: '../init.d/nova-agent' },
    after: { type: 'absent' },
  },
];

export const cycleBoot: ReportedBoot = {
  name: 'default.target',
  alike: [],
  nodes: [
    { id: 'basic.target' },
    { id: 'cloud-init.service', role: 'cloud-init' },
    { id: 'multi-user.target' },
    { id: 'network-online.target', role: 'network' },
    { id: 'nova-agent.service', role: 'agent' },
    { id: 'sysinit.target' },
    { id: 'xe-linux-distribution.service', role: 'xe' },
  ],
  edges: [
    {
      first: 'basic.target',
      then: 'xe-linux-distribution.service',
      because: 'default dependency',
      mark: 'wrong',
    },
    {
      first: 'cloud-init.service',
      then: 'network-online.target',
      because: 'Before=network-online.target',
      path: '/lib/systemd/system/cloud-init.service',
      line: 14,
      mark: 'given',
    },
    {
      first: 'cloud-init.service',
      then: 'sysinit.target',
      because: 'Before=sysinit.target',
      path: '/lib/systemd/system/cloud-init.service',
      line: 13,
      mark: 'wrong',
    },
    {
      first: 'nova-agent.service',
      then: 'cloud-init.service',
      because: 'Before=cloud-init.service',
      path: '/lib/systemd/system/nova-agent.service',
      line: 6,
      mark: 'wrong',
    },
    { first: 'nova-agent.service', then: 'multi-user.target', because: 'target dependency', mark: 'given' },
    {
      first: 'nova-agent.service',
      then: 'network-online.target',
      because: 'Before=network-online.target',
      path: '/lib/systemd/system/nova-agent.service',
      line: 5,
      mark: 'given',
    },
    {
      first: 'sysinit.target',
      then: 'basic.target',
      because: 'Requires= and After=sysinit.target',
      path: '/lib/systemd/system/basic.target',
      line: 13,
      mark: 'wrong',
    },
    {
      first: 'xe-linux-distribution.service',
      then: 'multi-user.target',
      because: 'target dependency',
      mark: 'given',
    },
    {
      first: 'xe-linux-distribution.service',
      then: 'nova-agent.service',
      because: 'After=xe-linux-distribution.service',
      path: '/etc/systemd/system/nova-agent.service.d/order.conf',
      line: 2,
      mark: 'wrong',
    },
  ],
};

const runlevel: ReportedBoot = {
  name: 'runlevel 3',
  alike: ['runlevel 4', 'runlevel 5'],
  nodes: [
    { id: 'nova-agent', role: 'agent' },
    { id: 'rsyslog' },
    { id: 'xe-linux-distribution', role: 'xe' },
  ],
  edges: [
    {
      first: 'rsyslog',
      then: 'nova-agent',
      because: 'S01 comes before S20',
      path: '/etc/rc3.d/S20nova-agent',
      mark: 'given',
    },
    {
      first: 'xe-linux-distribution',
      then: 'nova-agent',
      because: 'both have number 20 in runlevel 3',
      path: '/etc/rc3.d/S20nova-agent',
      mark: 'missing',
    },
  ],
};

/** What the samples share; nothing was judged yet. */
export const base: ReportParts = {
  version: '0.1.0',
  command: 'check',
  failOn: 'warning',
  image: {
    kind: 'tarball',
    source: 'images/debian 6.tar.gz',
    digest: `sha256:${'c'.repeat(64)}`,
    os: { id: 'debian', name: 'Debian GNU/Linux', version: '6.0.1' },
    init: 'sysv',
    agents: [{ generation: 1, form: 'tree', version: '1.39.0', program: '/usr/sbin/nova-agent' }],
    xe: { name: 'xe-guest-utilities', version: '6.2.0-1120' },
  },
  target: { chosen: 'nova-agent', requested: 'auto', reason: 'a nova-agent is installed' },
  rules,
  results: [],
};

/** Nothing left; one finding below the threshold, one waived, one repaired. */
export function goldenReport(): Report {
  made = 0;
  return assembleReport({
    ...base,
    command: 'prepare',
    results: [
      result('agent-enabled', 'pass'),
      result(
        'agent-log',
        'waived',
        [finding('the agent could not reach XenStore', '/var/log/nova-agent.log', 12, 'warning')],
        'old log, kept for the auditors; until 2026-12-31',
      ),
      result('image-metadata', 'not-applicable', [], 'no properties were given'),
      result('os-supported', 'fail', [
        finding('Debian 6 has had no updates since 2016-02-29', '/etc/debian_version', 1, 'info'),
      ]),
      result('lsb-headers', 'fixed', [
        finding(
          'it provides "XenServer Virtual Machine Tools", which is no service',
          '/etc/init.d/xe-linux-distribution',
          3,
        ),
      ]),
      result('vpn-autostart', 'pass'),
      result('xe-ordering', 'pass'),
    ],
    changes: changes.slice(0, 1),
    stages: [{ name: 'open' }, { name: 'check' }],
    output: { path: 'golden.tar.gz', sha256: 'd'.repeat(64), size: 73400320 },
  });
}

/** What the first page of the documentation shows: a server of the old days with the usual faults. */
export function failingReport(): Report {
  made = 0;
  return assembleReport({
    ...base,
    results: [
      result('xe-ordering', 'fail', [
        finding(
          'both have number 20 in runlevel 2, and nova-agent comes first by name',
          '/etc/rc2.d/S20nova-agent',
        ),
        finding(
          'both have number 20 in runlevel 3, and nova-agent comes first by name',
          '/etc/rc3.d/S20nova-agent',
        ),
      ]),
      result('agent-enabled', 'pass'),
      result('agent-log', 'not-applicable', [], 'there is no log'),
      result('image-metadata', 'fail', [finding('img_config_drive is "optional", and must be "mandatory"')]),
      result('lsb-headers', 'fail', [
        finding(
          'it provides "XenServer Virtual Machine Tools", which is no service',
          '/etc/init.d/xe-linux-distribution',
          3,
        ),
      ]),
      result('os-supported', 'fail', [
        finding('Debian 6 has had no updates since 2016-02-29', '/etc/debian_version', 1, 'info'),
      ]),
      result('vpn-autostart', 'fail', [
        finding(
          'openvpn starts client1: AUTOSTART is not set in /etc/default/openvpn',
          '/etc/default/openvpn',
          13,
          'warning',
        ),
      ]),
    ],
    boot: [runlevel],
  });
}

/** The same as a plan, with its changes and properties. */
export function planReport(): Report {
  const { results } = failingReport();
  return assembleReport({
    ...base,
    command: 'plan',
    results,
    changes,
    properties: [
      {
        fixer: 'image-metadata',
        change: { kind: 'property', name: 'img_config_drive', value: 'mandatory', was: 'optional' },
      },
      {
        fixer: 'image-metadata',
        change: { kind: 'property', name: 'xenapi_use_agent', value: undefined, was: false },
      },
    ],
    glanceName: 'debian 6 golden',
    boot: [cycleBoot],
  });
}

/** Something could not be read, and a repair did not prove itself. */
export function incompleteReport(): Report {
  made = 0;
  return assembleReport({
    ...base,
    command: 'prepare',
    image: { kind: 'directory', source: '/mnt/rescue' },
    results: [
      result('agent-enabled', 'error', [], '/etc/init.d/nova-agent is a fifo where a file is expected'),
      result('xe-ordering', 'fail', [
        finding('both have number 20 in runlevel 2', '/etc/rc2.d/S20nova-agent'),
      ]),
    ],
    unverified: [{ fixer: 'xe-ordering', reason: 'boot-cycles became worse' }],
  });
}

/** A run that could not judge, with everything that its error can have. */
export function failedRun(): Report {
  const parts = { version: '0.1.0', command: 'prepare', failOn: 'error', source: 'image.tar.gz' } as const;
  return failedReport(parts, {
    code: 'corrupt',
    message: 'image.tar.gz is damaged at byte 4: it ends too early',
    hint: 'Fetch it again. golden.tar.gz is of an earlier run; this one did not write it.',
    exitCode: 3,
  });
}

/** What stands in the folder of the reports while a run lasts. */
export function unfinishedRun(): Report {
  const parts = { version: '0.1.0', command: 'check', failOn: 'error', source: '/mnt/rescue' } as const;
  return failedReport(parts, { code: 'unfinished', message: 'the run has not ended, or was killed' });
}

/** The error of a run, told by an image that attacks its reader. */
export function hostileFailure(): Report {
  const text = hostile.join(' ');
  const parts = { version: '0.1.0', command: 'check', failOn: 'error', source: text } as const;
  return failedReport(parts, { code: 'unreadable', message: text, hint: text, exitCode: 3 });
}

/** Strings that break out of formats which do not escape: markup, controls, overrides, lone bytes. */
export const hostile = [
  '<script>alert(1)</script>',
  `"><img src=x onerror='alert(1)'>`,
  ']]></failure><!--',
  '\u001b[31mred\u001b]0;title\u0007',
  '\u0000\u0008\u007f\u009b2J',
  'a\nb\r\nnot ok 1 - forged\n# plan\n...\n---',
  '\u202egnp.exe\u2066\u200b\ufeff\u{e0041}',
  '\udcff\udc80\ud800',
  '`|code|` ``` @root #1 https://evil.example www.evil.example [x](javascript:alert(1))',
  `$(reboot) '; reboot; '`,
  '\ufffe\uffff\u2028\u2029',
] as const;

/** An image whose every name and content attacks the reader of its report. */
export function hostileReport(): Report {
  made = 0;
  const all = hostile.join(' ');
  return assembleReport({
    ...base,
    command: 'plan',
    image: {
      kind: 'directory',
      source: `/mnt/${all}`,
      os: { id: all, name: all, version: all },
      init: 'systemd',
      agents: [{ generation: 2, form: 'zipapp', version: all, program: `/usr/bin/${all}` }],
      xe: { name: all, version: all },
    },
    target: { chosen: 'nova-agent', requested: 'auto', reason: all },
    results: [
      result(
        'agent-enabled',
        'fail',
        hostile.map((text) => finding(text, `/etc/${text}`, 1)),
      ),
      result('agent-log', 'waived', [finding(all, `/var/${all}`, 1, 'warning')], all),
      result('image-metadata', 'error', [], all),
      result('lsb-headers', 'fixed', [finding(all, `/etc/${all}`)]),
      result('os-supported', 'not-applicable', [], all),
      result('vpn-autostart', 'fail', [finding(all, `/etc/${all}`, undefined, 'info')]),
    ],
    changes: hostile.map((text) => ({
      path: `/etc/${text}`,
      kind: 'write' as const,
      fixers: ['agent-enabled'],
      before: { type: 'link' as const, target: text },
      after: { type: 'file' as const, mode: '0644', ...root0, size: 1, sha256: 'e'.repeat(64) },
      diff: `--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1,1 @@\n+${text}\n`,
    })),
    unverified: [{ fixer: 'vpn-autostart', reason: all }],
    properties: [
      {
        fixer: 'image-metadata',
        change: { kind: 'property', name: 'vm_mode', value: all, was: all.slice(1) },
      },
    ],
    glanceName: all,
    boot: [
      {
        name: all,
        alike: [all],
        nodes: hostile.map((id) => ({ id })),
        edges: [
          {
            first: hostile[0],
            then: hostile[1],
            because: all,
            path: `/etc/${all}`,
            line: 1,
            mark: 'wrong' as const,
          },
        ],
      },
    ],
    output: { path: all, sha256: 'f'.repeat(64), size: 1 },
  });
}
