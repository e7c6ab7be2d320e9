import { sourceAt } from '../../../images/sources/find.js';
import type { ImageSource } from '../../../images/sources/source.js';
import { type Command, type Report, exitCodeOf, isRepair } from '../../report/report.js';
import type { Request } from '../../request.js';
import { run } from '../../run.js';
import type { RunOptions } from '../options.js';
import { requestOf } from '../request.js';
import type { Terminal } from '../terminal.js';
import { takeBackUnfinished } from '../unfinished.js';

/** What a command that judges wants besides. */
export interface Purpose extends Pick<Request, 'rules' | 'snapshot' | 'onDelivered' | 'wish'> {
  /** Called with a plan that was agreed to, right before it is carried out. */
  readonly onAgreed?: (plan: Report) => Promise<void>;
}

/** `hallmark check|plan|prepare|rehearse IMAGE`. @returns the exit code */
export async function judgeImage(
  command: Command,
  path: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  return judgeSource(command, await sourceAt(path, options.kind), options, terminal);
}

/** The same for an image that was found already, and what is built on it. @returns the exit code */
export async function judgeSource(
  command: Command,
  source: ImageSource,
  options: RunOptions,
  terminal: Terminal,
  { onAgreed, ...purpose }: Purpose = {},
): Promise<number> {
  const request: Request = {
    ...(await requestOf(command, source, options, terminal, purpose.rules?.checks)),
    ...purpose,
    confirm: async (plan) => {
      const agreed = await confirm(plan, request, options, terminal);
      if (agreed && plan.changes.length > 0) await onAgreed?.(plan);
      return agreed;
    },
  };
  await takeBackUnfinished(source, terminal);

  const report = await run(request).finally(() => {
    terminal.progress(undefined, false);
  });
  if (options.debug) await validate(report);
  // First the files: whatever happens to standard output, they are there.
  if (options.report !== undefined) {
    const { writeReports } = await import('../report-folder.js');
    await writeReports(report, options.report);
  }
  // A plan that was declined has just been shown.
  const declined = isRepair(command) && report.command === 'plan';
  if (!declined || options.json) await print(report, options, terminal);
  return exitCodeOf(report);
}

async function confirm(
  plan: Report,
  { source, destination }: Request,
  { yes }: RunOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (!destination.toBeAgreed || yes || plan.changes.length === 0) return true;
  const { planText } = await import('../../report/plan.js');
  terminal.err(planText(plan, { color: terminal.color, columns: terminal.columns, steps: false }));
  if (await terminal.ask(`Change ${source.name} like this?`)) return true;
  terminal.say('note', 'nothing was changed');
  return false;
}

async function print(report: Report, options: RunOptions, terminal: Terminal): Promise<void> {
  if (options.quiet) return;
  const format = options.json ? 'json' : options.format;
  if (format === 'text' && report.command === 'plan') {
    const { planText } = await import('../../report/plan.js');
    terminal.out(planText(report, { color: terminal.color, columns: terminal.columns }));
    return;
  }
  const { render } = await import('../../report/index.js');
  terminal.out(await render(format, report, { color: terminal.color, columns: terminal.columns }));
}

/** With --debug: a report that does not fit its own schema is an internal error. */
async function validate(report: Report): Promise<void> {
  const { validateReport } = await import('../../report/validate.js');
  const [problem] = await validateReport(report);
  if (problem !== undefined) throw new Error(`the report does not fit its schema: ${problem}`);
}
