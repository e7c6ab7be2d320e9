import type { Guest } from './evidence/guest.js';
import { commandLine, processOf } from './evidence/started.js';

const everyMs = 2000;
/** How often the agent must be missed: one that restarts is gone for a moment. */
const missed = 3;

/**
 * Watches whether an answer can still come, so that nobody waits minutes for an agent that is not there: its unit has
 * failed, the boot is over and has not started it, or it ran and runs no more.
 */
export function whenHopeless(guest: Guest, tell: (why: string) => void): Disposable {
  let missing = 0;
  let seen = false;
  let busy = false;
  const lookAgain = async (): Promise<void> => {
    const running = processOf(guest, guest.known.agent?.program ?? '') !== undefined;
    seen ||= running;
    missing = running ? 0 : missing + 1;
    if (missing < missed) return;
    if (seen) tell('the agent ended by itself');
    else if (await wasNeverStarted(guest)) tell('the boot is over, and did not start the agent');
  };
  const timer = setInterval(() => {
    if (busy || guest.machine.isOver()) return;
    busy = true;
    // A guest that cannot be asked may yet come to itself; the limits of the scenario hold for it, too.
    void lookAgain()
      .catch(() => undefined)
      .finally(() => (busy = false));
  }, everyMs);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

async function wasNeverStarted(guest: Guest): Promise<boolean> {
  const { booted, known, machine } = guest;
  if (!booted) return true;
  if (known.init.system !== 'systemd') return scriptsAreDone(guest);
  const { stdout } = await machine.run('systemctl', ['is-system-running']);
  if (!/^(?:running|degraded)$/.test(stdout.trim())) return false;
  if (!known.agentService) return true;
  const unit = await machine.run('systemctl', ['is-active', '--', known.agentService.id]);
  return /^(?:inactive|failed|unknown)$/.test(unit.stdout.trim());
}

/** What runs the scripts of a runlevel: Debian's and Red Hat's rc, and what Debian's starts them with. */
const scriptRunners = ['/etc/init.d/rc', '/etc/rc.d/rc', 'startpar'];

/** Whether sysvinit has entered its runlevel, and nothing is at work on the runlevel's scripts any more. */
function scriptsAreDone({ console, machine }: Guest): boolean {
  const entered = console.some((line) => line.startsWith('INIT: Entering runlevel'));
  const runs = (pid: number): boolean => commandLine(pid).some((word) => scriptRunners.includes(word));
  return entered && !machine.processes().some(runs);
}
