import type { Check } from '../checks/lib/check.js';
import type { CheckResult } from '../checks/lib/result.js';
import { RepairError } from '../images/base/errors.js';
import { type Gather, factsOf } from '../images/guest/fact.js';
import { inputs } from './inputs.js';
import type { Delivery, ImageSource } from '../images/sources/source.js';
import { judge } from './judge.js';
import type { Plan } from './plan.js';
import type { Request } from './request.js';
import type { StageRunner } from './stages.js';

/** The repaired image, and what the checks say of it. It is open until it is disposed. */
export interface CheckedAgain extends AsyncDisposable {
  readonly results: readonly CheckResult[];
  readonly get: Gather;
}

/**
 * Judges what was really written. It must be judged as the overlay was, or the repair was not what it seemed.
 * @throws {RepairError} code `not-verified`, or `interrupted`: once something was written, whatever goes wrong must say
 *   what there is now, and the way back
 */
export async function checkAgain(
  stage: StageRunner,
  { source }: Delivery,
  plan: Plan,
  checks: readonly Check[],
  request: Request,
): Promise<CheckedAgain> {
  const { signal } = request;
  const { name } = source;
  const isNew = request.destination.output !== undefined;
  const isWritten = isNew || plan.changes.length > 0;
  const undo = `Run "hallmark undo ${name}" to go back.`;
  const wayBack = isWritten ? { hint: isNew ? `Do not use ${name}.` : undo } : {};
  let again: CheckedAgain;
  try {
    again = await stage('check again', () => judged(source, plan, checks, request));
  } catch (cause) {
    if (!isWritten) throw cause;
    if (signal?.aborted) {
      throw new RepairError('interrupted', `${name} was written as planned, but not checked again`, {
        cause,
        hint: isNew ? `Check it with "hallmark check ${name}".` : undo,
      });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RepairError('not-verified', `${name} was written, but cannot be checked again: ${reason}`, {
      cause,
      ...wayBack,
    });
  }
  const differs = again.results.find(({ id, outcome }) => {
    const planned = plan.after.find((result) => result.id === id);
    return planned !== undefined && planned.outcome !== outcome;
  });
  if (!differs) return again;
  await again[Symbol.asyncDispose]();
  throw new RepairError(
    'not-verified',
    `${name} ${isWritten ? 'was written' : 'needed no change'}, but ${differs.id} is not as planned: ${differs.outcome}`,
    wayBack,
  );
}

async function judged(
  source: ImageSource,
  plan: Plan,
  checks: readonly Check[],
  { waivers, signal }: Request,
): Promise<CheckedAgain> {
  const image = await source.open(inputs, signal);
  try {
    const get = factsOf(image);
    const results = await judge(checks, get, plan.context, waivers);
    return { results, get, [Symbol.asyncDispose]: () => image[Symbol.asyncDispose]() };
  } catch (error) {
    await image[Symbol.asyncDispose]();
    throw error;
  }
}
