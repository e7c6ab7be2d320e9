import { type Report, assembleReport } from '../../../pipeline/report/report.js';
import type { ProvenClaim, Rehearsal, TimelineEntry } from '../../../pipeline/report/rehearsal.js';
import { base, failingReport, goldenReport, hostile } from './samples.js';

/** Reports with a rehearsal: one of each outcome, and one of a guest that attacks its reader. */

const start: readonly TimelineEntry[] = [
  { atMs: 0, kind: 'boot', what: 'the guest was started' },
  { atMs: 1240, kind: 'start', what: 'xe-linux-distribution.service' },
  { atMs: 1610, kind: 'start', what: 'nova-agent.service' },
  { atMs: 2105, kind: 'boot', what: 'multi-user.target was reached' },
];

const bootedOnce: Rehearsal = {
  outcome: 'passed',
  way: 'boot',
  target: 'nova-agent',
  scenario: 'first-boot',
  tunnel: true,
  timeline: [
    ...start,
    {
      atMs: 2110,
      durationMs: 344,
      kind: 'command',
      what: 'version',
      outcome: 'pass',
      detail: 'answered "0" "1.39.0"',
    },
    {
      atMs: 2454,
      durationMs: 962,
      kind: 'command',
      what: 'features',
      outcome: 'pass',
      detail: 'answered "0" "features,keyinit,password,resetnetwork,version"',
    },
    {
      atMs: 2454,
      durationMs: 968,
      kind: 'command',
      what: 'keyinit',
      outcome: 'pass',
      detail: 'answered "D0" and its key',
    },
    {
      atMs: 3430,
      durationMs: 1310,
      kind: 'command',
      what: 'password of root',
      outcome: 'pass',
      detail: 'answered "0" ""',
    },
    {
      atMs: 3430,
      durationMs: 1490,
      kind: 'command',
      what: 'inject the file /etc/rehearsal/banner.txt',
      outcome: 'pass',
      detail: 'answered "0" ""',
    },
    {
      atMs: 3430,
      durationMs: 6020,
      kind: 'command',
      what: 'resetnetwork',
      outcome: 'pass',
      detail: 'answered "0" ""',
    },
    { atMs: 9460, kind: 'change', what: 'eth2 was added, with the network backend' },
    {
      atMs: 9470,
      durationMs: 3011,
      kind: 'command',
      what: 'resetnetwork',
      outcome: 'pass',
      detail: 'answered "0" ""',
    },
    { atMs: 12_600, kind: 'evidence', what: 'password', outcome: 'pass' },
    { atMs: 12_610, kind: 'evidence', what: 'injected file', outcome: 'pass' },
    { atMs: 12_690, kind: 'evidence', what: 'address of eth0', outcome: 'pass' },
    { atMs: 12_700, kind: 'evidence', what: 'order of starting' },
    { atMs: 12_910, durationMs: 702, kind: 'boot', what: 'the guest was shut down' },
    { atMs: 13_640, kind: 'boot', what: 'the guest was started again' },
    { atMs: 15_020, kind: 'boot', what: 'multi-user.target was reached' },
    {
      atMs: 13_660,
      durationMs: 1822,
      kind: 'evidence',
      what: 'after the second boot',
      outcome: 'pass',
      detail: '2 of 2 claims passed',
    },
  ],
  evidence: [
    {
      id: 'password',
      claim: "root's password is the one that was sent",
      outcome: 'pass',
      seen: 'the hash in /etc/shadow (SHA-512) verifies',
    },
    {
      id: 'file /etc/rehearsal/banner.txt',
      claim: '/etc/rehearsal/banner.txt has the contents that were sent',
      outcome: 'pass',
      seen: '96 bytes, mode 0644, as sent',
    },
    {
      id: 'address eth0 10.181.30.181/17',
      claim: 'eth0 has the address 10.181.30.181/17',
      outcome: 'pass',
      seen: 'on the interface, and in /etc/network/interfaces',
    },
    {
      id: 'left-behind',
      claim: 'the agent left no file behind',
      outcome: 'not-proven',
      seen: '/var/tmp was unmounted when the guest stopped',
    },
    {
      id: 'second-boot',
      claim: 'the server comes up again after a reboot',
      outcome: 'pass',
      seen: 'its boot was over after 1.4 s',
    },
    {
      id: 'rebooted address eth0 10.181.30.181/17',
      claim: 'after a reboot, eth0 has the address 10.181.30.181/17',
      outcome: 'pass',
      seen: 'eth0 has 10.181.30.181/17',
    },
  ],
};

const passed: Rehearsal = { ...bootedOnce, secondBoot: { atMs: 12_910, durationMs: 2572 } };

const failed: Rehearsal = {
  ...bootedOnce,
  outcome: 'failed',
  reason: 'password of root: no answer within 30 s; the request was removed',
  tunnel: false,
  timeline: [
    ...start,
    {
      atMs: 2200,
      durationMs: 10_003,
      kind: 'command',
      what: 'version',
      outcome: 'pass',
      detail: 'answered "0" "1.39.0"',
    },
    {
      atMs: 12_210,
      durationMs: 9_980,
      kind: 'command',
      what: 'keyinit',
      outcome: 'pass',
      detail: 'answered "D0" and its key',
    },
    {
      atMs: 22_200,
      durationMs: 30_000,
      kind: 'command',
      what: 'password of root',
      outcome: 'fail',
      detail: 'no answer within 30 s; the request was removed',
    },
    {
      atMs: 52_210,
      durationMs: 10_020,
      kind: 'command',
      what: 'resetnetwork',
      outcome: 'pass',
      detail: 'answered "0" ""',
    },
    { atMs: 62_300, kind: 'evidence', what: 'password', outcome: 'fail', detail: 'the hash does not verify' },
    { atMs: 62_310, kind: 'evidence', what: 'address of eth0', outcome: 'pass' },
    { atMs: 62_400, kind: 'boot', what: 'the guest was stopped' },
  ],
  evidence: [
    {
      id: 'address eth0 10.181.30.181/17',
      claim: 'eth0 has the address 10.181.30.181/17',
      outcome: 'pass',
      seen: 'on the interface, and in /etc/network/interfaces',
    },
    {
      id: 'password',
      claim: "root's password is the one that was sent",
      outcome: 'fail',
      seen: 'the hash in /etc/shadow (SHA-512) does not verify against the password that was sent; it is the one of the image',
    },
    {
      id: 'started-after-xe',
      claim: 'nova-agent was started after the xe tools',
      outcome: 'not-proven',
      seen: 'the journal has no times of starting',
    },
  ],
};

const impossible: Rehearsal = {
  outcome: 'impossible',
  reason: 'systemd-nspawn is missing; install the Debian package systemd-container',
  way: 'agent-alone',
  target: 'nova-agent',
  scenario: 'first-boot',
  tunnel: false,
  timeline: [],
  evidence: [],
};

function rehearsed(report: Report, rehearsal: Rehearsal): Report {
  return assembleReport({ ...base, command: 'rehearse', results: report.results, rehearsal });
}

/** An image that passes all, a claim excepted that nobody could look at. */
export function passedRehearsal(): Report {
  return rehearsed(goldenReport(), passed);
}

/** A time-out, and a password that is not the one that was sent; of an image with findings. */
export function failedRehearsal(): Report {
  return rehearsed(failingReport(), failed);
}

/** Golden, if it were not that nobody knows how it boots. */
export function impossibleRehearsal(): Report {
  return rehearsed(goldenReport(), impossible);
}

/** A guest whose every answer attacks the reader of its report. */
export function hostileRehearsal(): Report {
  const all = hostile.join(' ');
  const kinds = ['boot', 'start', 'command', 'change', 'evidence'] as const;
  const outcomes: readonly ProvenClaim['outcome'][] = ['pass', 'fail', 'not-proven'];
  return rehearsed(goldenReport(), {
    outcome: 'failed',
    reason: all,
    way: 'agent-alone',
    target: 'nova-agent',
    scenario: all,
    tunnel: true,
    timeline: hostile.flatMap((what, at) =>
      kinds.map((kind) => ({
        atMs: at * 100,
        ...(kind === 'command' ? { durationMs: 70 } : {}),
        kind,
        what,
        outcome: at % 2 === 0 ? ('fail' as const) : ('pass' as const),
        detail: all,
      })),
    ),
    evidence: hostile.flatMap((text) =>
      outcomes.map((outcome) => ({ id: text, claim: text, outcome, seen: all })),
    ),
    kept: `/tmp/${all}`,
  });
}
