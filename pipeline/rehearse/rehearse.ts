import { ImageError } from '../../images/base/errors.js';
import type { RehearsalOrder } from './order.js';
import { failedClaimInWords } from '../report/rehearsal-words.js';
import type { ProvenClaim, Rehearsal, TimelineEntry } from '../report/rehearsal.js';

/** What one way of rehearsing comes to. */
export interface Rehearsed {
  readonly way: Rehearsal['way'];
  readonly timeline: readonly TimelineEntry[];
  readonly evidence: readonly ProvenClaim[];
  /** What went wrong besides what the evidence says: a command that was not answered, a guest that ended. */
  readonly failure?: string;
  readonly kept?: string;
}

/**
 * Holds the dress rehearsal: the image's own init boots in a container over a throw-away layer, and what it needs at its
 * first boot is given to it as the cloud would. The image is only read.
 * @returns `impossible` where this host cannot hold it, with the reason
 * @throws the reason of `order.signal`
 */
export async function rehearse(order: RehearsalOrder): Promise<Rehearsal> {
  const { target, tunnel, scenario, signal } = order;
  const about = { target, tunnel, scenario: scenario.name };
  try {
    const { failure, ...rehearsed } = await rehearseFor(order);
    const failed = rehearsed.evidence.find(({ outcome }) => outcome === 'fail');
    const reason = failure ?? (failed && failedClaimInWords(failed));
    return reason === undefined
      ? { outcome: 'passed', ...about, ...rehearsed }
      : { outcome: 'failed', reason, ...about, ...rehearsed };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImageError)) throw error;
    const reason = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
    return { outcome: 'impossible', reason, ...about, way: 'boot', timeline: [], evidence: [] };
  }
}

async function rehearseFor(order: RehearsalOrder): Promise<Rehearsed> {
  if (order.target === 'cloud-init') {
    const { rehearseCloudInit } = await import('./cloud-init.js');
    return rehearseCloudInit(order);
  }
  const { rehearseAgent } = await import('./agent.js');
  return rehearseAgent(order);
}
