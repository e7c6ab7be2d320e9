import { logSignatures, matching } from '../../../checks/lib/log-signatures.js';
import { agentLogs } from '../../../images/guest/agent-log.js';
import { factsOf } from '../../../images/guest/fact.js';
import type { ProvenClaim } from '../rehearsal.js';
import { claimed } from './claim.js';
import { type Guest, look } from './guest.js';

/** A line of an agent's own log that tells of a failure, known or not. */
const failure = /\[(?:ERROR|CRITI\w*)\s*\]|\bTraceback \(most recent call last\)/;

/** Whether what the agent wrote to its logs during the rehearsal tells of no failure. */
export async function logClaims(guest: Guest): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const files = await factsOf(image)(agentLogs);
  const told: string[] = [];
  for (const { path, lines } of files) {
    const fresh = lines.filter(({ number }) => number > (guest.known.logLines.get(path) ?? 0));
    for (const signature of logSignatures) {
      const last = matching(signature, fresh).at(-1);
      if (last) told.push(`${path}:${last.number}: ${signature.meaning}`);
    }
    const failed = fresh.find(({ text }) => path.includes('nova-agent') && failure.test(text));
    // The line itself stays out of the report: logs can hold secrets.
    if (failed) told.push(`${path}:${failed.number} tells of an error`);
  }
  const count = files.reduce((sum, { lines }) => sum + lines.length, 0);
  return [
    claimed(
      'log',
      'the agent’s log tells of no error',
      told.length === 0,
      told.join('; ') || `${count} lines, none that tells of a failure`,
    ),
  ];
}
