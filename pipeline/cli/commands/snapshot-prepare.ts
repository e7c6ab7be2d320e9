import { setTimeout as sleep } from 'node:timers/promises';
import { RepairError, UsageError } from '../../../images/base/errors.js';
import { factsOf } from '../../../images/guest/fact.js';
import { serviceManager } from '../../../images/live/service-manager.js';
import { type RunningVpn, vpnInWords } from '../../../images/live/starter.js';
import { runningVpns, starterOf, starters } from '../../../images/live/starters.js';
import { readTunnels } from '../../../images/live/tunnels.js';
import type { RunOptions } from '../options.js';
import { readSnapshotState, writeSnapshotState } from '../snapshot-state.js';
import type { Terminal } from '../terminal.js';
import { judgeSource } from './judge-image.js';
import { type SnapshotServer, recordOf, serverAt, snapshotRules } from './snapshot-server.js';

export interface SnapshotPrepareOptions extends RunOptions {
  readonly root?: string;
  readonly stopVpn?: true;
}

/**
 * `hallmark snapshot prepare`: as `prepare`, with the rules that only a snapshot asks, and no repair but that of VPNs.
 * @returns the exit code
 */
export async function snapshotPrepare(options: SnapshotPrepareOptions, terminal: Terminal): Promise<number> {
  const server = await serverAt(options.root);
  if (options.stopVpn && !server.running) {
    throw new UsageError(
      'bad-arguments',
      `--stop-vpn works on the running server only; ${server.root} is not running`,
    );
  }
  const { prepared } = readSnapshotState(server.stateDirectory, server.root);
  // The time of an earlier preparation counts as long as something of it is recorded.
  const since = (await recordOf(server)) && prepared;
  return judgeSource('prepare', server.source, options, terminal, {
    rules: snapshotRules,
    snapshot: true,
    onDelivered: async () => {
      await remember(server, since, terminal);
      if (options.stopVpn) await stopVpns(server, options, terminal);
    },
  });
}

async function remember(
  server: SnapshotServer,
  since: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (!(await recordOf(server))) return;
  const { stateDirectory, root, running } = server;
  const { stopped } = readSnapshotState(stateDirectory, root);
  writeSnapshotState(stateDirectory, root, {
    format: 1,
    prepared: since ?? new Date().toISOString(),
    stopped,
  });
  if (!running) return;
  const manager = serviceManager();
  await reload(() => manager.reload(), manager.tool, terminal);
}

/** It would otherwise go on by the links that it read at boot, as when systemctl itself changes them. */
export async function reload(tell: () => Promise<void>, name: string, terminal: Terminal): Promise<void> {
  try {
    await tell();
  } catch (error) {
    terminal.say('note', `${name} could not be told to reload: ${String(error)}`);
  }
}

/**
 * Stops the VPNs that are running and can be started again by what has started them.
 * @throws {RepairError} code `not-stopped`
 */
async function stopVpns(
  { source, root, stateDirectory }: SnapshotServer,
  { yes }: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const all = starters();
  await using image = await source.open();
  // What runs is looked at anew each time.
  const look = (): Promise<RunningVpn[]> => runningVpns(all, image, factsOf(image));
  const running = await look();
  if (running.length === 0) {
    terminal.say('note', 'no running VPN was found that Hallmark could start again');
    sayWhatIsUp(terminal);
    return;
  }
  if (!yes && !(await terminal.ask(`Stop ${running.map(vpnInWords).join(', ')}?`))) {
    terminal.say('note', 'no VPN was stopped');
    return;
  }
  // First it is remembered: whatever happens between, restore starts them again.
  const state = readSnapshotState(stateDirectory, root);
  writeSnapshotState(stateDirectory, root, {
    ...state,
    prepared: state.prepared ?? new Date().toISOString(),
    stopped: [...without(state.stopped, running), ...running],
  });
  const failed: string[] = [];
  for (const vpn of running) {
    try {
      await starterOf(vpn, all).stop(vpn.id);
      terminal.say('note', `stopped ${vpnInWords(vpn)}`);
    } catch (error) {
      failed.push(error instanceof Error ? error.message : String(error));
    }
  }
  for (const vpn of await stillRunning(running, look)) failed.push(`${vpnInWords(vpn)} is still running`);
  sayWhatIsUp(terminal);
  if (failed.length === 0) return;
  throw new RepairError('not-stopped', `not every VPN could be stopped: ${failed.join('; ')}`, {
    hint: 'VPNs are disabled at boot; "hallmark snapshot restore" restores them.',
  });
}

/** A tunnel that a person made at a shell, say, is left alone: nobody would bring it up again. */
function sayWhatIsUp(terminal: Terminal): void {
  const names = readTunnels().map(({ name }) => name);
  if (names.length > 0)
    terminal.say(
      'note',
      `left up, because Hallmark would not know how to start it again: ${names.join(', ')}`,
    );
}

/** Milliseconds that a program has to end in; an init script need not wait for the one that it has told to. */
const patience = 10_000;

async function stillRunning(
  stopped: readonly RunningVpn[],
  look: () => Promise<RunningVpn[]>,
): Promise<RunningVpn[]> {
  const until = performance.now() + patience;
  for (;;) {
    const now = await look();
    const left = without(stopped, without(stopped, now));
    if (left.length === 0 || performance.now() > until) return left;
    await sleep(100);
  }
}

/** Those of some VPNs that are not among others. */
function without(some: readonly RunningVpn[], others: readonly RunningVpn[]): RunningVpn[] {
  return some.filter((one) => !others.some(({ by, id }) => by === one.by && id === one.id));
}
