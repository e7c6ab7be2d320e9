import { readFileSync } from 'node:fs';
import { systemCode } from '../../images/base/errors.js';
import type { RunningGuest } from './running-guest.js';

/** The process that runs a program of the guest, itself or by an interpreter; by the host's number. */
export function processOf({ machine }: RunningGuest, program: string): number | undefined {
  return machine.processes().find((pid) => commandLine(pid).slice(0, 3).includes(program));
}

/** The words of a process's command; none when it has ended. */
export function commandLine(pid: number): string[] {
  return processFile(pid, 'cmdline').split('\0');
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
