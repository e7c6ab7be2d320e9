import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../images/base/sha256.js';
import { ImageError, RepairError, systemCode } from '../../images/base/errors.js';
import { type RunningVpn, starterNames } from '../../images/live/starter.js';

/**
 * What is remembered of a server's snapshots beside its journals. That VPNs are switched off at boot is recorded in the
 * guest itself, since it goes with the disk; what was stopped, and when, is of this server alone.
 */
export interface SnapshotState {
  readonly format: 1;
  /** When it was prepared last; ISO 8601. */
  readonly prepared?: string;
  /** When it was restored last. */
  readonly restored?: string;
  /** VPNs that were stopped and are to be started again, in the order in which they were stopped. */
  readonly stopped: readonly RunningVpn[];
}

const none: SnapshotState = { format: 1, stopped: [] };

/** @throws {ImageError} code `bad-state` when there is one that cannot be understood */
export function readSnapshotState(stateDirectory: string, root: string): SnapshotState {
  const path = pathOf(stateDirectory, root);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return none;
    throw new ImageError('unreadable', `cannot read ${path}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
    });
  }
  try {
    const state: unknown = JSON.parse(text);
    if (isState(state)) return state;
  } catch (cause) {
    throw unknown(path, cause);
  }
  throw unknown(path);
}

/**
 * Written whole or not at all.
 * @throws {RepairError} code `journal-failed`
 */
export function writeSnapshotState(stateDirectory: string, root: string, state: SnapshotState): void {
  const path = pathOf(stateDirectory, root);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new RepairError(
      'journal-failed',
      `cannot record in ${path} what was done: ${systemCode(cause) ?? String(cause)}`,
      {
        cause,
        hint: 'The server itself records what was disabled at boot; "hallmark snapshot restore" restores it.',
      },
    );
  }
}

function pathOf(stateDirectory: string, root: string): string {
  return join(stateDirectory, 'snapshots', `${sha256(Buffer.from(realpathSync(root)))}.json`);
}

function isState(it: unknown): it is SnapshotState {
  if (typeof it !== 'object' || it === null) return false;
  const { format, prepared, restored, stopped } = it as Partial<Record<keyof SnapshotState, unknown>>;
  const isTime = (time: unknown): boolean =>
    time === undefined || (typeof time === 'string' && !Number.isNaN(Date.parse(time)));
  return (
    format === 1 && isTime(prepared) && isTime(restored) && Array.isArray(stopped) && stopped.every(isVpn)
  );
}

function isVpn(it: unknown): it is RunningVpn {
  if (typeof it !== 'object' || it === null) return false;
  const { by, id, name } = it as Partial<Record<keyof RunningVpn, unknown>>;
  return (
    starterNames.some((starter) => starter === by) &&
    (name === undefined || typeof name === 'string') &&
    // It becomes an argument of a program, and a name below /sys.
    typeof id === 'string' &&
    /^[^\s\p{Cc}/-][^\s\p{Cc}/]*$/u.test(id)
  );
}

function unknown(path: string, cause?: unknown): ImageError {
  return new ImageError('bad-state', `${path} has a format that this version of Hallmark does not know`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Start the VPNs that it names by hand, then remove it.',
  });
}
