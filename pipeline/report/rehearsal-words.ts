import type { ProvenClaim, Rehearsal, RehearsalOutcome, TimelineEntry } from './rehearsal.js';

/** What every format says alike of a rehearsal. Nothing here is escaped yet: that is for the format. */

const outcomeSentences: Readonly<Record<RehearsalOutcome, string>> = {
  passed: 'the rehearsal passed',
  failed: 'the rehearsal failed',
  impossible: 'the rehearsal could not be held',
};

/** "the rehearsal failed" */
export function rehearsalInWords({ outcome }: Rehearsal): string {
  return outcomeSentences[outcome];
}

/** What was played, and how: "Played first-boot for nova-agent, with a tunnel up, by a boot of the image's own init." */
export function circumstancesInWords({ scenario, target, tunnel, way, outcome }: Rehearsal): string {
  const what = `${scenario} for ${target}, ${tunnel ? 'with a tunnel up' : 'without a tunnel'}`;
  if (outcome === 'impossible') return `Not played: ${what}.`;
  return way === 'boot'
    ? `Played ${what}, by a boot of the image's own init.`
    : `Played ${what}, with its agent run without an init: enablement and order of starting are not proven.`;
}

/** How a claim came out, as one word or two. */
export const claimWords: Readonly<Record<ProvenClaim['outcome'], string>> = {
  pass: 'pass',
  fail: 'FAIL',
  'not-proven': 'not proven',
};

/** "claims: 1 refuted, 1 not proven, 14 proven" */
export function claimsInWords({ evidence }: Rehearsal): string {
  const words: readonly (readonly [ProvenClaim['outcome'], string])[] = [
    ['fail', 'refuted'],
    ['not-proven', 'not proven'],
    ['pass', 'proven'],
  ];
  const parts = words
    .map(([outcome, word]) => [evidence.filter((one) => one.outcome === outcome).length, word] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`);
  return parts.length === 0 ? 'no claim was looked at' : `claims: ${parts.join(', ')}`;
}

const claimRanks: Readonly<Record<ProvenClaim['outcome'], number>> = { fail: 0, 'not-proven': 1, pass: 2 };

/** What was refuted, then what was not proven, then what was; each in the order in which it was looked at. */
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
 * fails a rehearsal of which every claim is proven.
 */
export function pointsOf(rehearsal: Rehearsal): RehearsalPoint[] {
  const outcomes = { passed: 'pass', failed: 'fail', impossible: 'impossible' } as const;
  const whole: RehearsalPoint = {
    id: 'rehearsal',
    claim: 'the image proves itself by its own first boot',
    outcome: outcomes[rehearsal.outcome],
    seen: rehearsal.reason ?? claimsInWords(rehearsal),
  };
  return [whole, ...rehearsal.evidence.map((claim) => ({ ...claim, id: `rehearsal/${claim.id}` }))];
}
