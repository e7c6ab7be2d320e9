import { createHash } from 'node:crypto';
import type { Rehearsal } from './rehearsal.js';
import { markdown } from './escape.js';
import { visible } from '../../images/base/visible.js';

/** The rule whose results are what a rehearsal refuted. */
export const rehearsalRule = {
  id: 'rehearsal',
  name: 'Rehearsal',
  shortDescription: { text: 'the image did not prove itself by its own first boot' },
  fullDescription: {
    text: 'The image was booted in a throw-away container, its agent was asked what the hypervisor asks at a first boot, and something was not true of the guest afterwards.',
  },
  help: {
    text: 'The result says what was seen in the guest. "hallmark rehearse --keep" keeps its logs and changed files.',
  },
  defaultConfiguration: { level: 'error' },
  properties: { tags: ['rehearsal'], precision: 'very-high', 'problem.severity': 'error' },
} as const;

/** Why it could not be held. */
export function impossible({ reason }: Rehearsal): string {
  return `the rehearsal could not be held: ${reason ?? 'no reason was given'}`;
}

/**
 * A result for each claim that the rehearsal refuted or, when it failed though it refuted none, one that says why.
 * @param rule - the rule's place among the rules of the run
 * @param location - the guest as a whole
 */
export function refuted({ outcome, reason, evidence }: Rehearsal, rule: number, location: object): object[] {
  const failed = evidence.filter((claim) => claim.outcome === 'fail');
  if (outcome === 'failed' && failed.length === 0) {
    return [rehearsalResult('rehearsal', reason ?? 'the rehearsal failed', rule, location)];
  }
  return failed.map(({ id, claim, seen }) =>
    rehearsalResult(id, `not true: ${claim}: ${seen}`, rule, location),
  );
}

function rehearsalResult(id: string, text: string, ruleIndex: number, location: object): object {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(['rehearsal', id]))
    .digest('hex')
    .slice(0, 16);
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
