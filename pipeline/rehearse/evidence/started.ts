import { readFileSync, statSync } from 'node:fs';
import { systemCode } from '../../../images/base/errors.js';
import type { Service } from '../../../images/guest/init/service.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, unproven } from './claim.js';
import { type Guest, look } from './guest.js';

/** When a service of the guest was started. */
export interface Start {
  /** Milliseconds since the guest was. */
  readonly atMs: number;
  readonly seen: string;
}

const startedClaim = 'the agent was started by the guest’s own init';
const orderClaim = 'the guest utilities were started before the agent';

/** Whether the guest's own unit or script started the agent, and did so after the guest utilities. */
export async function startClaims(guest: Guest): Promise<ProvenClaim[]> {
  const { booted, known } = guest;
  if (!booted) {
    const why = 'no init was booted: the agent was started by us';
    return [unproven('started', startedClaim, why), unproven('order', orderClaim, why)];
  }
  const { agentService, xeService, agent } = known;
  const process = agent && processOf(guest, agent.program);
  const started = process
    ? claimed('started', startedClaim, true, await whoStarted(guest, process))
    : claimed('started', startedClaim, false, whyNot(guest, agent?.program ?? 'nova-agent'));
  if (!xeService)
    return [started, unproven('order', orderClaim, 'there are no guest utilities that could be started')];
  if (!agentService)
    return [started, unproven('order', orderClaim, 'no service of the guest starts the agent')];
  const [xe, own] = [await startOf(guest, xeService), await startOf(guest, agentService)];
  if (!own) return [started, claimed('order', orderClaim, false, `${agentService.id} was never started`)];
  if (!xe)
    return [started, claimed('order', orderClaim, false, `${xeService.id} had not been started by then`)];
  const apart = own.atMs - xe.atMs;
  const order =
    apart === 0
      ? 'at the same time as'
      : `${Math.abs(apart).toFixed(1)} ms ${apart > 0 ? 'before' : 'after'}`;
  return [started, claimed('order', orderClaim, apart > 0, `${xe.seen} ${order} ${own.seen}`)];
}

/** The process that runs a program of the guest, itself or by an interpreter. */
export function processOf({ machine }: Guest, program: string): number | undefined {
  return machine.processes().find((pid) => commandLine(pid).slice(0, 3).includes(program));
}

/** What the guest's console says of an agent that does not run. */
function whyNot({ console }: Guest, program: string): string {
  const last = console.findLast(
    (line) => /nova-agent/.test(line) && /error|fail|exit|no such|not found|denied/i.test(line),
  );
  const first = `no process runs ${program}`;
  return last === undefined ? first : `${first}; its console says: ${last}`;
}

async function whoStarted(guest: Guest, pid: number): Promise<string> {
  const { known, machine } = guest;
  const parent = /^PPid:\t(\d+)$/m.exec(ofProcess(pid, 'status'))?.[1];
  const by = Number(parent) === machine.leader ? 'a child of init' : `a child of process ${parent ?? '?'}`;
  const unit = /\/([^/\n]+\.service)(?:\/|\n|$)/.exec(ofProcess(pid, 'cgroup'))?.[1];
  if (unit !== undefined) return `it runs in the control group of ${unit}`;
  return known.agentService ? `${known.agentService.path} started it; it is ${by}` : `it is ${by}`;
}

/** The words of a process's command; none when it has ended. */
export function commandLine(pid: number): string[] {
  return ofProcess(pid, 'cmdline').split('\0');
}

function ofProcess(pid: number, file: 'cmdline' | 'status' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return ''; // it has ended
    throw error;
  }
}

/** When a service was started, if it ever was. */
export async function startOf(guest: Guest, service: Service): Promise<Start | undefined> {
  return guest.known.init.system === 'systemd' ? startOfUnit(guest, service) : startOfScript(guest, service);
}

/**
 * systemd's own record: org.freedesktop.systemd1(5). A unit whose conditions do not hold, as that of the guest utilities
 * outside of Xen, was at its turn when they were looked at.
 */
async function startOfUnit({ machine, startedAt }: Guest, { id }: Service): Promise<Start | undefined> {
  const properties = ['ConditionResult', 'ConditionTimestampMonotonic', 'InactiveExitTimestampMonotonic'];
  const { stdout } = await machine.run('systemctl', ['show', `--property=${properties.join(',')}`, '--', id]);
  const of = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const since = (microseconds: number): number => microseconds / 1000 - startedAt.monotonic;
  const started = Number(of('InactiveExitTimestampMonotonic'));
  if (started > 0) return { atMs: since(started), seen: `${id} was started` };
  const passedOver = of('ConditionResult') === 'no' ? Number(of('ConditionTimestampMonotonic')) : 0;
  const why = 'its conditions do not hold in a container';
  return passedOver > 0 ? { atMs: since(passedOver), seen: `${id} was passed over (${why})` } : undefined;
}

/**
 * A script leaves no record but that it was read: the first time since the guest was started, for which a file system
 * with relative access times updates it (mount(8), relatime). Nothing but the boot reads it.
 */
async function startOfScript(guest: Guest, { path }: Service): Promise<Start | undefined> {
  await using image = look(guest);
  const real = await image.realPath(path);
  if (!real) return undefined;
  const { atimeMs } = statSync(`${guest.sandbox.root}${real}`);
  const atMs = atimeMs - guest.startedAt.clock;
  return atMs >= 0 ? { atMs, seen: `${path} was run` } : undefined;
}
