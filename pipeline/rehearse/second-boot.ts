import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../../images/base/errors.js';
import { clearLinks, endsOf } from '../../images/sandbox/network.js';
import type { ProvenClaim, SecondBoot } from '../report/rehearsal.js';
import { claimed, comesUpAgain, unproven } from './evidence/claim.js';
import { isUnreadable } from './evidence/unreadable.js';
import type { RehearsalOrder } from './order.js';
import type { RunningGuest } from './running-guest.js';
import { type GuestStart, enterStarts, lastWords, startGuest, tunnelName } from './start-guest.js';

/** A guest that has not stopped by then is switched off, as the cloud does. */
const shutdownMs = 10_000;
const everyMs = 400;
/**
 * How long a boot may take until the guest is looked at although it is not over. A cloud-init that asks for a metadata
 * service where there is none takes a minute, and the network waits for it.
 */
const slowMs = 120_000;
/** How long after the boot the agent, or whatever works in the guest, may take to begin. */
const beginningMs = 20_000;
/** How long what is not yet true may take to become so, once the boot is over: addresses come after it. */
const settlingMs = 10_000;

/** What is to be true of a guest that is booted again. */
export interface Rebooting {
  readonly start: Omit<GuestStart, 'what'>;
  /** Whether what works in the guest has begun its work: until then it is not up. */
  readonly isAtWork: () => boolean;
  /** Must all hold; they are told as what is true after a reboot. */
  readonly look: (guest: RunningGuest) => Promise<readonly ProvenClaim[]>;
}

/** What came of it. */
export interface RebootResult extends SecondBoot {
  readonly evidence: readonly ProvenClaim[];
  readonly console: readonly string[];
}

/**
 * Shuts a guest down, boots it again from the layer that it has written to, and looks whether what it was made still
 * is: nobody asks anything of it this time. What only the running system had is gone.
 */
export async function bootAgain(
  order: RehearsalOrder,
  first: RunningGuest,
  { start, isAtWork, look }: Rebooting,
): Promise<RebootResult> {
  const { timeline, sandbox, links } = start;
  const began = timeline.now();
  await shutDown(first, start, order.signal);
  const names = [...links.map(({ name }) => name), ...(order.tunnel ? [tunnelName] : [])];
  await clearLinks(sandbox.namespaces, names.flatMap(endsOf));
  let evidence: ProvenClaim[];
  const console: string[] = [];
  try {
    const guest = await startGuest(order, { ...start, what: 'the guest was started again' });
    await using _machine = guest.machine;
    const startedAtMs = timeline.now();
    evidence = await settled(guest, { isAtWork, look }, timeline.now, order.signal);
    await enterStarts(guest, timeline);
    timeline.enterEvidence('after the second boot', startedAtMs, evidence);
    console.push(...guest.console);
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'no-boot') throw error;
    evidence = [claimed('second-boot', comesUpAgain, false, error.message)];
  }
  return { atMs: began, durationMs: timeline.now() - began, evidence, console };
}

/** What is said in place of a second boot, where the first one has refuted the image: it would only take time. */
export function notAgain(first: readonly ProvenClaim[]): ProvenClaim | undefined {
  if (!first.some(({ outcome }) => outcome === 'fail')) return undefined;
  return unproven('second-boot', comesUpAgain, 'it was not booted again: the first boot has refuted it');
}

/** As its own init does it, and if that takes too long by force. */
async function shutDown(
  { machine, booted, ...guest }: RunningGuest,
  { timeline }: Pick<GuestStart, 'timeline'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const atMs = timeline.now();
  try {
    await booted?.powerOff({ machine, booted, ...guest });
  } catch (error) {
    if (!isUnreadable(error)) throw error; // it does not want to
  }
  const over = new AbortController();
  const limit = sleep(shutdownMs, 'late', {
    signal: AbortSignal.any([over.signal, ...(signal ? [signal] : [])]),
  });
  const how = await Promise.race([machine.ended, limit]).finally(() => {
    over.abort();
    limit.catch(() => undefined);
  });
  const isLate = how === 'late';
  await machine[Symbol.asyncDispose]();
  timeline.enter({
    atMs,
    durationMs: timeline.now() - atMs,
    kind: 'boot',
    what: isLate
      ? `the guest was switched off: it had not shut down within ${shutdownMs / 1000} s`
      : 'the guest was shut down',
  });
}

/** What is true once the boot is over and everything has come to rest, or has had its time to. */
async function settled(
  guest: RunningGuest,
  { isAtWork, look }: Pick<Rebooting, 'isAtWork' | 'look'>,
  now: () => number,
  signal: AbortSignal | undefined,
): Promise<ProvenClaim[]> {
  const began = now();
  let overAt: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    if (guest.machine.isOver()) return [claimed('second-boot', comesUpAgain, false, lastWords(guest))];
    if (overAt === undefined && (await isUp(guest))) overAt = now();
    const sinceBoot = now() - (overAt ?? now());
    const isReady = overAt !== undefined && (isAtWork() || sinceBoot > beginningMs);
    if (isReady || now() - began > slowMs) {
      const claims = [bootClaim(began, overAt), ...(await look(guest)).map(afterReboot)];
      const hasFailed = claims.some(({ outcome }) => outcome === 'fail');
      if (!hasFailed || !isReady || sinceBoot > settlingMs) return claims;
    }
    await sleep(everyMs, undefined, signal ? { signal } : {});
  }
}

function bootClaim(began: number, overAt: number | undefined): ProvenClaim {
  const seen =
    overAt === undefined
      ? `its boot was not over after ${slowMs / 1000} s`
      : `its boot was over after ${((overAt - began) / 1000).toFixed(1)} s`;
  return claimed('second-boot', comesUpAgain, overAt !== undefined, seen);
}

function afterReboot(one: ProvenClaim): ProvenClaim {
  return { ...one, id: `rebooted ${one.id}`, claim: `after a reboot, ${one.claim}` };
}

/** A guest that cannot be asked may yet come to itself. */
async function isUp(guest: RunningGuest): Promise<boolean> {
  try {
    return (await guest.booted?.isUp(guest)) ?? true;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return false;
  }
}
