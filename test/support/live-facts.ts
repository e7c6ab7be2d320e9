import type { Process } from '../../images/live/processes.js';

/** Facts of a running system, and of a root that is not the running one. */

export const elsewhere = {
  name: 'a root that is not the running one',
  reason: '/mnt/x is not the running system',
};
export const notRunning = { runningSystem: '/mnt/x is not the running system' };
export const runs = (...programs: string[]): Process[] =>
  programs.map((program, at) => ({ pid: 100 + at, program, args: [] }));
