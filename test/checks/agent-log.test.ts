import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agentLog, example } from '../../checks/agent-log.js';
import { logSignatures, matching } from '../../checks/lib/log-signatures.js';
import type { LogFile } from '../../images/guest/agents/agent-log.js';
import { testRule } from '../support/rule-tester.js';

const stamp = '2013-05-26 12:17:28,817';

function log(...lines: readonly string[]): LogFile {
  return {
    path: '/var/log/nova-agent.log',
    lines: lines.map((text, index) => ({ number: index + 1, text })),
  };
}

/** What each fault leaves behind, and the line that is to be pointed at. */
const samples: readonly {
  message: string;
  lines: readonly string[];
  line: number;
  also?: readonly string[];
}[] = [
  {
    message: 'xenstore-unreachable',
    lines: [
      `${stamp} [ERROR] Failed to run python code: A python exception has occurred:`,
      `${stamp} [ERROR] [EXC] Traceback (most recent call last):`,
      `${stamp} [ERROR] [EXC]     xs = plugins.XSComm()`,
      `${stamp} [ERROR] [EXC] PyXenStoreError: Couldn't open connection to the xenstore: No such file or directory`,
      `${stamp} [ERROR] failed to parse config file '/usr/share/nova-agent/nova-agent.py'`,
    ],
    line: 4,
    also: ['python-failed', 'config-failed'],
  },
  {
    message: 'import-failed',
    lines: [`${stamp} [ERROR] [EXC] ImportError: No module named commands`],
    line: 1,
  },
  {
    message: 'reset-interrupted',
    lines: [
      `${stamp} [INFO] Agent 1.39.0 started`,
      `${stamp} [INFO] Received command 'resetnetwork' with argument: ''`,
      `${stamp} [INFO] Agent 1.39.0 started`,
    ],
    line: 2,
  },
  {
    message: 'segfault',
    lines: [
      'Jun  9 06:47:01 test kernel: [ 12.1] nova-agent[812]: segfault at 0 ip 00007f sp 00007f error 4 in agentlib.so',
    ],
    line: 1,
  },
  {
    message: 'restart-failed',
    lines: [
      `${stamp} [INFO] 'resetnetwork' completed with code '500', message "Couldn't restart network: 1"`,
    ],
    line: 1,
  },
  {
    message: 'unknown-mac',
    lines: [`${stamp} [ERROR] [EXC] SystemError: Unknown interface MAC BC:76:4E:04:CF:E5`],
    line: 1,
  },
  {
    message: 'unknown-os',
    lines: [`${stamp} [ERROR] [EXC] SystemError: Couldn't figure out my OS`],
    line: 1,
  },
  {
    message: 'no-addresses',
    lines: [`${stamp} [ERROR] [EXC] SystemError: No IPs found for interface`],
    line: 1,
  },
  {
    message: 'two-default-routes',
    lines: [`${stamp} [ERROR] Multiple IPv4 default routes specified`],
    line: 1,
  },
  {
    message: 'no-channel',
    lines: [
      `${stamp} [ERROR] Exception occurred trying to get provider: [Errno 2] No such file or directory: 'xenstore-read'`,
      `${stamp} [INFO ] Provider: None`,
      `${stamp} [ERROR] Invalid provider for instance, agent will exit`,
    ],
    line: 1,
    also: ['no-provider'],
  },
  {
    message: 'provider-unread',
    lines: [`${stamp} [ERROR] Exception occurred trying to get provider: b'ENOENT'`],
    line: 1,
  },
  {
    message: 'no-provider',
    lines: [
      `${stamp} [INFO ] Provider: None`,
      `${stamp} [ERROR] Invalid provider for instance, agent will exit`,
    ],
    line: 2,
  },
  {
    message: 'other-provider',
    lines: [
      `${stamp} [INFO ] Provider: Example`,
      `${stamp} [ERROR] Invalid provider for instance, agent will exit`,
    ],
    line: 2,
  },
  {
    message: 'proc-xenbus',
    lines: [
      `${stamp} [INFO ] Using /proc/xen/xenbus`,
      "TypeError: a bytes-like object is required, not 'str'",
    ],
    line: 2,
  },
  {
    message: 'hostname-failed',
    lines: [`${stamp} [ERROR] Error using hostnamectl: Failed to connect to bus`],
    line: 1,
  },
  { message: 'network-failed', lines: [`${stamp} [ERROR] Error applying netplan: 1`], line: 1 },
  {
    message: 'module-missing',
    lines: ["Jan  1 00:00:01 s nova-agent[300]: ModuleNotFoundError: No module named 'cryptography'"],
    line: 1,
  },
  {
    message: 'no-server-os',
    lines: ["nova-agent[300]: AttributeError: 'NoneType' object has no attribute 'ServerOS'"],
    line: 1,
  },
  {
    message: 'start-timeout',
    lines: ['systemd[1]: python3-nova-agent.service: start operation timed out. Terminating.'],
    line: 1,
  },
  {
    message: 'unit-not-found',
    lines: [
      'systemd: Failed to start nova-agent: Unit nova-agent.service failed to load: No such file or directory.',
    ],
    line: 1,
  },
  {
    message: 'lsb-tags-missing',
    lines: ["insserv: warning: script 'K01nova-agent' missing LSB tags and overrides"],
    line: 1,
  },
  {
    message: 'ordering-cycle',
    lines: [
      'systemd[1]: network-online.target: Job network-online.target/start deleted to break ordering cycle starting with x',
    ],
    line: 1,
  },
  {
    message: 'ipv6-unbound',
    lines: ['{"returncode":"1","message":"Command Failed. , Output:Element not found.\\r\\n"}'],
    line: 1,
  },
  { message: 'datasource-none', lines: ['{"v1": {"datasource": "DataSourceNone", "errors": []}}'], line: 1 },
];

/** An ordinary day of both generations; "All About Nova-Agent" has the first. */
const healthy = log(
  `${stamp} [INFO] Agent 1.39.1 started`,
  `${stamp} [INFO] Received command 'resetnetwork' with argument: ''`,
  `${stamp} [INFO] staging /etc/network/interfaces (10572.tmp~)`,
  `${stamp} [INFO] 'resetnetwork' completed with code '0', message ''`,
  `${stamp} [INFO] Agent stopping`,
  `${stamp} [INFO ] Checking for existence of /dev/xen/xenbus`,
  `${stamp} [INFO ] Provider: Rackspace`,
  `${stamp} [INFO ] Starting actions for novaagent.libs.debian`,
  `${stamp} [INFO ] Returning {"message": "", "returncode": "0"}`,
  "insserv: warning: script 'other' missing LSB tags and overrides",
);

testRule(agentLog, {
  example,
  pass: [{ name: 'logs of an ordinary day', facts: { agentLogs: [healthy] } }],
  fail: [
    ...samples.map(({ message, lines, line, also = [] }) => ({
      name: `${message} (${lines.length === 1 ? 'one line' : 'several lines'})`,
      facts: { agentLogs: [log(...lines)] },
      findings: inOrder(lines, [message, ...also]).map((id) =>
        id === message
          ? { message: id, severity: 'warning' as const, path: '/var/log/nova-agent.log', line }
          : { message: id },
      ),
    })),
    {
      name: 'a reset at the very end of the log, the second of two',
      facts: {
        agentLogs: [
          log(
            "[INFO] Received command 'resetnetwork' with argument: ''",
            "[INFO] Received command 'resetnetwork' with argument: ''",
          ),
        ],
      },
      findings: [{ message: 'reset-interrupted', line: 2, text: '(the last of 2 such lines)' }],
    },
    {
      name: 'a log that is too large',
      facts: { agentLogs: [{ path: '/var/log/syslog', lines: [], unread: 'it has 99 bytes' }] },
      findings: [
        { message: 'unread', severity: 'warning', path: '/var/log/syslog', text: 'it has 99 bytes' },
      ],
    },
  ],
  notApplicable: [
    { name: 'no log', facts: { agentLogs: [] }, reason: 'proves nothing' },
    { name: 'only empty logs', facts: { agentLogs: [log()] }, reason: 'proves nothing' },
  ],
});

/** The messages in the order of the last line that shows each. */
function inOrder(lines: readonly string[], messages: readonly string[]): string[] {
  const last = (id: string): number =>
    matching(
      logSignatures.find((each) => each.id === id)!,
      log(...lines).lines,
    ).at(-1)?.number ?? 0;
  return [...messages].sort((a, b) => last(a) - last(b));
}

describe('log signatures', () => {
  it('never show the text of a line, which can hold a secret', async () => {
    for (const { id, meaning } of logSignatures) assert.doesNotMatch(meaning, /\{\{/, id);
  });

  it('take any text, and long lines in linear time', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        for (const signature of logSignatures) matching(signature, log(...lines).lines);
      }),
    );
    const long = log("insserv: warning: script 'nova-agent[1]: [EXC] Provider: ".repeat(20_000));
    const start = performance.now();
    for (const signature of logSignatures) matching(signature, long.lines);
    assert.ok(performance.now() - start < 2000);
  });
});
