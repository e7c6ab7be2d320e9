import type { ExecResult } from '../../../../images/base/exec.js';
import { systemd } from '../../../../pipeline/rehearse/init/systemd.js';
import type { RunningGuest } from '../../../../pipeline/rehearse/running-guest.js';

/**
 * A guest that does not run: its files are those of a folder, and its programs, and those of the host that look at it,
 * say what is given.
 * @param says - by the program and its arguments, with a space between; whatever else is asked is no program
 */
export function guestAt(
  root: string,
  says: Readonly<Record<string, string>> = {},
  console: readonly string[] = [],
): RunningGuest {
  const run = async (program: string, args: readonly string[]): Promise<ExecResult> => {
    const stdout = says[[program, ...args].join(' ')];
    return { exitCode: stdout === undefined ? 127 : 0, stdout: stdout ?? '', stderr: '' };
  };
  const guest = {
    facts: { init: { system: 'systemd' }, nameServersInDoubt: {} },
    sandbox: { root },
    machine: { run, look: run, isOver: () => false, processes: () => [] },
    console,
    hasEndedBoot: () => console.some((line) => /INIT: Entering runlevel/.test(line)),
    booted: systemd,
    startedAt: { clock: 1_795_696_124_000, monotonic: 4_062_000 },
  };
  return guest as unknown as RunningGuest;
}
