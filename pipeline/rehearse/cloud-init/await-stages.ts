import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../../../images/base/errors.js';
import type { RunningGuest } from '../running-guest.js';
import { lastWords } from '../start-guest.js';
import { statusOf } from './status-file.js';
import { type CloudInitStage, isOpen, stagesInWords } from './stages.js';

const everyMs = 500;
/**
 * How long a stage may look for a source of what it is to do. A drive is found at once; whoever asks for an address, or a
 * metadata service, where there is none does so for minutes.
 */
const patienceMs = 15_000;
/** How often nothing must have been left to wait for: a stage may yet be asked for by another unit or script. */
const idle = 6;

/** How it came that there is nothing left to wait for. */
export interface AwaitedStages {
  /** As they were last seen. */
  readonly stages: readonly CloudInitStage[];
  /** Why they were not waited for any longer, when that is a failure. */
  readonly failure?: string | undefined;
}

/**
 * Waits until cloud-init has done all that it does at a first boot, or can do no more.
 * @param now - milliseconds since the guest was started
 * @param limitMs - the most that they may come to
 * @throws the reason of `signal`
 */
export async function awaitStages(
  guest: RunningGuest,
  now: () => number,
  limitMs: number,
  signal?: AbortSignal,
): Promise<AwaitedStages> {
  let stages: readonly CloudInitStage[] = [];
  for (let settled = 0; settled < idle;) {
    signal?.throwIfAborted();
    if (guest.machine.isOver()) return { stages, failure: lastWords(guest) };
    const seen = await ask(guest);
    if (seen) stages = seen;
    if (isDone(stages)) break;
    const open = stages.filter((one) => one.stage !== undefined && isOpen(one));
    if (now() > limitMs) {
      const what = open.length > 0 ? stagesInWords(open) : 'it cannot be asked';
      return { stages, failure: `cloud-init was not done after ${Math.round(limitMs / 1000)} s: ${what}` };
    }
    if (await looksElsewhere(guest, stages, now())) {
      const failure = 'cloud-init did not use the config drive and is looking for another datasource';
      return { stages, failure };
    }
    settled = seen && open.length === 0 ? settled + 1 : 0;
    await sleep(everyMs, undefined, signal ? { signal } : {});
  }
  return { stages };
}

/** The last stage waits for those before, whether they succeeded or not. */
function isDone(stages: readonly CloudInitStage[]): boolean {
  const last = stages.at(-1);
  return !stages.some(isOpen) && (last?.state === 'done' || last?.state === 'failed');
}

async function looksElsewhere(
  guest: RunningGuest,
  stages: readonly CloudInitStage[],
  nowMs: number,
): Promise<boolean> {
  const looking = stages.find(
    ({ stage, state }) => state === 'running' && stage?.startsWith('init') === true,
  );
  if (nowMs - (looking?.atMs ?? nowMs) < patienceMs) return false;
  return (await statusOf(guest)).datasource === undefined;
}

/** A guest that cannot be asked may yet come to itself. */
async function ask(guest: RunningGuest): Promise<readonly CloudInitStage[] | undefined> {
  try {
    return await guest.booted?.cloudInitStages(guest);
  } catch (error) {
    if (error instanceof ImageError && error.code === 'program-failed') return undefined;
    throw error;
  }
}
