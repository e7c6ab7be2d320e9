import type { Agent } from '../../images/guest/agents/agent.js';
import { olderThan } from './versions.js';

/** The first 1.x release that survives a link without a hardware address (getifaddrs gives it no address). */
export const firstWithoutTunnelCrash = '1.39.1';

/**
 * Whether resetnetwork kills this agent when there is a tunnel: 1.x before 1.39.1. A 1.x of unknown version counts,
 * since nothing shows that it has the repair.
 */
export function diesOfTunnels({ generation, version }: Agent): boolean {
  return generation === 1 && olderThan(version, firstWithoutTunnelCrash) !== false;
}
