import { setTimeout as sleep } from 'node:timers/promises';
import { RepairError, UsageError } from '../../images/errors.js';
import { factsOf } from '../../images/guest/fact.js';
import { type ServiceManager, serviceManager } from '../../images/guest/live/service-manager.js';
import { runningVpnServices } from '../../images/guest/live/vpn-services.js';
import { openImage } from '../../images/open.js';
import type { RunOptions } from '../options.js';
import { readSnapshotState, writeSnapshotState } from '../snapshot-state.js';
import type { Terminal } from '../terminal.js';
import { judgeImage } from './judge-image.js';
import { type Server, recordOf, serverAt, snapshotRules } from './snapshot-server.js';

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
  if (options.stopVpn && server.kind !== 'host') {
    throw new UsageError('bad-arguments', `--stop-vpn: nothing of ${server.root} is running`);
  }
  const { prepared } = readSnapshotState(server.stateDirectory, server.root);
  // The time of an earlier preparation counts as long as something of it is recorded.
  const since = (await recordOf(server)) && prepared;
  return judgeImage('prepare', server.root, options, terminal, {
    rules: snapshotRules,
    snapshot: true,
    onDelivered: async () => {
      await remember(server, since, terminal);
      if (options.stopVpn) await stopVpns(server, options, terminal);
    },
  });
}

async function remember(server: Server, since: string | undefined, terminal: Terminal): Promise<void> {
  if (!(await recordOf(server))) return;
  const { stateDirectory, root, kind } = server;
  const { stopped } = readSnapshotState(stateDirectory, root);
  writeSnapshotState(stateDirectory, root, {
    format: 1,
    prepared: since ?? new Date().toISOString(),
    stopped,
  });
  if (kind === 'host') await reload(serviceManager(), terminal);
}

/** It would otherwise go on by the links that it read at boot, as when systemctl itself changes them. */
export async function reload(manager: ServiceManager, terminal: Terminal): Promise<void> {
  try {
    await manager.reload();
  } catch (error) {
    terminal.say('note', `the service manager was not told of the changes: ${String(error)}`);
  }
}

/**
 * Stops the services of VPNs that are running.
 * @throws {RepairError} code `not-stopped`
 */
async function stopVpns(
  { root, kind, stateDirectory }: Server,
  { yes }: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const manager = serviceManager();
  await using image = await openImage(root, [], kind);
  // What runs is looked at anew each time.
  const look = (): Promise<string[]> => runningVpnServices(image, factsOf(image), manager);
  const running = await look();
  if (running.length === 0) {
    terminal.say('note', 'no service of a VPN is running');
    return;
  }
  if (!yes && !(await terminal.ask(`Stop ${running.join(', ')}?`))) {
    terminal.say('note', 'no service was stopped');
    return;
  }
  // First it is remembered: whatever happens between, restore starts them again.
  const state = readSnapshotState(stateDirectory, root);
  writeSnapshotState(stateDirectory, root, {
    ...state,
    prepared: state.prepared ?? new Date().toISOString(),
    stopped: [...new Set([...state.stopped, ...running])],
  });
  const failed: string[] = [];
  for (const id of running) {
    try {
      await manager.stop(id);
      terminal.say('note', `stopped ${id}`);
    } catch (error) {
      failed.push(error instanceof Error ? error.message : String(error));
    }
  }
  for (const id of await stillRunning(running, look)) failed.push(`${id} is still running`);
  if (failed.length === 0) return;
  throw new RepairError('not-stopped', `not every VPN could be stopped: ${failed.join('; ')}`, {
    hint: 'VPNs are switched off at boot; "hallmark snapshot restore" puts back what was done.',
  });
}

/** Milliseconds that a program has to end in; an init script need not wait for the one that it has told to. */
const patience = 10_000;

async function stillRunning(stopped: readonly string[], look: () => Promise<string[]>): Promise<string[]> {
  const until = performance.now() + patience;
  for (;;) {
    const left = (await look()).filter((id) => stopped.includes(id));
    if (left.length === 0 || performance.now() > until) return left;
    await sleep(100);
  }
}
