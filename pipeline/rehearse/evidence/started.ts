import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, unproven } from './claim.js';
import { processFile, processOf } from '../processes.js';
import type { RunningGuest } from '../running-guest.js';

const startedClaim = 'the guest’s own init started the agent';
const orderClaim = 'the guest utilities started before the agent';

/** Whether the guest's own unit or script started the agent, and did so after the guest utilities. */
export async function startClaims(guest: RunningGuest): Promise<ProvenClaim[]> {
  const { booted, facts } = guest;
  if (!booted) {
    const why = 'no init was booted: Hallmark started the agent itself';
    return [unproven('started', startedClaim, why), unproven('order', orderClaim, why)];
  }
  const { agentService, xeService, agent } = facts;
  const process = agent && processOf(guest, agent.program);
  const started = process
    ? claimed('started', startedClaim, true, await whoStarted(guest, process))
    : claimed('started', startedClaim, false, whyNot(guest, agent?.program ?? 'nova-agent'));
  if (!xeService)
    return [started, unproven('order', orderClaim, 'the image has no guest utilities to start')];
  if (!agentService)
    return [started, unproven('order', orderClaim, 'no service of the guest starts the agent')];
  const [xe, own] = [await booted.startOf(guest, xeService), await booted.startOf(guest, agentService)];
  if (!own) return [started, claimed('order', orderClaim, false, `${agentService.id} was never started`)];
  if (!xe) return [started, claimed('order', orderClaim, false, `${xeService.id} had not started by then`)];
  const apart = own.atMs - xe.atMs;
  const order =
    apart === 0
      ? 'at the same time as'
      : `${Math.abs(apart).toFixed(1)} ms ${apart > 0 ? 'before' : 'after'}`;
  return [started, claimed('order', orderClaim, apart > 0, `${xe.seen} ${order} ${own.seen}`)];
}

/** What the guest's console says of an agent that does not run. */
function whyNot({ console }: RunningGuest, program: string): string {
  const last = console.findLast(
    (line) => /nova-agent/.test(line) && /error|fail|exit|no such|not found|denied/i.test(line),
  );
  const first = `no process runs ${program}`;
  return last === undefined ? first : `${first}; its console says: ${last}`;
}

async function whoStarted(guest: RunningGuest, pid: number): Promise<string> {
  const { facts, machine } = guest;
  const parent = /^PPid:\t(\d+)$/m.exec(processFile(pid, 'status'))?.[1];
  const by = Number(parent) === machine.leader ? 'a child of init' : `a child of process ${parent ?? '?'}`;
  const unit = /\/([^/\n]+\.service)(?:\/|\n|$)/.exec(processFile(pid, 'cgroup'))?.[1];
  if (unit !== undefined) return `it runs in the control group of ${unit}`;
  return facts.agentService ? `${facts.agentService.path} started it; it is ${by}` : `it is ${by}`;
}
