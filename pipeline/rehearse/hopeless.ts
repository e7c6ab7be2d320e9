import { agentProcess } from './processes.js';
import type { RunningGuest } from './running-guest.js';

const everyMs = 2000;
/** How often the agent must be missed: one that restarts is gone for a moment. */
const missed = 3;

/**
 * How long an agent may run before it asks the XenStore for the first time. The slowest poll of any release is ten
 * seconds, and all ask for something before their first (novaagent.py, `check_provider`; 1.x: nova-agent.py, the
 * exchange's own folder): one that is silent for a minute has no XenStore.
 */
const silentMs = 60_000;

/** What is known of the agent besides its process. */
export interface AgentWatch {
  /** Milliseconds since the guest was started. */
  readonly now: () => number;
  /** Whether it has asked the XenStore for anything. */
  readonly hasAsked: () => boolean;
}

/**
 * Watches whether an answer can still come, so that nobody waits minutes for an agent that is not there: its unit has
 * failed, the boot is over and has not started it, it ran and runs no more, or it runs and asks for nothing.
 */
export function whenHopeless(
  guest: RunningGuest,
  { now, hasAsked }: AgentWatch,
  tell: (why: string) => void,
): Disposable {
  let missing = 0;
  let since: number | undefined;
  let busy = false;
  const lookAgain = async (): Promise<void> => {
    const running = agentProcess(guest) !== undefined;
    if (running) since ??= now();
    missing = running ? 0 : missing + 1;
    if (running && !hasAsked() && now() - (since ?? 0) >= silentMs)
      tell(`the agent runs, and has asked XenStore for nothing in ${silentMs / 1000} s`);
    if (missing < missed) return;
    if (since !== undefined) tell('the agent ended by itself');
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
