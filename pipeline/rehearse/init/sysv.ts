import { statSync } from 'node:fs';
import type { Service } from '../../../images/guest/init/service.js';
import { stagesOfScripts } from '../cloud-init/scripts.js';
import { commandLine } from '../processes.js';
import { type BootedInit, type RunningGuest, type ServiceStart, look } from '../running-guest.js';

export const sysv: BootedInit = {
  arguments: [],
  takesUnifiedGroups: () => true,
  // It writes a carriage return before each of its lines: sysvinit's init.c, `initlog`.
  endsBoot: (line) => /^\r?INIT: Entering runlevel: [2-5]/.test(line),
  startOf,
  isUp: areScriptsDone,
  powerOff: async ({ machine }) => {
    await machine.run('telinit', ['0']);
  },
  leftAgentUnstarted: areScriptsDone,
  cloudInitStages: stagesOfScripts,
  bootClaims: () => [],
};

/** File times are those of the kernel's last tick, which come a hundred times a second or more: time(7), the jiffy. */
const tickMs = 10;

/**
 * A script leaves no record but that it was read: the first time since the guest was started, for which a file system
 * with relative access times updates it (mount(8), relatime). Nothing but the boot reads it.
 */
async function startOf(guest: RunningGuest, { path }: Service): Promise<ServiceStart | undefined> {
  await using image = look(guest);
  const real = await image.realPath(path);
  if (!real) return undefined;
  const { atimeMs } = statSync(`${guest.sandbox.root}${real}`);
  const atMs = atimeMs - guest.startedAt.clock;
  return atMs >= 0 ? { atMs, withinMs: tickMs, seen: `${path} was run` } : undefined;
}

/** What runs the scripts of a runlevel: Debian's and Red Hat's rc, and what Debian's starts them with. */
const scriptRunners = ['/etc/init.d/rc', '/etc/rc.d/rc', 'startpar'];

/** Whether sysvinit has entered its runlevel, and nothing is at work on the runlevel's scripts any more. */
async function areScriptsDone({ hasEndedBoot, machine }: RunningGuest): Promise<boolean> {
  const runs = (pid: number): boolean => commandLine(pid).some((word) => scriptRunners.includes(word));
  if (!hasEndedBoot()) {
    // A line of the console can be lost: runlevel(8) says the previous level, and this one.
    const { stdout } = await machine.run('runlevel', []);
    if (!/^\S+ [2-5]$/m.test(stdout)) return false;
  }
  return !machine.processes().some(runs);
}
