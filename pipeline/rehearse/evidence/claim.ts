import { visible } from '../../../images/base/visible.js';
import type { ProvenClaim } from '../../report/rehearsal.js';

const longest = 300;

/** What a guest said or wrote, fit for a report: one line, bounded, nothing that a terminal obeys. */
export function quote(text: string): string {
  const line = visible(text.replace(/\s+/g, ' ').trim());
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Judges a claim by what was seen. */
export function claimed(id: string, claim: string, holds: boolean, seen: string): ProvenClaim {
  return { id, claim, outcome: holds ? 'pass' : 'fail', seen: quote(seen) };
}

/** What is claimed of the second boot itself. */
export const comesUpAgain = 'the server comes up again after a reboot';

/** A claim that there was no way to judge. */
export function unproven(id: string, claim: string, why: string): ProvenClaim {
  return { id, claim, outcome: 'not-proven', seen: quote(why) };
}
