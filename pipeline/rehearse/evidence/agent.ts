import type { Expectation, Performance } from '../nova/performance.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { type Round, commandOf } from '../scenario.js';
import { hasCloudInit } from '../cloud-init/installed.js';
import { keyFiles } from './authorized-key.js';
import { claimed } from './claim.js';
import type { RunningGuest } from '../running-guest.js';
import { hostNameClaims } from './host-name.js';
import { injectedFileClaims } from './injected-files.js';
import { logClaims } from './log.js';
import { networkClaims } from './network.js';
import { passwordClaims } from './password.js';
import { startClaims, startedBy } from './started.js';
import { writtenClaims } from './written.js';

/** What must be true once a round of commands is answered. */
export async function afterRound(
  guest: RunningGuest,
  round: Round,
  expected: Expectation,
): Promise<ProvenClaim[]> {
  const sent = new Set(round.send.map(commandOf));
  const claims: ProvenClaim[] = [];
  const { password, files, hostName, interfaces, removed } = expected;
  if (sent.has('password') && password) claims.push(...(await passwordClaims(guest, password)));
  if (sent.has('injectfile')) claims.push(...(await injectedFileClaims(guest, files)));
  if (sent.has('resetnetwork') && expected.networkReset) {
    claims.push(...(await hostNameClaims(guest, hostName)));
    claims.push(...(await networkClaims(guest, 'nova-agent', interfaces, removed)));
  }
  return claims;
}

/** What must still be true when the guest has been booted again, and nobody has asked its agent for anything. */
export async function afterReboot(
  guest: RunningGuest,
  { password, files, hostName, interfaces, removed, networkReset }: Expectation,
  hasAsked: boolean,
): Promise<ProvenClaim[]> {
  return [
    startedBy(guest),
    claimed(
      'asks',
      'the agent asks XenStore for what it is to do',
      hasAsked,
      hasAsked ? 'it did' : 'it did not',
    ),
    ...(password ? await passwordClaims(guest, password) : []),
    ...(await injectedFileClaims(guest, files)),
    ...(networkReset ? await hostNameClaims(guest, hostName) : []),
    ...(networkReset ? await networkClaims(guest, 'nova-agent', interfaces, removed) : []),
  ];
}

/** What must be true when everything is done, or nothing more can be done. */
export async function inTheEnd(
  guest: RunningGuest,
  { commands, expected }: Performance,
  proven: ReadonlySet<string>,
): Promise<ProvenClaim[]> {
  const claims = guest.booted?.bootClaims(guest) ?? [];
  if (!guest.machine.isOver()) claims.push(...(await startClaims(guest)));
  const [left, answered] = [
    commands.filter(({ requestRemoved }) => requestRemoved === false),
    commands.filter(({ outcome }) => outcome === 'well' || outcome === 'wrong' || outcome === 'malformed'),
  ];
  const malformed = answered.filter(({ outcome }) => outcome === 'malformed');
  if (answered.length > 0) {
    claims.push(
      claimed(
        'requests',
        'the agent removed every request it answered',
        left.length === 0,
        left.length === 0
          ? `all ${answered.length} were removed`
          : `not removed: ${left.map(({ what }) => what).join(', ')}`,
      ),
      claimed(
        'responses',
        'every response was well-formed',
        malformed.length === 0,
        malformed.map(({ what, detail }) => `${what}: ${detail}`).join('; ') || `all ${answered.length} were`,
      ),
    );
  }
  return [
    ...claims,
    ...(await logClaims(guest, proven)),
    ...(await writtenClaims(guest, [...expected.files.map(({ path }) => path), ...(await keysOf(guest))])),
  ];
}

/** Where a cloud-init that runs beside the agent writes the keys of users, and root's (cc_ssh). */
async function keysOf(guest: RunningGuest): Promise<readonly string[]> {
  if (!(await hasCloudInit(guest))) return [];
  return (await keyFiles(guest)).map(({ path }) => path);
}

/**
 * What a look at the guest adds to what is known: a claim that was proven before is told again only when it is no longer
 * true, or is about something new that was asked, as a second password.
 */
export function fresh(claims: readonly ProvenClaim[], known: readonly ProvenClaim[]): ProvenClaim[] {
  return claims.flatMap((claim) => {
    const before = known.filter(({ id }) => id === claim.id || id.startsWith(`${claim.id} #`));
    const last = before.at(-1);
    if (!last) return [claim];
    if (last.outcome === claim.outcome && claim.id !== 'password') return [];
    return [{ ...claim, id: `${claim.id} #${before.length + 1}` }];
  });
}
