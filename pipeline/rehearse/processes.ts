import { readFileSync } from 'node:fs';
import { systemCode } from '../../images/base/errors.js';
import type { RunningGuest } from './running-guest.js';

/** The process that runs a program of the guest, itself or by an interpreter; by the host's number. */
export function processOf({ machine }: RunningGuest, program: string): number | undefined {
  return machine.processes().find((pid) => commandLine(pid).slice(0, 3).includes(program));
}

/**
 * The agent's process: that of its program, or else the first in the control group of its unit, for an agent that a
 * wrapper starts under another name.
 */
export function agentProcess(guest: RunningGuest): number | undefined {
  const { agent, agentService } = guest.facts;
  const own = agent && processOf(guest, agent.program);
  if (own !== undefined || !agentService) return own;
  return guest.machine.processes().find((pid) => unitOf(pid) === agentService.id);
}

/** The unit in whose control group a process is: systemd.service(5). */
export function unitOf(pid: number): string | undefined {
  return /\/([^/\n]+\.service)(?:\/|\n|$)/.exec(processFile(pid, 'cgroup'))?.[1];
}

/** The words of a process's command; none when it has ended. */
export function commandLine(pid: number): string[] {
  return processFile(pid, 'cmdline').split('\0').slice(0, -1);
}

/** A file of proc(5) about a process; empty when it has ended. */
export function processFile(pid: number, file: 'cmdline' | 'status' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return ''; // it has ended
    throw error;
  }
}
