import { type UnrestoredPath, planRestoration } from '../../../images/guest/vpn/restore.js';
import { RepairError } from '../../../images/base/errors.js';
import { type RunningVpn, vpnInWords } from '../../../images/live/starter.js';
import { starterOf, starters } from '../../../images/live/starters.js';
import type { GuestPath } from '../../../images/image/image.js';
import { needsYes } from '../../../images/sources/directory.js';
import { assertOutside } from '../../../images/write/journal.js';
import { reportChanges } from '../../report/diff.js';
import { changeBlock } from '../../report/plan.js';
import { visible } from '../../../images/base/visible.js';
import { Page } from '../../report/page.js';
import { painter } from '../../report/paint.js';
import { takeBackExactly } from '../snapshot-exact.js';
import { readSnapshotState, writeSnapshotState } from '../snapshot-state.js';
import { takeBackUnfinished } from '../unfinished.js';
import type { Terminal } from '../terminal.js';
import { reload } from './snapshot-prepare.js';
import { type SnapshotServer, recordOf, serverAt } from './snapshot-server.js';

export interface SnapshotRestoreOptions {
  readonly root?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** What a restore did; `--json` prints it. */
interface Restored {
  readonly schemaVersion: 1;
  /** Every path that has again what was recorded, sorted. */
  readonly back: readonly GuestPath[];
  /** What was changed by somebody else since, and left alone. It stays recorded. */
  readonly kept: readonly UnrestoredPath[];
  /** VPNs that had been stopped and run again. */
  readonly started: readonly RunningVpn[];
  readonly notStarted: readonly (RunningVpn & { readonly reason: string })[];
}

/**
 * `hallmark snapshot restore`: puts back what is recorded in the server, and starts what was stopped.
 * @returns the exit code: 1 when something was left alone since somebody changed it, 4 when a VPN does not start
 */
export async function snapshotRestore(options: SnapshotRestoreOptions, terminal: Terminal): Promise<number> {
  const server = await serverAt(options.root);
  const { root, running, source, stateDirectory } = server;
  assertOutside(stateDirectory, root);
  await takeBackUnfinished(source, terminal);
  const state = readSnapshotState(stateDirectory, root);
  const stopped = running ? state.stopped : [];
  const isRecorded = (await recordOf(server)) !== undefined;
  const isNeeded = isRecorded || stopped.length > 0;
  if (isNeeded && !(await agreed(server, stopped, options, terminal))) return 1;

  const files = isRecorded ? await putBack(server, terminal) : { back: [], kept: [] };
  const vpns = await startAgain(stopped, running ? files.back : [], terminal);
  const left = stopped.filter(({ by, id }) => vpns.notStarted.some((vpn) => vpn.by === by && vpn.id === id));
  const isDone = files.kept.length === 0 && left.length === 0;
  if (isNeeded) {
    const then = isDone ? { format: 1 as const, restored: new Date().toISOString() } : state;
    writeSnapshotState(stateDirectory, root, { ...then, stopped: left });
  }
  const restored: Restored = { schemaVersion: 1, ...files, ...vpns };
  terminal.out(options.json ? `${JSON.stringify(restored, undefined, 2)}\n` : inWords(restored, server));
  if (left.length > 0) {
    throw new RepairError(
      'not-started',
      `not every VPN was started again: ${left.map(vpnInWords).join(', ')}`,
      {
        hint: 'They start at the next boot if they did before. To try again now, run "hallmark snapshot restore".',
      },
    );
  }
  return restored.kept.length > 0 ? 1 : 0;
}

/** Shows what would be done, and asks. */
async function agreed(
  server: SnapshotServer,
  stopped: readonly RunningVpn[],
  { yes }: SnapshotRestoreOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (yes) return true;
  const { root, source } = server;
  if (!terminal.interactive) {
    throw needsYes(root, 'Use --yes to agree. "hallmark snapshot status" shows what is recorded.');
  }
  const record = await recordOf(server);
  await using image = await source.open();
  const { changes, kept } = record ? await planRestoration(image, record) : { changes: [], kept: [] };
  const paint = painter(terminal.color);
  const page = new Page(terminal.columns);
  for (const change of await reportChanges(image, changes, new Map()))
    terminal.err(`${changeBlock(change, page, paint)}\n`);
  for (const { path, reason } of kept) terminal.say('note', `${path} is left alone: ${reason}`);
  for (const vpn of stopped) terminal.say('note', `${vpnInWords(vpn)} will be started`);
  if (await terminal.ask(`Restore ${root} like this?`)) return true;
  terminal.say('note', 'nothing was changed');
  return false;
}

/**
 * To the nanosecond where the journals of what was done are still there and nobody has touched any of it since;
 * otherwise by the record.
 */
async function putBack(server: SnapshotServer, terminal: Terminal): Promise<Pick<Restored, 'back' | 'kept'>> {
  const { source } = server;
  const back = new Set<GuestPath>();
  for (const { paths, warnings } of await takeBackExactly(server)) {
    for (const path of paths) back.add(path);
    for (const warning of warnings) terminal.say('note', warning);
  }
  const record = await recordOf(server);
  if (!record) return { back: [...back].sort(), kept: [] };
  await using image = await source.open();
  const plan = await planRestoration(image, record);
  if (plan.changes.length > 0) {
    const { warnings } = await source.deliver(plan.changes, { toBeAgreed: true }, terminal.signal);
    for (const warning of warnings) terminal.say('note', warning);
  }
  for (const path of plan.back) back.add(path);
  return { back: [...back].sort(), kept: plan.kept };
}

/** In the opposite order: what was stopped last may be what the others need. */
async function startAgain(
  stopped: readonly RunningVpn[],
  back: readonly GuestPath[],
  terminal: Terminal,
): Promise<Pick<Restored, 'started' | 'notStarted'>> {
  if (stopped.length === 0 && back.length === 0) return { started: [], notStarted: [] };
  const all = starters();
  for (const starter of all) await reload(() => starter.reload(back), starter.name, terminal);
  const started: RunningVpn[] = [];
  const notStarted: (RunningVpn & { reason: string })[] = [];
  for (const vpn of [...stopped].reverse()) {
    try {
      await starterOf(vpn, all).start(vpn.id);
      started.push(vpn);
    } catch (error) {
      notStarted.push({ ...vpn, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { started, notStarted: notStarted.reverse() };
}

function inWords({ back, kept, started, notStarted }: Restored, { root }: SnapshotServer): string {
  const lines = [
    ...back.map((path) => `put back   ${path}`),
    ...kept.map(({ path, reason }) => `kept       ${path}: ${reason}`),
    ...started.map((vpn) => `started    ${vpnInWords(vpn)}`),
    ...notStarted.map((vpn) => `failed     ${vpnInWords(vpn)}: ${vpn.reason}`),
  ];
  if (lines.length === 0) return `Nothing is recorded in ${visible(root)}; nothing was changed.\n`;
  if (back.length > 0) lines.push('', 'VPNs start at the next boot as they did before.');
  if (kept.length > 0)
    lines.push('', 'What was kept stays recorded. Restore it by hand, then run the restore again.');
  return `${lines.map(visible).join('\n')}\n`;
}
