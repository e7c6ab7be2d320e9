import type { Stats } from 'node:fs';
import { HallmarkError } from '../../images/base/errors.js';
import type { Command, FailedParts, Report, RunFailure } from '../report/report.js';
import { type RunOptions, formatNames } from './options.js';
import { OutputError, type Terminal, exitCodeOfSignal } from './terminal.js';

/** What of a command line says which result it wants, and where. */
type Wanted = Pick<RunOptions, 'failOn' | 'format' | 'json' | 'keep' | 'output' | 'quiet' | 'report'>;

/** A command that judges an image. */
export interface BegunRun {
  readonly command: Command;
  /** The image, as the user named it. */
  readonly source: string;
  readonly options: Partial<Wanted>;
  readonly snapshot?: true | undefined;
  /** It prints something of its own instead of a report. */
  readonly printsNoReport?: true | undefined;
}

/**
 * The result that a run owes its user whatever becomes of it: from its first moment on the folder of its reports says that
 * there is none yet, and if it fails, why. Nobody takes the report of an earlier run for this one's.
 */
export class RunResult {
  /** The terminal that the run writes to: what it prints is noted, for a result is printed once. */
  readonly terminal: Terminal;
  #run: BegunRun | undefined;
  /** Where the reports can be written. */
  #folder: string | undefined;
  /** What was at the place of the output before. */
  #formerOutput: Stats | undefined;
  #printed = false;

  constructor(private readonly actual: Terminal) {
    this.terminal = {
      ...actual,
      out: (text) => {
        this.#printed = true;
        actual.out(text);
      },
    };
  }

  /**
   * @param run - undefined for a command line that asks for none
   * @throws {UsageError} when its reports cannot be written where they should
   * @throws {OutputError} when the disk is full; then no older report is left
   */
  async begin(run: BegunRun | undefined): Promise<void> {
    this.#run = run;
    const { keep, output, report: folder } = run?.options ?? {};
    this.#formerOutput = output === undefined ? undefined : statOf(output);
    if (!run || folder === undefined) return;
    const { assertReportFolder, removeReports, writeReports } = await import('./report-folder.js');
    await assertReportFolder(folder);
    const unfinished = { code: 'unfinished', message: 'the run has not ended, or was killed' };
    try {
      await writeReports(await this.#report(run, unfinished), folder);
    } catch (error) {
      await removeReports(folder);
      throw error;
    }
    this.#folder = folder;
    if (!keep) return;
    const { rm } = process.getBuiltinModule('node:fs/promises');
    const { keptFiles } = await import('../rehearse/kept-files.js');
    for (const path of Object.values(keptFiles(`${folder}/rehearsal`))) await rm(path, { force: true });
  }

  /** Says in the result what went wrong, which was said on standard error already. */
  async fail(error: unknown, exitCode: number): Promise<void> {
    const run = this.#run;
    // A result that only could not be printed is in its files as it is.
    if (!run || (error instanceof OutputError && error.to === 'standard output')) return;
    const stale = this.#staleOutput(run);
    if (stale !== undefined) this.actual.say('note', stale);
    const report = await this.#report(run, this.#failure(error, exitCode, stale));
    const { format = 'text', json, quiet } = run.options;
    const asked = json ? 'json' : format;
    await this.#write(report, error);
    if (asked === 'text' || quiet || run.printsNoReport || this.#printed) return;
    const { render } = await import('../report/index.js');
    const text = await render(asked, report);
    await this.#tell(error, async () => {
      this.terminal.out(text);
    });
  }

  /** Where the files cannot be written, what was written at the start says that there is no result. */
  async #write(report: Report, error: unknown): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    const { writeReports } = await import('./report-folder.js');
    await this.#tell(error, () => writeReports(report, folder));
  }

  /** Does what may fail for want of space, and says so unless that is what is being told. */
  async #tell(error: unknown, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (failure) {
      if (!(failure instanceof OutputError)) throw failure;
      if (!(error instanceof OutputError)) this.actual.say('error', failure.message);
    }
  }

  async #report({ command, source, options, snapshot }: BegunRun, error: RunFailure): Promise<Report> {
    const { failedReport } = await import('../report/report.js');
    const { failOn = 'error' } = options;
    const parts: FailedParts = { version: this.actual.version, command, failOn, source, snapshot };
    return failedReport(parts, error);
  }

  #failure(error: unknown, exitCode: number, stale: string | undefined): RunFailure {
    const hints = [error instanceof HallmarkError ? error.hint : undefined, stale && `${stale}.`];
    const hint = hints.filter((each) => each !== undefined).join(' ');
    const advice = hint === '' ? {} : { hint };
    const signal = this.actual.interruptedBy();
    if (signal !== undefined) {
      const message = `interrupted by ${signal}`;
      return { code: 'interrupted', message, ...advice, exitCode: exitCodeOfSignal(signal) };
    }
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof HallmarkError) return { code: error.code, message, ...advice, exitCode };
    // Commander's own errors have a code, too.
    if (exitCode === 2)
      return { code: 'bad-arguments', message: message.replace(/^error: /, ''), ...advice, exitCode };
    return { code: 'internal-error', message: `internal error: ${message}`, ...advice, exitCode };
  }

  /** A sentence on an output that an earlier run has left at the place of this one's. */
  #staleOutput({ source, options: { output } }: BegunRun): string | undefined {
    const former = this.#formerOutput;
    const image = statOf(source); // which is refused as an output
    if (former?.ino === image?.ino && former?.dev === image?.dev) return undefined;
    const now = output === undefined ? undefined : statOf(output);
    if (output === undefined || !former?.isFile()) return undefined;
    if (now?.ino !== former.ino || now.mtimeMs !== former.mtimeMs) return undefined;
    return `${output} is of an earlier run; this one did not write it`;
  }
}

/** What is at a path that was named for an output; whether it can be used is asked elsewhere. */
function statOf(path: string): Stats | undefined {
  try {
    return process.getBuiltinModule('node:fs').statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // such as below a file
  }
}

const commands: readonly string[] = [
  'check',
  'plan',
  'prepare',
  'rehearse',
  'rescue',
] satisfies readonly Command[];

/**
 * The run that a command line seems to ask for which does not parse: its reports, too, say what is wrong.
 * @returns undefined when it does not ask for one
 */
export function runMeantBy(args: readonly string[]): BegunRun | undefined {
  const [first = '', second] = args;
  const command = first === 'snapshot' && second === 'prepare' ? second : first;
  if (!commands.includes(command)) return undefined;
  const valueOf = (option: string): string | undefined => {
    const at = args.findLastIndex((arg) => arg === option || arg.startsWith(`${option}=`));
    return args[at] === option ? args[at + 1] : args[at]?.slice(option.length + 1);
  };
  const report = valueOf('--report');
  const format = formatNames.find((name) => name === valueOf('--format'));
  return {
    ...{ command: command as Command, source: '' },
    options: {
      ...(report === undefined ? {} : { report }),
      ...(format === undefined ? {} : { format }),
      ...(args.includes('--json') ? { json: true } : {}),
      ...(args.includes('--quiet') ? { quiet: true } : {}),
    },
  };
}
