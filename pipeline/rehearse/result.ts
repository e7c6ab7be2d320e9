import type { ProvenClaim, Rehearsal, TimelineEntry } from '../report/rehearsal.js';

/** What one way of rehearsing comes to. */
export interface RehearsalResult {
  readonly way: Rehearsal['way'];
  readonly timeline: readonly TimelineEntry[];
  readonly evidence: readonly ProvenClaim[];
  /** What went wrong besides what the evidence says: a command that was not answered, a guest that ended. */
  readonly failure: string | undefined;
  readonly secondBoot: Rehearsal['secondBoot'];
  /** Where the guest's logs and changed files were kept. */
  readonly kept: string | undefined;
}
