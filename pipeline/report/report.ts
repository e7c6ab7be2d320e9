import type { Category, Reference, Severity, Target } from '../../checks/lib/check.js';
import { atLeast } from '../../checks/lib/check.js';
import type { CheckResult, Outcome } from '../../checks/lib/result.js';
import type { InstallationNote } from '../../fixers/lib/installer.js';
import type { InitSystem } from '../../images/guest/init/init.js';
import type { ImageKind } from '../../images/image/image.js';
import type { ReportedBoot } from './boot.js';
import { type PlannedProperty, type ReportedProperties, reportProperties } from './properties.js';
import type { Rehearsal, RehearsalOutcome } from './rehearsal.js';

export type Command = 'check' | 'plan' | 'prepare' | 'rehearse' | 'rescue';

/** Whether a command repairs what it was given. */
export function isRepair(command: Command): boolean {
  return command === 'prepare' || command === 'rescue';
}

/**
 * golden: nothing is left at or above the threshold, and a rehearsal, if there was one, passed. not-golden: something
 * is, or it failed. incomplete: something could not be judged or rehearsed, so nobody may call the image golden,
 * whatever else was found.
 */
export type Verdict = 'golden' | 'not-golden' | 'incomplete';

/** Why a run has no result. */
export interface RunFailure {
  /** A code of docs/errors.md; `unfinished`, `interrupted` or `internal-error`. */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** Of the command; absent while it has not ended. */
  readonly exitCode?: number;
}

/** What was judged. What could not be found out is left out; the check that needed it ended in `error`. */
export interface ReportedImage {
  /** Absent when the run ended before that was known. */
  readonly kind?: ImageKind;
  /** As the user named it. */
  readonly source: string;
  /** Of a single file: "sha256:" and its hex digits. */
  readonly digest?: string;
  readonly os?: { readonly id: string; readonly name: string; readonly version?: string };
  readonly init?: InitSystem;
  /** Every nova-agent, newest generation first; absent when they could not be told. */
  readonly agents?: readonly {
    readonly generation: 1 | 2;
    readonly form: 'zipapp' | 'site-packages' | 'tree' | 'program';
    readonly version?: string;
    readonly program: string;
  }[];
  readonly xe?: { readonly name: string; readonly version?: string };
}

/** What the rules say of themselves, so that a report explains itself wherever it is read. */
export interface ReportedRule {
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  readonly category: Category;
  readonly severity: Severity;
  readonly targets: readonly Target[];
  readonly why: string;
  readonly remedy: string;
  readonly references: readonly Reference[];
  /** Its fixer; absent when a person has to do it. */
  readonly repair?: { readonly title: string; readonly risk: 'safe' | 'reviewed'; readonly docs: string };
}

/** What a path holds before or after a change. */
export type ReportedState =
  | { readonly type: 'absent' }
  | { readonly type: 'directory'; readonly mode?: string; readonly uid?: number; readonly gid?: number }
  | { readonly type: 'link'; readonly target: string; readonly uid?: number; readonly gid?: number }
  | {
      readonly type: 'file';
      /** Octal, as chmod takes it: "0644". */
      readonly mode?: string;
      readonly uid?: number;
      readonly gid?: number;
      readonly size?: number;
      /** Left out for a file that holds secrets. */
      readonly sha256?: string;
      /** Names of extended attributes that are set on it, sorted: a capability is power. */
      readonly extended?: readonly string[];
    };

/** A change to the image, without its content. */
export interface ReportedChange {
  readonly path: string;
  readonly kind: 'write' | 'link' | 'directory' | 'remove';
  /** The fixers that asked for it, in the order in which they did. */
  readonly fixers: readonly string[];
  readonly before: ReportedState;
  readonly after: ReportedState;
  /** Unified, in git's form; absent when the content stays the same. */
  readonly diff?: string;
  /** Why there is no diff though the content changes. */
  readonly notShown?: 'secret' | 'binary' | 'too large' | 'installed';
  /** Part of something that is installed, and no configuration: counted where a person reads, not listed. */
  readonly installed?: true;
}

/** Something that was installed over a throw-away layer, or would be. */
export interface ReportedInstallation extends Omit<InstallationNote, 'kind'> {
  readonly fixer: string;
}

/** A repair that was planned, failed verification over the overlay, and was therefore dropped. */
interface UnverifiedRepair {
  readonly fixer: string;
  readonly reason: string;
}

export interface ReportedStage {
  readonly name: string;
  /** Only when asked for: a report is otherwise the same for the same image. */
  readonly durationMs?: number;
}

/** Everything one run found out, planned and did. The JSON Schema is `pipeline/report/report.schema.json`. */
export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'hallmark'; readonly version: string };
  readonly command: Command;
  readonly verdict: Verdict;
  /** Present when the run failed or has not ended: the verdict is then incomplete, and nothing was judged. */
  readonly error?: RunFailure;
  /** The least severity that keeps an image from being golden. */
  readonly failOn: Severity;
  readonly image: ReportedImage;
  /** Absent when the run ended before it was chosen. */
  readonly target?: {
    readonly chosen: Target;
    readonly requested: Target | 'auto';
    readonly reason: string;
  };
  /** Options of the command line that decide what is found and repaired, beside the target; absent when there were none. */
  readonly options?: readonly string[];
  readonly counts: {
    /** Results by outcome. */
    readonly outcomes: Readonly<Record<Outcome, number>>;
    /** Findings that are neither repaired nor waived, by severity. */
    readonly findings: Readonly<Record<Severity, number>>;
  };
  /** Sorted by id. */
  readonly results: readonly CheckResult[];
  /** In the order in which they are applied. */
  readonly changes: readonly ReportedChange[];
  readonly unverified: readonly UnverifiedRepair[];
  /** Absent when there are none. */
  readonly installations?: readonly ReportedInstallation[];
  readonly properties: ReportedProperties;
  readonly boot: readonly ReportedBoot[];
  /** Its times are always there: they are what was seen, and no two rehearsals have the same. */
  readonly rehearsal?: Rehearsal;
  readonly stages: readonly ReportedStage[];
  /** It was asked for by `hallmark snapshot`, which is also the way on and the way back. */
  readonly snapshot?: true;
  /** The image that was written. */
  readonly output?: { readonly path: string; readonly sha256: string; readonly size: number };
  /** Sorted by id; of every check that was asked. */
  readonly rules: readonly ReportedRule[];
}

/** What a report is assembled from: everything that cannot be derived. */
export interface ReportParts {
  readonly version: string;
  readonly command: Command;
  readonly failOn: Severity;
  readonly image: ReportedImage;
  readonly target?: Report['target'];
  readonly options?: readonly string[] | undefined;
  readonly results: readonly CheckResult[];
  readonly rules: readonly ReportedRule[];
  readonly changes?: readonly ReportedChange[] | undefined;
  readonly unverified?: readonly UnverifiedRepair[] | undefined;
  readonly installations?: readonly ReportedInstallation[] | undefined;
  readonly properties?: readonly PlannedProperty[] | undefined;
  /** How Glance knows the image (its name or id), for the command that sets its properties. */
  readonly glanceName?: string | undefined;
  readonly boot?: readonly ReportedBoot[] | undefined;
  readonly rehearsal?: Rehearsal | undefined;
  readonly stages?: readonly ReportedStage[] | undefined;
  readonly snapshot?: true | undefined;
  readonly output?: NonNullable<Report['output']> | undefined;
}

/** Joins the parts, sorts what has no order of its own, counts, and gives the verdict. */
export function assembleReport(parts: ReportParts): Report {
  const results = [...parts.results].sort(byId);
  return {
    schemaVersion: 1,
    tool: { name: 'hallmark', version: parts.version },
    command: parts.command,
    verdict: verdictOf(results, parts.failOn, parts.rehearsal),
    failOn: parts.failOn,
    image: parts.image,
    ...(parts.target ? { target: parts.target } : {}),
    ...(parts.options?.length ? { options: parts.options } : {}),
    counts: countsOf(results),
    results,
    changes: parts.changes ?? [],
    unverified: [...(parts.unverified ?? [])].sort((a, b) => compare(a.fixer, b.fixer)),
    ...(parts.installations?.length ? { installations: parts.installations } : {}),
    properties: reportProperties(parts.properties ?? [], parts.glanceName),
    boot: parts.boot ?? [],
    ...(parts.rehearsal ? { rehearsal: parts.rehearsal } : {}),
    stages: parts.stages ?? [],
    ...(parts.snapshot ? { snapshot: true } : {}),
    ...(parts.output ? { output: parts.output } : {}),
    rules: [...parts.rules].sort(byId),
  };
}

/** What is known of a run before it has a result. */
export interface FailedParts {
  readonly version: string;
  readonly command: Command;
  readonly failOn: Severity;
  /** As the user named the image. */
  readonly source: string;
  readonly snapshot?: true | undefined;
}

/** The report of a run that has no result. */
export function failedReport(parts: FailedParts, error: RunFailure): Report {
  const { source, ...rest } = parts;
  const { schemaVersion, tool, command, verdict, ...empty } = assembleReport({
    ...rest,
    image: { source },
    results: [],
    rules: [],
  });
  return { schemaVersion, tool, command, verdict, error, ...empty };
}

/**
 * The verdict over results and, if there was one, the rehearsal: an `error` or an impossible rehearsal outweighs
 * everything, since what was not judged cannot be golden. Nor can an image be to which no check applied.
 */
export function verdictOf(
  results: readonly CheckResult[],
  failOn: Severity,
  rehearsal?: Pick<Rehearsal, 'outcome'>,
): Verdict {
  if (results.some(({ outcome }) => outcome === 'error')) return 'incomplete';
  if (rehearsal?.outcome === 'impossible') return 'incomplete';
  if (results.every(({ outcome }) => outcome === 'not-applicable')) return 'incomplete';
  if (rehearsal?.outcome === 'failed') return 'not-golden';
  return results.some((result) => result.outcome === 'fail' && atLeast(result.severity, failOn))
    ? 'not-golden'
    : 'golden';
}

/**
 * The exit code of the command: 4 when a repair failed verification, 3 when a check could not be judged or a
 * rehearsal could not run, 1 when findings remain (of `plan`: when anything would be changed) or a rehearsal failed, 0
 * otherwise. That of `rehearse` tells of the rehearsal alone, whatever the checks found.
 */
export function exitCodeOf(report: Report): number {
  if (report.error) return report.error.exitCode ?? 3;
  if (report.command === 'rehearse') return rehearsalCodes[report.rehearsal?.outcome ?? 'impossible'];
  if (isRepair(report.command) && report.unverified.length > 0) return 4;
  if (report.verdict === 'incomplete') return 3;
  const pending = report.command === 'plan' && report.changes.length + report.properties.changes.length > 0;
  return pending || report.verdict === 'not-golden' ? 1 : 0;
}

const rehearsalCodes: Readonly<Record<RehearsalOutcome, 0 | 1 | 3>> = { passed: 0, failed: 1, impossible: 3 };

function countsOf(results: readonly CheckResult[]): Report['counts'] {
  const outcomes = { pass: 0, fail: 0, fixed: 0, waived: 0, 'not-applicable': 0, error: 0 };
  const findings = { error: 0, warning: 0, info: 0 };
  for (const result of results) {
    outcomes[result.outcome] += 1;
    if (result.outcome !== 'fail') continue;
    for (const { severity } of result.findings) findings[severity] += 1;
  }
  return { outcomes, findings };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
