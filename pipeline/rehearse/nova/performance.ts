import type { TimelineEntry } from '../../report/rehearsal.js';
import type { CommandName, InjectedFile, Interface, Round, Scenario } from '../scenario.js';
import type { Secret } from './secret.js';
import type { Store } from './store.js';
import type { ExpectedInterface } from './vm-data.js';

/** All that a play needs. */
export interface PlayOptions {
  readonly scenario: Scenario;
  readonly store: Store;
  /** Milliseconds since the guest was started. */
  readonly now: () => number;
  readonly hooks: PlayHooks;
  /** Told of everything as it happens; the same entries are in the result. */
  readonly onEntry?: ((entry: TimelineEntry) => void) | undefined;
  /** The user's wish to stop: the play is rejected with its reason, after it has cleaned up. */
  readonly signal?: AbortSignal | undefined;
  /** Fires when no answer can come any more; its reason, an Error, says why: the guest has ended, say. */
  readonly ended?: AbortSignal | undefined;
}

/**
 * What is done outside of the XenStore. The play waits for each, which should end when `stop` fires; what it throws
 * ends the play.
 */
export interface PlayHooks {
  /** Gives the guest an interface, before it is told of it. Those that a scenario starts with are there already. */
  addInterface(one: Interface, stop: AbortSignal): Promise<void>;
  /** Takes an interface away from the guest, after it was told that it is gone. */
  removeInterface(one: Interface, stop: AbortSignal): Promise<void>;
  /** Looks at the guest when all commands of a round are answered. It must be quick: the agent's next poll comes. */
  afterRound(round: Round, expected: Expectation, stop: AbortSignal): Promise<void>;
}

/** What must be true of the guest at some time, whatever its agent says. */
export interface Expectation {
  readonly hostName: string;
  /** The last password that was sent; undefined when none was. */
  readonly password: Secret | undefined;
  readonly files: readonly InjectedFile[];
  /** Whether the guest was asked to configure its network as it is now; before that, nothing is to be expected of it. */
  readonly networkReset: boolean;
  readonly interfaces: readonly ExpectedInterface[];
  /** What it had once, and must have no longer. */
  readonly removed: readonly ExpectedInterface[];
}

/**
 * well: as it should be. wrong: another return code than that of success, or a message that does not fit this command.
 * malformed: not in the agents' format. time-out: no answer in time. cut-short: the play ended before it was
 * answered. skipped: never sent, since what it needs had failed.
 */
export type CommandOutcome = 'well' | 'wrong' | 'malformed' | 'time-out' | 'cut-short' | 'skipped';

/** What came of one command. */
export interface PlayedCommand {
  readonly round: string;
  readonly command: CommandName;
  /** For people: "injectfile /etc/motd". */
  readonly what: string;
  readonly outcome: CommandOutcome;
  /** In one line, what was answered or why there was none; no secret, nothing that a terminal obeys. */
  readonly detail: string;
  /** Whether the agent removed the request, as it must; undefined when it did not answer. */
  readonly requestRemoved?: boolean | undefined;
}

/** What came of a play. */
export interface Performance {
  readonly outcome: 'passed' | 'failed';
  /** What went wrong first; undefined when it passed. */
  readonly reason: string | undefined;
  readonly commands: readonly PlayedCommand[];
  /** Commands and changes, in the order in which they began. */
  readonly timeline: readonly TimelineEntry[];
  /** What must be true of the guest in the end. */
  readonly expected: Expectation;
}
