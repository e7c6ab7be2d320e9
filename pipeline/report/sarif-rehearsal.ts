import type { Rehearsal } from './rehearsal.js';
import { markdown } from './escape.js';
import { failedClaimInWords } from './rehearsal-words.js';
import { sha256 } from '../../images/base/sha256.js';
import { visible } from '../../images/base/visible.js';

/** The rule whose results are the claims that failed in a rehearsal. */
export const rehearsalRule = {
  id: 'rehearsal',
  name: 'Rehearsal',
  shortDescription: { text: 'the rehearsed first boot failed' },
  fullDescription: {
    text: 'Hallmark booted the image in a throw-away container and sent its agent the commands of a first boot. Afterwards the guest was not in the expected state.',
  },
  help: {
    text: 'The result says what was seen in the guest. "hallmark rehearse --keep" keeps its logs and changed files.',
  },
  defaultConfiguration: { level: 'error' },
  properties: { tags: ['rehearsal'], precision: 'very-high', 'problem.severity': 'error' },
} as const;

/** Why it could not run. */
export function impossible({ reason }: Rehearsal): string {
  return `the rehearsal could not run: ${reason ?? 'no reason was given'}`;
}

/**
 * A result for each claim that failed or, when the rehearsal failed though no claim did, one that says why.
 * @param rule - the rule's place among the rules of the run
 * @param location - the guest as a whole
 */
export function failedClaims(
  { outcome, reason, evidence }: Rehearsal,
  rule: number,
  location: object,
): object[] {
  const failed = evidence.filter((claim) => claim.outcome === 'fail');
  if (outcome === 'failed' && failed.length === 0) {
    return [rehearsalResult('rehearsal', reason ?? 'the rehearsal failed', rule, location)];
  }
  return failed.map((claim) => rehearsalResult(claim.id, failedClaimInWords(claim), rule, location));
}

function rehearsalResult(id: string, text: string, ruleIndex: number, location: object): object {
  const fingerprint = sha256(JSON.stringify(['rehearsal', id])).slice(0, 16);
  return {
    ruleId: rehearsalRule.id,
    ruleIndex,
    kind: 'fail',
    level: 'error',
    message: { text: visible(text), markdown: markdown(text) },
    locations: [location],
    // Of the claim alone: what was seen instead (times, addresses) differs from boot to boot.
    partialFingerprints: { 'hallmark/v1': fingerprint },
    properties: { claim: visible(id) },
  };
}
