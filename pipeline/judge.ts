import { type Check, type CheckContext } from '../checks/lib/check.js';
import { type CheckResult, runCheck } from '../checks/lib/result.js';
import type { Gather } from '../images/guest/fact.js';

/** A finding that someone has decided to live with, for a time. */
export interface Waiver {
  readonly check: string;
  readonly reason: string;
  /** The last day on which it counts, YYYY-MM-DD. */
  readonly expires: string;
  /** Only this finding; without it, all that the check finds. */
  readonly fingerprint?: string;
}

/** Which checks run: all, or those of `only`, without those of `skip`. */
export interface Selection {
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
}

export function select(checks: readonly Check[], { only, skip }: Selection): readonly Check[] {
  return checks.filter(({ meta }) => (only?.includes(meta.id) ?? true) && !skip?.includes(meta.id));
}

/** Runs the checks one after the other over the same facts, and lets waivers have their say. Sorted by id. */
export async function judge(
  checks: readonly Check[],
  get: Gather,
  context: CheckContext,
  waivers: readonly Waiver[],
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks)
    results.push(waive(await runCheck(check, get, context), waivers, context.today));
  return results.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * A failed check is waived when each of its findings is: by a waiver for the whole check, or for that finding's
 * fingerprint. A waiver that has expired (the day after `expires`) counts for nothing.
 */
export function waive(result: CheckResult, waivers: readonly Waiver[], today: string): CheckResult {
  if (result.outcome !== 'fail') return result;
  const valid = waivers.filter(({ check, expires }) => check === result.id && today <= expires);
  if (valid.length === 0) return result;
  const covering = result.findings.map(({ fingerprint }) =>
    valid.find((waiver) => waiver.fingerprint === undefined || waiver.fingerprint === fingerprint),
  );
  const reasons = new Set(covering.map((waiver) => waiver && `${waiver.reason} (until ${waiver.expires})`));
  if (reasons.has(undefined)) return result;
  return { ...result, outcome: 'waived', reason: [...reasons].join('; ') };
}
