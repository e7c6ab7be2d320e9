import type { Target } from '../../checks/lib/check.js';
import type { LayerSource } from '../../images/sources/source.js';
import type { TimelineEntry } from '../report/rehearsal.js';
import type { GuestFacts } from './running-guest.js';
import type { Scenario } from './scenario.js';

/** What is to be rehearsed, and how. */
export interface RehearsalOrder {
  readonly source: LayerSource;
  readonly facts: GuestFacts;
  readonly target: Target;
  readonly scenario: Scenario;
  /** Whether a tunnel is there before the agent is. */
  readonly tunnel: boolean;
  /** Whether to wait as long as the cloud does for an agent that cannot answer any more. */
  readonly patient?: boolean | undefined;
  /** Where the guest's logs and changed files are to be kept. */
  readonly keep?: string | undefined;
  readonly onEntry?: ((entry: TimelineEntry) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a guest may use while it is rehearsed: what the smallest server of the cloud has, and room for a first boot. */
export const guestLimits = { memory: 1024 ** 3, processes: 1024, disk: 1024 ** 3 };

/** The user's wish to stop, in the form in which options take it. */
export function interruptible({ signal }: RehearsalOrder): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
