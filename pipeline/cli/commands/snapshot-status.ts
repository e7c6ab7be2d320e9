import type { VpnRecord } from '../../../images/guest/vpn/record.js';
import { recordPath } from '../../../images/guest/vpn/record.js';
import { type RunningVpn, vpnInWords } from '../../../images/live/starter.js';
import type { RunOptions } from '../options.js';
import { type Report, exitCodeOf } from '../../report/report.js';
import { visible } from '../../../images/base/visible.js';
import { headline, placeOf, reachesThreshold, worstFirst } from '../../report/result-words.js';
import { verdictSentence } from '../../report/verdict-words.js';
import { kindWords } from '../../../images/sources/words.js';
import { run } from '../../run.js';
import { type SnapshotState, readSnapshotState } from '../snapshot-state.js';
import { takeBackUnfinished } from '../unfinished.js';
import type { Terminal } from '../terminal.js';
import { requestOf } from '../request.js';
import { recordOf, serverAt, snapshotRules } from './snapshot-server.js';

export interface SnapshotStatusOptions extends RunOptions {
  readonly root?: string;
}

/** What `hallmark snapshot status --json` prints. */
export interface SnapshotStatus {
  readonly schemaVersion: 1;
  /**
   * prepared: something is recorded that a restore would put back. ready: nothing is, and nothing needs to be. restored:
   * what had been recorded was put back. nothing-recorded: VPNs start at boot, or something else is wrong.
   */
  readonly state: 'ready' | 'prepared' | 'restored' | 'nothing-recorded';
  /** Whether a snapshot may be taken now: no VPN starts at boot, and nothing is left at or above --fail-on. */
  readonly ready: boolean;
  /** Since when it is prepared: a day, or a moment (ISO 8601). */
  readonly since?: string;
  readonly restored?: string;
  /** Paths that a restore would put back. */
  readonly recorded: readonly string[];
  /** VPNs that a restore would start. */
  readonly stopped: readonly RunningVpn[];
  /** VPNs that would start at boot. */
  readonly startAtBoot: readonly {
    readonly message: string;
    readonly path?: string;
    readonly line?: number;
  }[];
  /** Checks that keep it from being ready. */
  readonly failing: readonly string[];
  readonly verdict: Report['verdict'];
}

/** `hallmark snapshot status`. @returns the exit code: 0 ready for a snapshot, 1 not ready, 3 could not be judged */
export async function snapshotStatus(options: SnapshotStatusOptions, terminal: Terminal): Promise<number> {
  const server = await serverAt(options.root);
  const { root, source, stateDirectory } = server;
  // Half of what a killed run did would look as if it were all.
  await takeBackUnfinished(source, terminal);
  const request = await requestOf('check', source, options, terminal, snapshotRules.checks);
  const report = await run({ ...request, rules: snapshotRules, snapshot: true }).finally(() => {
    terminal.progress(undefined, false);
  });
  if (options.report !== undefined) {
    const { writeReports } = await import('../report-folder.js');
    await writeReports(report, options.report);
  }
  const record = await recordOf(server);
  const status = statusOf(report, record, readSnapshotState(stateDirectory, root));
  if (!options.quiet)
    terminal.out(options.json ? `${JSON.stringify(status, undefined, 2)}\n` : statusText(status, report));
  const code = exitCodeOf(report);
  return code === 0 && !status.ready ? 1 : code;
}

/** Puts together what the rules, the record in the server and the memory of this host say. */
export function statusOf(
  report: Report,
  record: VpnRecord | undefined,
  { prepared, restored, stopped }: SnapshotState,
): SnapshotStatus {
  const vpn = report.results.find(({ id, outcome }) => id === 'vpn-autostart' && outcome === 'fail');
  const ready = report.verdict === 'golden' && vpn === undefined;
  const isPrepared = record !== undefined || stopped.length > 0;
  const unready = report.results.filter(
    (result) =>
      result.outcome === 'error' ||
      (result.outcome === 'fail' && reachesThreshold(report, result)) ||
      result === vpn,
  );
  const since = isPrepared ? (prepared ?? record?.since) : undefined;
  return {
    schemaVersion: 1,
    state: isPrepared
      ? 'prepared'
      : ready
        ? 'ready'
        : restored === undefined
          ? 'nothing-recorded'
          : 'restored',
    ready,
    ...(since === undefined ? {} : { since }),
    ...(restored === undefined ? {} : { restored }),
    recorded: [...new Set(record?.entries.map(({ path }) => path) ?? [])].sort(),
    stopped,
    startAtBoot: (vpn?.findings ?? []).map(({ message, path, line }) => ({
      message,
      ...(path === undefined ? {} : { path }),
      ...(line === undefined ? {} : { line }),
    })),
    failing: unready.map(({ id }) => id),
    verdict: report.verdict,
  };
}

/** For a person at a terminal. */
export function statusText(status: SnapshotStatus, report: Report): string {
  const lines: string[] = [];
  const { source, kind = 'directory' } = report.image;
  const command = (name: string): string =>
    ['  hallmark snapshot', name, ...kindWords[kind].server(source)].join(' ');
  switch (status.state) {
    case 'prepared':
      lines.push(`prepared since ${status.since ?? 'an unknown time'}`);
      break;
    case 'ready':
      lines.push('ready for a snapshot: nothing is recorded, and no VPN starts at boot');
      break;
    case 'restored':
      lines.push(`restored at ${status.restored ?? 'an unknown time'}; nothing is recorded`);
      break;
    case 'nothing-recorded':
      lines.push('not prepared; nothing is recorded');
      break;
  }
  if (status.recorded.length > 0)
    lines.push(
      `disabled at boot (recorded in ${recordPath}):`,
      ...status.recorded.map((path) => `  ${path}`),
    );
  if (status.stopped.length > 0)
    lines.push('stopped:', ...status.stopped.map((vpn) => `  ${vpnInWords(vpn)}`));
  if (status.startAtBoot.length > 0) {
    lines.push(
      'starts at boot:',
      ...status.startAtBoot.map((each) => `  ${[placeOf(each), each.message].filter(Boolean).join(': ')}`),
    );
  }
  const others = worstFirst(report).filter(({ id }) => status.failing.includes(id) && id !== 'vpn-autostart');
  if (others.length > 0) {
    lines.push('not as it should be ("hallmark explain CHECK" says more):');
    for (const result of others) {
      const { id, reason, findings } = result;
      lines.push(
        `  ${headline(result)} [${id}]`,
        ...[...findings.map(({ message }) => message), ...(reason === undefined ? [] : [reason])].map(
          (line) => `    ${line}`,
        ),
      );
    }
  }
  lines.push(
    '',
    status.ready
      ? 'A snapshot can be taken now.'
      : `A snapshot should not be taken now: ${verdictSentence(report)}`,
  );
  if (status.state === 'prepared')
    lines.push('Once it is complete, put everything back:', command('restore'));
  else if (status.startAtBoot.length > 0)
    lines.push('Keep VPNs from starting at boot until it is complete:', command('prepare'));
  return `${lines.map(visible).join('\n')}\n`;
}
