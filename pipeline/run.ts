import { checks as allChecks } from '../checks/index.js';
import type { CheckContext } from '../checks/lib/check.js';
import type { CheckResult } from '../checks/lib/result.js';
import { fixers as allFixers } from '../fixers/index.js';
import { type Gather, factsOf } from '../images/guest/fact.js';
import { guestFamilyOf } from '../images/guest/guest-family.js';
import { mounts } from '../images/guest/mounts.js';
import { os } from '../images/guest/os.js';
import { checkAgain } from './check-again.js';
import { deliver } from './deliver.js';
import { inputs } from './inputs.js';
import type { PipelineInstaller } from './installer.js';
import { judge, select } from './judge.js';
import { makePlan } from './plan.js';
import { rehearseImage } from './rehearse-image.js';
import type { Report } from './report/report.js';
import type { Request } from './request.js';
import { stages } from './stages.js';
import { type RunRecord, describePlan, summarize } from './summary.js';
import { type ChosenTarget, chooseTarget } from './target.js';

/**
 * The whole product: open → inspect → check → plan → verify → apply → check again → rehearse → report.
 * @throws {ImageError} when it cannot be read, or is no root file system
 * @throws {RepairError} when a repair failed; the message says what state the image is in
 */
export async function run(request: Request): Promise<Report> {
  const { command, source, waivers, rules = { checks: allChecks, fixers: allFixers } } = request;
  const stage = stages(request.onStage, request.signal);

  // Every return below awaits: the image is closed when this function is left.
  await using image = await stage('open', () => source.open(inputs, request.signal));
  const get = factsOf(image);
  const context = await stage('inspect', () => inspect(get, request));

  const checks = select(rules.checks, request.selection);
  const before = await stage('check', () => judge(checks, get, context.check, waivers));
  const { target } = context;
  const found: RunRecord = { request, command, get, image, target, checks, results: before };
  if (command === 'check') return await summarize(found, stage.list(request));
  if (command === 'rehearse') {
    const rehearsal = await stage('rehearse', () => rehearseImage(request, { source, get, target }));
    return await summarize({ ...found, rehearsal }, stage.list(request));
  }

  // What runs is of this moment: no change of files can be held to it.
  const lasting = checks.filter(({ meta }) => !meta.live);
  await using installer = await installerFor(request);
  warnOfNothingToInstall(request, before);
  const plan = await stage('plan', () =>
    makePlan({
      ...{ image, checks: lasting, fixers: rules.fixers, context: context.check, waivers, before },
      wish: request.wish,
      imageDay: request.imageDay ?? request.today,
      installer,
    }),
  );
  const planned = await describePlan(image, plan);
  const proposal = await summarize({ ...found, planned, command: 'plan' }, stage.list(request));
  if (command === 'plan' || !((await request.confirm?.(proposal)) ?? true)) return proposal;

  const delivered = await stage('apply', () => deliver(plan, request));
  for (const warning of delivered.warnings) request.onWarning?.(warning);
  await request.onDelivered?.();
  await using again = await checkAgain(stage, delivered, plan, checks, request);
  const results = fixedBy(before, again.results);
  const now = { source: delivered.source, get: again.get, target };
  const rehearsal = request.rehearsal && (await stage('rehearse', () => rehearseImage(request, now)));
  const done = { ...found, get: again.get, planned, delivered, results, rehearsal };
  return await summarize(done, stage.list(request));
}

/** What was named to be installed, and is there. That cloud-init may come from the image's own repositories needs no word. */
function warnOfNothingToInstall({ install, onWarning }: Request, before: readonly CheckResult[]): void {
  const isThere = (id: string): boolean =>
    before.some((result) => result.id === id && result.outcome === 'pass');
  if (install?.agent && isThere('agent-installed'))
    onWarning?.('nova-agent is already installed and was left alone; nothing was installed');
  const cloudInit = install?.cloudInit;
  if (cloudInit && cloudInit.source.kind !== 'guest' && isThere('cloud-init-installed'))
    onWarning?.('cloud-init is already installed and was left alone');
}

/** The way to have something installed, when that was asked for; it holds what was installed until it is written. */
async function installerFor({
  install,
  source,
  signal,
  onLine,
}: Request): Promise<PipelineInstaller | undefined> {
  if (!install) return undefined;
  const { PipelineInstaller } = await import('./installer.js');
  return new PipelineInstaller(install, source.layer, signal, onLine ?? (() => undefined));
}

/** What the guest is, and therefore what it is judged by. */
async function inspect(
  get: Gather,
  { target: requested, metadata, today, agentFate }: Request,
): Promise<{ target: ChosenTarget; check: CheckContext }> {
  const family = guestFamilyOf(await get(os)); // the fact throws for what is not a root file system
  await get(mounts); // and for half of one
  const target = await chooseTarget(requested, get, metadata);
  return { target, check: { target: target.chosen, family, metadata, today, agentFate } };
}

/** A check that failed and now passes was fixed: the report says what had been wrong. */
function fixedBy(before: readonly CheckResult[], after: readonly CheckResult[]): CheckResult[] {
  return after.map((result) => {
    const was = before.find(({ id }) => id === result.id);
    const well = result.outcome === 'pass' || result.outcome === 'not-applicable';
    if (was?.outcome !== 'fail' || !well) return result;
    return { ...was, title: result.title, outcome: 'fixed' };
  });
}
