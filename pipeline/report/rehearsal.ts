import type { Target } from '../../checks/lib/check.js';

/**
 * passed: no claim failed. failed: one did, or a command was not answered. impossible: the rehearsal could not run, so
 * nothing is known; `reason` says why.
 */
export type RehearsalOutcome = 'passed' | 'failed' | 'impossible';

/** A claim about the guest, and what was seen there: never the word of its agent. */
export interface ProvenClaim {
  /** Stable, for machines: "password", "address eth0 10.181.30.181/17". */
  readonly id: string;
  /** What is true when it passes: "root's password is the one that was sent". */
  readonly claim: string;
  /** not-proven: there was no way to look, as for the order of starting when no init could be booted. */
  readonly outcome: 'pass' | 'fail' | 'not-proven';
  /** What was seen, in one line; never a secret. */
  readonly seen: string;
}

/** Something that happened, in the order of time. */
export interface TimelineEntry {
  /** Milliseconds since the guest was started. */
  readonly atMs: number;
  /** How long it took: of a command, until its answer. */
  readonly durationMs?: number | undefined;
  /**
   * boot: the guest itself (started, reached its goal, ended). start: a service of interest was started.
   * command: a request that was sent to the agent, with its answer. change: something that the hypervisor did (a
   * network was added). evidence: a look at the guest.
   */
  readonly kind: 'boot' | 'start' | 'command' | 'change' | 'evidence';
  readonly what: string;
  /** Absent where there is nothing to pass. */
  readonly outcome?: 'pass' | 'fail' | undefined;
  /** What was answered or seen, in one line; never a secret. */
  readonly detail?: string | undefined;
}

/** What another boot of the same guest took: from its shutdown until all was looked at. */
export interface SecondBoot {
  /** Milliseconds since the guest was started. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** What came of an image's rehearsed first boot. */
export interface Rehearsal {
  readonly outcome: RehearsalOutcome;
  /** Why it was impossible, or what first went wrong; absent when it passed. */
  readonly reason?: string | undefined;
  /** Whether the image's own init was booted, or its agent run without one: then enablement and order are not proven. */
  readonly way: 'boot' | 'agent-alone';
  readonly target: Target;
  /** The name of the scenario that was played. */
  readonly scenario: string;
  /** Whether a tunnel was up before the agent was asked to do anything. */
  readonly tunnel: boolean;
  readonly timeline: readonly TimelineEntry[];
  readonly evidence: readonly ProvenClaim[];
  /** Absent when the guest was not booted again: the first boot had failed, or its init cannot be booted. */
  readonly secondBoot?: SecondBoot | undefined;
  /** Where the guest's logs and changed files were kept, when that was asked for. */
  readonly kept?: string | undefined;
}
