import { type Check, type CheckContext, type Needs, atLeast } from '../checks/lib/check.js';
import { type CheckResult, gatherAll, runCheck } from '../checks/lib/result.js';
import {
  type Fixer,
  type FixerContext,
  type FixerMeta,
  type PropertyChange,
  type Repair,
  isChange,
} from '../fixers/lib/fixer.js';
import type { InstallationNote, Installer } from '../fixers/lib/installer.js';
import { ImageError } from '../images/base/errors.js';
import { type Gather, factsOf } from '../images/guest/fact.js';
import type { Change, Image } from '../images/image/image.js';
import { collapse, overlay } from '../images/image/overlay.js';
import { judge, waive } from './judge.js';
import type { Waiver } from './judge.js';

/** What one fixer contributes. */
interface PlanStep {
  readonly fixer: FixerMeta;
  readonly changes: readonly Change[];
  readonly properties: readonly PropertyChange[];
  readonly installations: readonly InstallationNote[];
}

/** A repair that was tried on the overlay and did not hold, so that it is no part of the plan. */
interface Rejection {
  readonly fixer: FixerMeta;
  readonly reason: string;
}

/** Something that a person wants changed, whatever the checks say. */
export interface Wish {
  readonly meta: FixerMeta;
  /** @throws {ImageError} when it cannot be had: then nothing is done at all */
  plan(image: Image): Promise<readonly Change[]>;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly rejected: readonly Rejection[];
  /** The steps' changes, brought down to one a path, in the order in which they can be applied. */
  readonly changes: readonly Change[];
  readonly properties: readonly PropertyChange[];
  /** What the checks say of the image with the plan laid over it. */
  readonly after: readonly CheckResult[];
  /** The context with the plan's properties set. */
  readonly context: CheckContext;
}

/** What planning works with: rules, repairs, and what the image was found to be. */
export interface Situation {
  readonly image: Image;
  readonly checks: readonly Check[];
  readonly fixers: readonly Fixer[];
  readonly context: CheckContext;
  readonly waivers: readonly Waiver[];
  readonly before: readonly CheckResult[];
  readonly wish?: Wish | undefined;
  /** The day that repairs write into the image, YYYY-MM-DD. */
  readonly imageDay: string;
  /** Undefined when nothing may be installed. */
  readonly installer?: Installer | undefined;
}

/**
 * Plans the repairs and verifies them over an overlay, before anything is written: a repair counts only if its own
 * check then passes and no other got worse. One that does not hold is left out, and the rest is planned again
 * without it.
 */
export async function makePlan(situation: Situation): Promise<Plan> {
  const rejected: Rejection[] = [];
  for (;;) {
    const left = situation.fixers.filter(({ meta }) => !rejected.some(({ fixer }) => fixer.id === meta.id));
    const { refused, ...plan } = await draft(situation, left);
    const failures = [...refused, ...unmet(plan, situation.wish)];
    if (failures.length > 0) rejected.push(...failures);
    else {
      const culprit = await whoMadeWorse(situation, plan);
      if (!culprit) return { ...plan, rejected };
      rejected.push(culprit);
    }
  }
}

/** A plan before it is verified, and the fixers that could not say what they would do. */
interface Draft extends Omit<Plan, 'rejected'> {
  readonly refused: readonly Rejection[];
}

/** Asks each fixer in turn; each sees the image as the ones before it would leave it. */
async function draft(situation: Situation, fixers: readonly Fixer[]): Promise<Draft> {
  const { image, checks, waivers } = situation;
  let { context } = situation;
  let view = image;
  let get = factsOf(view);
  const steps: PlanStep[] = [];
  const refused: Rejection[] = [];
  if (situation.wish) {
    steps.push(stepOf(situation.wish.meta, await situation.wish.plan(image)));
    view = await overlay(image, steps[0]?.changes ?? []);
    get = factsOf(view);
  }
  for (const fixer of fixers) {
    const check = checks.find(({ meta }) => meta.id === fixer.meta.id);
    const waived = situation.before.some(({ id, outcome }) => id === fixer.meta.id && outcome === 'waived');
    if (!check || waived) continue;
    const result = await runCheck(check, get, context);
    if (result.outcome !== 'fail') continue;
    const changes = steps.flatMap((step) => step.changes);
    const { installer } = situation;
    const repairs = await ask(fixer, get, result, {
      ...context,
      image: view,
      changes,
      imageDay: situation.imageDay,
      installer,
    });
    if (typeof repairs === 'string') refused.push({ fixer: fixer.meta, reason: repairs });
    if (typeof repairs === 'string' || repairs.length === 0) continue;
    const step = stepOf(fixer.meta, repairs);
    steps.push(step);
    context = withProperties(context, step.properties);
    view = await overlay(
      image,
      steps.flatMap(({ changes }) => changes),
    );
    get = factsOf(view);
  }
  const changes = collapse(steps.flatMap((step) => step.changes));
  const properties = steps.flatMap((step) => step.properties);
  return { steps, refused, changes, properties, context, after: await judge(checks, get, context, waivers) };
}

/**
 * What a fixer would do; when something in the image keeps it from saying, that is the reason why it is left out, and
 * the others still have their turn.
 */
async function ask(
  fixer: Fixer,
  get: Gather,
  { findings }: CheckResult,
  context: Omit<FixerContext<Needs>, 'facts' | 'findings'>,
): Promise<Repair[] | string> {
  const repairs: Repair[] = [];
  try {
    const facts = await gatherAll(fixer.needs, get);
    for await (const repair of fixer.plan({ ...context, facts, findings })) repairs.push(repair);
  } catch (error) {
    if (error instanceof ImageError) return [error.message, ...(error.hint ? [error.hint] : [])].join('. ');
    throw error;
  }
  return repairs;
}

function stepOf(fixer: FixerMeta, repairs: readonly Repair[]): PlanStep {
  const properties = repairs.filter((repair): repair is PropertyChange => repair.kind === 'property');
  const installations = repairs.filter(
    (repair): repair is InstallationNote => repair.kind === 'installation',
  );
  const changes = repairs.filter(isChange);
  return { fixer, changes, properties, installations };
}

function withProperties(context: CheckContext, changes: readonly PropertyChange[]): CheckContext {
  if (changes.length === 0) return context;
  const metadata: Record<string, unknown> = { ...context.metadata };
  for (const { name, value } of changes) {
    if (value === undefined) Reflect.deleteProperty(metadata, name);
    else metadata[name] = value;
  }
  return { ...context, metadata };
}

/** The steps that did not hold, since their own check still fails. A wish has none. */
function unmet({ steps, after }: Pick<Plan, 'steps' | 'after'>, wish: Wish | undefined): Rejection[] {
  return steps.flatMap(({ fixer }): Rejection[] => {
    if (fixer === wish?.meta) return [];
    const result = after.find(({ id }) => id === fixer.id);
    if (result?.outcome === 'pass' || result?.outcome === 'not-applicable') return [];
    const why = result?.findings[0]?.message ?? result?.reason ?? 'its check did not run';
    return [{ fixer, reason: `its own check still fails: ${why}` }];
  });
}

/**
 * The step that made another check worse, and no later step made good: not the last one, which may have nothing to do
 * with it. Undefined when no check got worse.
 */
async function whoMadeWorse(
  situation: Situation,
  { steps, after }: Omit<Plan, 'rejected'>,
): Promise<Rejection | undefined> {
  const { image, checks, before } = situation;
  const worse = after.find((result) => isWorse(resultOf(before, result.id), result));
  const check = checks.find(({ meta }) => meta.id === worse?.id);
  if (!worse || !check) return undefined;
  for (let done = steps.length - 1; done >= 0; done--) {
    const earlier = steps.slice(0, done);
    const view = await overlay(
      image,
      earlier.flatMap(({ changes }) => changes),
    );
    const context = earlier.reduce((so, { properties }) => withProperties(so, properties), situation.context);
    const result = waive(await runCheck(check, factsOf(view), context), situation.waivers, context.today);
    const culprit = steps[done];
    if (!culprit || culprit.fixer === situation.wish?.meta) continue;
    if (isWorse(resultOf(before, check.meta.id), result)) continue;
    return {
      fixer: culprit.fixer,
      reason: `${worse.id} would get worse: ${worse.findings[0]?.message ?? worse.reason ?? ''}`,
    };
  }
  return undefined;
}

function resultOf(results: readonly CheckResult[], id: string): CheckResult | undefined {
  return results.find((result) => result.id === id);
}

/**
 * Whether a check's result is worse than it was: it failed to be judged, has a graver finding, or more of the gravest.
 * A check that did not apply before was never passed, so what it finds now was there all along.
 */
export function isWorse(before: CheckResult | undefined, after: CheckResult): boolean {
  if (!before || before.outcome === 'error') return false;
  if (after.outcome === 'error') return true;
  if (after.outcome !== 'fail' || before.outcome === 'not-applicable') return false;
  if (before.outcome !== 'fail' || !atLeast(before.severity, after.severity)) return true;
  return before.severity === after.severity && gravest(after) > gravest(before);
}

/** How many findings are as grave as the result. */
function gravest({ findings, severity }: CheckResult): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
