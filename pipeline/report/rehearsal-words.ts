import type { ProvenClaim, Rehearsal, RehearsalOutcome, TimelineEntry } from './rehearsal.js';
import { count } from './english.js';

/** What every format says alike of a rehearsal. Nothing here is escaped yet: that is for the format. */

const outcomeSentences: Readonly<Record<RehearsalOutcome, string>> = {
  passed: 'the rehearsal passed',
  failed: 'the rehearsal failed',
  impossible: 'the rehearsal could not run',
};

/** "the rehearsal failed" */
export function rehearsalInWords({ outcome }: Rehearsal): string {
  return outcomeSentences[outcome];
}

/** What was rehearsed, and how: "Scenario first-boot for nova-agent, with a tunnel up. The image's own init was booted." */
export function circumstancesInWords({
  scenario,
  target,
  tunnel,
  way,
  outcome,
  secondBoot,
}: Rehearsal): string {
  const what = `Scenario ${scenario} for ${target}, ${tunnel ? 'with a tunnel up' : 'without a tunnel'}.`;
  if (outcome === 'impossible') return `Not run: ${what}`;
  if (secondBoot && way === 'boot')
    return `${what} The image's own init was booted, and booted again, which took ${seconds(secondBoot.durationMs)}.`;
  return way === 'boot'
    ? `${what} The image's own init was booted.`
    : `${what} The agent was run without an init, so enablement and start order are not proven.`;
}

/** How a claim came out, as one word or two. */
export const claimWords: Readonly<Record<ProvenClaim['outcome'], string>> = {
  pass: 'passed',
  fail: 'FAILED',
  'not-proven': 'not proven',
};

/** A claim and what was seen, so that a failed one cannot be taken for a fact. */
export interface ClaimInWords {
  readonly claim: string;
  readonly seen: string;
}

/** "expected: root's password is the one that was sent" and "seen: the hash is the one of the image". */
export function claimInWords({
  outcome,
  claim,
  seen,
}: Pick<RehearsalPoint, 'outcome' | 'claim' | 'seen'>): ClaimInWords {
  switch (outcome) {
    case 'pass':
      return { claim, seen };
    case 'fail':
      return { claim: `expected: ${claim}`, seen: `seen: ${seen}` };
    case 'not-proven':
      return { claim, seen: `not proven: ${seen}` };
    case 'impossible':
      return { claim, seen: `the rehearsal could not run: ${seen}` };
  }
}

/** A failed claim in one line. */
export function failedClaimInWords({ claim, seen }: Pick<ProvenClaim, 'claim' | 'seen'>): string {
  return `expected: ${claim}; seen: ${seen}`;
}

/** "16 claims: 1 failed, 1 not proven, 14 passed" */
export function claimsInWords({ evidence }: Rehearsal): string {
  const words: readonly (readonly [ProvenClaim['outcome'], string])[] = [
    ['fail', 'failed'],
    ['not-proven', 'not proven'],
    ['pass', 'passed'],
  ];
  const parts = words
    .map(([outcome, word]) => [evidence.filter((one) => one.outcome === outcome).length, word] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`);
  return parts.length === 0
    ? 'no claim was examined'
    : `${count(evidence.length, 'claim')}: ${parts.join(', ')}`;
}

const claimRanks: Readonly<Record<ProvenClaim['outcome'], number>> = { fail: 0, 'not-proven': 1, pass: 2 };

/** Failed claims, then those not proven, then those that passed; each in the order in which it was examined. */
export function claimsWorstFirst({ evidence }: Rehearsal): ProvenClaim[] {
  return [...evidence].sort((a, b) => claimRanks[a.outcome] - claimRanks[b.outcome]);
}

/** "12.340 s" of milliseconds. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** The latency of an entry; the empty string when it has none. */
export function tookInWords({ durationMs }: TimelineEntry): string {
  return durationMs === undefined ? '' : seconds(durationMs);
}

/** Something that passes or fails, for formats made for tests. */
export interface RehearsalPoint extends Omit<ProvenClaim, 'outcome'> {
  readonly outcome: ProvenClaim['outcome'] | 'impossible';
}

/**
 * The rehearsal as a whole, then each claim. The whole has a point of its own, since a command that was not answered
 * fails a rehearsal in which every claim passes.
 */
export function pointsOf(rehearsal: Rehearsal): RehearsalPoint[] {
  const outcomes = { passed: 'pass', failed: 'fail', impossible: 'impossible' } as const;
  const whole: RehearsalPoint = {
    id: 'rehearsal',
    claim: 'the rehearsed first boot passes',
    outcome: outcomes[rehearsal.outcome],
    seen: rehearsal.reason ?? claimsInWords(rehearsal),
  };
  return [whole, ...rehearsal.evidence.map((claim) => ({ ...claim, id: `rehearsal/${claim.id}` }))];
}
