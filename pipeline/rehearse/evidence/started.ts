import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, comesUpAgain, unproven } from './claim.js';
import { agentProcess, processFile, unitOf } from '../processes.js';
import { orRefuted } from './unreadable.js';
import type { RunningGuest, ServiceStart } from '../running-guest.js';

const startedClaim = 'the guest’s own init started the agent';
const orderClaim = 'the guest utilities started before the agent';

/** Whether the guest's own unit or script started the agent, and did so after the guest utilities. */
export async function startClaims(guest: RunningGuest): Promise<ProvenClaim[]> {
  if (!guest.booted) {
    const why = 'no init was booted: Hallmark started the agent itself';
    return [
      unproven('started', startedClaim, why),
      unproven('order', orderClaim, why),
      unproven('second-boot', comesUpAgain, why),
    ];
  }
  return [startedBy(guest), ...(await orRefuted('order', orderClaim, async () => [await orderOf(guest)]))];
}

/** Whether the agent runs, and what started it. */
export function startedBy(guest: RunningGuest): ProvenClaim {
  const process = agentProcess(guest);
  return process
    ? claimed('started', startedClaim, true, whoStarted(guest, process))
    : claimed('started', startedClaim, false, whyNot(guest, guest.facts.agent?.program ?? 'nova-agent'));
}

async function orderOf(guest: RunningGuest): Promise<ProvenClaim> {
  const { agentService, xeService, orderSeverity } = guest.facts;
  if (!xeService) return unproven('order', orderClaim, 'the image has no guest utilities to start');
  if (!agentService) return unproven('order', orderClaim, 'no service of the guest starts the agent');
  const [xe, own] = [
    await guest.booted?.startOf(guest, xeService),
    await guest.booted?.startOf(guest, agentService),
  ];
  if (!own) return claimed('order', orderClaim, false, `${agentService.id} was never started`);
  const { holds, seen } = xe
    ? compared(xe, own, guest.facts.isOrdered)
    : { holds: false, seen: `${xeService.id} had not started by then` };
  if (holds || orderSeverity === 'error') return claimed('order', orderClaim, holds, seen);
  // What the check only warns of is no reason to refuse the image: the agent reaches XenStore without them.
  return unproven('order', orderClaim, `${seen}; the agent of this image does not need them`);
}

/**
 * One boot shows an order that may be chance: another boot of the same image may have the other. So what makes one
 * service wait for the other counts as well; and where the two moments are the same, as exactly as they are known, it
 * alone says which came first.
 */
function compared(
  xe: ServiceStart,
  own: ServiceStart,
  isOrdered: boolean | undefined,
): { readonly holds: boolean; readonly seen: string } {
  const apart = own.atMs - xe.atMs;
  const isKnown = Math.abs(apart) > Math.max(own.withinMs, xe.withinMs);
  const order = isKnown
    ? `${Math.abs(apart).toFixed(1)} ms ${apart > 0 ? 'before' : 'after'}`
    : 'at the same time as';
  const seen = `${xe.seen} ${order} ${own.seen}`;
  if (isOrdered === false) return { holds: false, seen: `${seen}, and nothing makes it come first` };
  return { holds: isKnown ? apart > 0 : isOrdered === true, seen };
}

/** What the guest's console says of an agent that does not run. */
function whyNot({ console }: RunningGuest, program: string): string {
  const last = console.findLast(
    (line) => /nova-agent/.test(line) && /error|fail|exit|no such|not found|denied/i.test(line),
  );
  const first = `no process runs ${program}`;
  return last === undefined ? first : `${first}; its console says: ${last}`;
}

function whoStarted({ facts, machine }: RunningGuest, pid: number): string {
  const parent = /^PPid:\t(\d+)$/m.exec(processFile(pid, 'status'))?.[1];
  const by = Number(parent) === machine.leader ? 'a child of init' : `a child of process ${parent ?? '?'}`;
  const unit = unitOf(pid);
  if (unit !== undefined) return `it runs in the control group of ${unit}`;
  return facts.agentService ? `${facts.agentService.path} started it; it is ${by}` : `it is ${by}`;
}
