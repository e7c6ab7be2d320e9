import type { ExpectedInterface } from '../nova/vm-data.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { unproven } from './claim.js';
import type { RunningGuest } from '../running-guest.js';

/**
 * A router whose address is of the link alone tells of itself (RFC 4861 §4.2), and so gives the default route that
 * cloud-init's commands for ifupdown cannot make: they name no device. Nobody is there to do so in a rehearsal; all that
 * can be seen is whether the guest would listen.
 */
export async function orAnnounced(
  guest: RunningGuest,
  expected: readonly ExpectedInterface[],
  claims: readonly ProvenClaim[],
): Promise<ProvenClaim[]> {
  const judged: ProvenClaim[] = [];
  for (const one of claims) judged.push((await announced(guest, expected, one)) ?? one);
  return judged;
}

async function announced(
  guest: RunningGuest,
  expected: readonly ExpectedInterface[],
  { id, claim, outcome, seen }: ProvenClaim,
): Promise<ProvenClaim | undefined> {
  if (outcome !== 'fail') return undefined;
  const { device, routes } = expected.find((one) => id === `route ${one.device} IPv6 default`) ?? {};
  const linkLocal = routes?.some(({ to, via }) => to === 'default' && /^fe[89ab]/.test(via)) === true;
  if (device === undefined || !linkLocal) return undefined;
  const { stdout } = await guest.machine.look('cat', [`/proc/sys/net/ipv6/conf/${device}/accept_ra`]);
  if (!/^[12]$/.test(stdout.trim())) return undefined;
  return unproven(
    id,
    claim,
    `${seen}; the guest would take it from the router’s own announcement, and a rehearsal has no router`,
  );
}
