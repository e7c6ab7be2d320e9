import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, quote } from './claim.js';
import type { RunningGuest } from '../running-guest.js';

/** Whether the guest bears the host name: the kernel says so. */
export async function hostNameClaims({ machine }: RunningGuest, expected: string): Promise<ProvenClaim[]> {
  const now = (await machine.look('hostname', [])).stdout.trim();
  const seen = `the kernel’s host name is ${quote(now)}`;
  return [claimed('host-name', `the host name is ${expected}`, now === expected, seen)];
}
