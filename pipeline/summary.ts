import type { Check } from '../checks/lib/check.js';
import type { CheckResult } from '../checks/lib/result.js';
import { fixers } from '../fixers/index.js';
import type { Gather } from '../images/guest/fact.js';
import type { Change, Image } from '../images/image/image.js';
import type { Delivery } from '../images/sources/source.js';
import { describeBoot, describeImage } from './report/describe-image.js';
import { reportChanges } from './report/diff.js';
import type { Plan } from './plan.js';
import {
  type Command,
  type Report,
  type ReportParts,
  type ReportedStage,
  assembleReport,
} from './report/report.js';
import type { Rehearsal } from './report/rehearsal.js';
import { describeRules } from './report/rules.js';
import type { Request } from './request.js';
import { version } from './report/version.js';

/** What a run found and did, when it reports. */
export interface RunRecord {
  readonly request: Request;
  /** As which command it reports: `prepare` shows a plan first. */
  readonly command: Command;
  /** The image as it was found. */
  readonly image: Image;
  /** What is known of it: as it was found or, after a repair, as it now is. */
  readonly get: Gather;
  readonly target: Report['target'];
  readonly checks: readonly Check[];
  readonly results: readonly CheckResult[];
  /** What the plan would change, described while the image was still as it was found. */
  readonly planned?: PlannedParts | undefined;
  readonly delivered?: Delivery | undefined;
  readonly rehearsal?: Rehearsal | undefined;
}

type PlannedParts = Pick<ReportParts, 'changes' | 'unverified' | 'properties' | 'installations'>;

/** Turns what a run knows into its report. */
export async function summarize(record: RunRecord, stages: readonly ReportedStage[]): Promise<Report> {
  const { request, command, image, get, delivered, results, checks, target } = record;
  const name = request.metadata?.['name'];
  return assembleReport({
    version,
    command,
    failOn: request.failOn,
    image: { ...(await describeImage(image, get)), source: request.source.name },
    target,
    options: request.options,
    results,
    rules: describeRules(checks, fixers),
    boot: await describeBoot(get),
    rehearsal: record.rehearsal,
    stages,
    ...record.planned,
    ...(typeof name === 'string' ? { glanceName: name } : {}),
    snapshot: request.snapshot,
    ...(delivered?.output ? { output: delivered.output } : {}),
  });
}

/** The plan as a report has it, with diffs against the image, which must still be as it was found. */
export async function describePlan(image: Image, plan: Plan): Promise<PlannedParts> {
  const plannedBy = new Map<Change['path'], string[]>();
  for (const { fixer, changes } of plan.steps) {
    for (const path of new Set(changes.map((change) => change.path))) {
      plannedBy.set(path, [...(plannedBy.get(path) ?? []), fixer.id]);
    }
  }
  const installing = plan.steps.filter(({ installations }) => installations.length > 0);
  const installers = new Set(installing.map(({ fixer }) => fixer.id));
  return {
    changes: await reportChanges(image, plan.changes, plannedBy, installers),
    installations: plan.steps.flatMap(({ fixer, installations }) =>
      installations.map(({ removes, what, from, reason }) => ({
        ...{ fixer: fixer.id, ...(removes ? { removes } : {}) },
        ...{ what, from, reason },
      })),
    ),
    unverified: plan.rejected.map(({ fixer, reason }) => ({ fixer: fixer.id, reason })),
    properties: plan.steps.flatMap(({ fixer, properties }) =>
      properties.map((change) => ({ fixer: fixer.id, change })),
    ),
  };
}
