import { logSignatures, matching } from '../../../checks/lib/log-signatures.js';
import { type LogFile, agentLogs } from '../../../images/guest/agents/agent-log.js';
import { factsOf } from '../../../images/guest/fact.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';
import { orRefuted } from './unreadable.js';

/** A line of an agent's own log that tells of a failure, known or not. */
const failure = /\[(?:ERROR|CRITI\w*)\s*\]|\bTraceback \(most recent call last\)/;

/**
 * Faults that a log tells of and a look at the guest can disprove, by the claims that do: the agent found another way to
 * set the host name; cloud-init found nobody to ask and yet left the network as the agent had made it.
 */
const disprovedBy: Readonly<Record<string, RegExp>> = {
  'hostname-failed': /^host-name$/,
  'datasource-none': /^address /,
};

const claim = 'the agent’s log reports no error';

/**
 * Whether what the agent wrote to its logs during the rehearsal tells of no failure. A log that cannot be read does not
 * say so.
 * @param proven - the ids of the claims that were proven
 */
export async function logClaims(guest: RunningGuest, proven: ReadonlySet<string>): Promise<ProvenClaim[]> {
  return orRefuted('log', claim, async () => {
    await using image = look(guest);
    const files = await factsOf(image)(agentLogs);
    const reports = files.flatMap((file) => reportsOf(file, guest, proven));
    const count = files.reduce((sum, { lines }) => sum + lines.length, 0);
    const seen = reports.join('; ') || `none of ${count} lines reports an error`;
    return [claimed('log', claim, reports.length === 0, seen)];
  });
}

function reportsOf(
  { path, lines, unread }: LogFile,
  { facts }: RunningGuest,
  proven: ReadonlySet<string>,
): string[] {
  const isOwn = path.includes('nova-agent');
  if (unread !== undefined) return isOwn ? [`${path} was not read: ${unread}`] : [];
  const disproved = logSignatures.filter(({ id }) => isDisproved(id, proven));
  const excused = new Set(disproved.flatMap((signature) => matching(signature, lines)));
  const before = facts.logLines.get(path) ?? 0;
  const fresh = lines.filter((line) => line.number > before && !excused.has(line));
  const known = logSignatures.flatMap((signature) => {
    const last = matching(signature, fresh).at(-1);
    return last ? [`${path}:${last.number}: ${signature.meaning}`] : [];
  });
  // The line itself stays out of the report: logs can hold secrets.
  const failed = isOwn && fresh.find(({ text }) => failure.test(text));
  return failed ? [...known, `${path}:${failed.number} reports an error`] : known;
}

function isDisproved(id: string, proven: ReadonlySet<string>): boolean {
  const by = disprovedBy[id];
  return by !== undefined && [...proven].some((claimId) => by.test(claimId));
}
