import { processOf } from './processes.js';
import type { RunningGuest } from './running-guest.js';

const everyMs = 2000;
/** How often the agent must be missed: one that restarts is gone for a moment. */
const missed = 3;

/**
 * Watches whether an answer can still come, so that nobody waits minutes for an agent that is not there: its unit has
 * failed, the boot is over and has not started it, or it ran and runs no more.
 */
export function whenHopeless(guest: RunningGuest, tell: (why: string) => void): Disposable {
  let missing = 0;
  let seen = false;
  let busy = false;
  const lookAgain = async (): Promise<void> => {
    const running = processOf(guest, guest.facts.agent?.program ?? '') !== undefined;
    seen ||= running;
    missing = running ? 0 : missing + 1;
    if (missing < missed) return;
    if (seen) tell('the agent ended by itself');
    else if ((await guest.booted?.leftAgentUnstarted(guest)) ?? true)
      tell('the boot is over and did not start the agent');
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
