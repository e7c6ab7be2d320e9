import { logSignatures, matching } from '../../../checks/lib/log-signatures.js';
import { agentLogs } from '../../../images/guest/agents/agent-log.js';
import { factsOf } from '../../../images/guest/fact.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';

/** A line of an agent's own log that tells of a failure, known or not. */
const failure = /\[(?:ERROR|CRITI\w*)\s*\]|\bTraceback \(most recent call last\)/;

/** Faults that a log tells of and a look at the guest can disprove: the agent found another way. */
const disprovedBy: Readonly<Record<string, string>> = { 'hostname-failed': 'host-name' };

/**
 * Whether what the agent wrote to its logs during the rehearsal tells of no failure.
 * @param proven - the ids of the claims that were proven
 */
export async function logClaims(guest: RunningGuest, proven: ReadonlySet<string>): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const files = await factsOf(image)(agentLogs);
  const reports: string[] = [];
  for (const { path, lines } of files) {
    const disproved = logSignatures.filter(({ id }) => proven.has(disprovedBy[id] ?? ''));
    const excused = new Set(disproved.flatMap((signature) => matching(signature, lines)));
    const before = guest.facts.logLines.get(path) ?? 0;
    const fresh = lines.filter((line) => line.number > before && !excused.has(line));
    for (const signature of logSignatures) {
      const last = matching(signature, fresh).at(-1);
      if (last) reports.push(`${path}:${last.number}: ${signature.meaning}`);
    }
    const failed = fresh.find(({ text }) => path.includes('nova-agent') && failure.test(text));
    // The line itself stays out of the report: logs can hold secrets.
    if (failed) reports.push(`${path}:${failed.number} reports an error`);
  }
  const count = files.reduce((sum, { lines }) => sum + lines.length, 0);
  return [
    claimed(
      'log',
      'the agent’s log reports no error',
      reports.length === 0,
      reports.join('; ') || `none of ${count} lines reports an error`,
    ),
  ];
}
