import { mkdirSync, writeFileSync } from 'node:fs';
import { checks as allChecks } from '../../../checks/index.js';
import type { Check } from '../../../checks/lib/check.js';
import { UsageError } from '../../../images/base/errors.js';
import { type OpenKind, detectKind } from '../../../images/sources/open.js';
import { assertOutside } from '../../../images/write/journal.js';
import { type RunOptions, decidingOptions } from '../options.js';
import { type Config, readConfig } from '../config.js';
import { folderOf } from '../../deliver.js';
import { type Destination, assertReportFolder, assertWritable } from '../../destination.js';
import { type Selection, select } from '../../judge.js';
import { readMetadata } from '../metadata.js';
import { type Command, type Report, exitCodeOf, isRepair } from '../../report/report.js';
import { run } from '../../run.js';
import type { Request } from '../../request.js';
import { stateDirectoryFor, takeBackUnfinished } from '../state.js';
import { OutputError, type Terminal } from '../terminal.js';
import { keepYoungGenerationSmall } from '../young-generation.js';

/** An image that is not where the user says: what `hallmark rescue` has mounted. */
export interface Rescued extends Pick<Request, 'wish'> {
  /** What the user calls it. */
  readonly name: string;
  /** Called when something is about to be written: the plan, or what takes back an earlier run. */
  readonly beforeWriting: (plan?: Report) => Promise<void>;
}

/** What a command that judges wants besides. */
export interface Purpose extends Pick<Request, 'rules' | 'snapshot' | 'onDelivered'> {
  readonly rescued?: Rescued;
}

/** `hallmark check|plan|prepare|rehearse IMAGE`, and what is built on them. @returns the exit code */
export async function judgeImage(
  command: Command,
  source: string,
  options: RunOptions,
  terminal: Terminal,
  { rescued, ...purpose }: Purpose = {},
): Promise<number> {
  const config = await readConfig(options.config);
  const kind = options.kind ?? (await detectKind(source));
  if (options.report !== undefined) await assertReportFolder(options.report);
  const destination = isRepair(command)
    ? await destinationOf(source, kind, options, terminal, rescued?.name)
    : { kind: 'in-place' as const };
  const rules = purpose.rules?.checks;
  const request = {
    ...(await requestOf(command, source, kind, destination, options, config, terminal, rules)),
    ...purpose,
    ...(rescued ? asRescued(rescued, kind, options, terminal) : {}),
  };
  if (isRepair(command) && kind !== 'tarball') assertOutside(request.stateDirectory, source);
  if (kind === 'tarball') keepYoungGenerationSmall();
  else await takeBackUnfinished(source, request.stateDirectory, terminal, rescued);

  const report = await run(request).finally(() => {
    terminal.progress(undefined, false);
  });
  if (options.debug) await validate(report);
  // First the files: whatever happens to standard output, they are there.
  if (options.report !== undefined) await writeReports(report, options.report);
  // A plan that was declined has just been shown.
  const declined = isRepair(command) && report.command === 'plan';
  if (!declined || options.json) await print(report, options, terminal);
  return exitCodeOf(report);
}

function asRescued(
  { name, wish, beforeWriting }: Rescued,
  kind: OpenKind,
  options: RunOptions,
  terminal: Terminal,
): Pick<Request, 'name' | 'wish' | 'confirm'> {
  return {
    name,
    ...(wish ? { wish } : {}),
    confirm: async (plan) => {
      const agreed = await confirm(plan, name, kind, options, terminal);
      if (agreed && plan.changes.length > 0) await beforeWriting(plan);
      return agreed;
    },
  };
}

/** The request that the command line and the configuration make. @throws {UsageError} */
export async function requestOf(
  command: Command,
  source: string,
  kind: OpenKind,
  destination: Destination,
  options: RunOptions,
  config: Config,
  terminal: Terminal,
  checks: readonly Check[] = allChecks,
): Promise<Request> {
  const metadata = options.metadata ?? config.metadata;
  const only = options.only ?? config.only;
  const skip = options.skip ?? config.skip;
  for (const id of [...(options.only ?? []), ...(options.skip ?? [])]) await assertCheck(id, checks);
  const selection: Selection = { ...(only ? { only } : {}), ...(skip ? { skip } : {}) };
  // An image that nothing was asked of would be golden.
  if (select(checks, selection).length === 0) {
    throw new UsageError('no-checks', '--only and --skip leave no check to run');
  }
  const today = new Date().toISOString().slice(0, 10);
  for (const { check, expires } of config.waivers ?? []) {
    if (expires < today)
      terminal.say('note', `the waiver for ${check} expired on ${expires} and no longer counts`);
  }
  return {
    command,
    source,
    kind,
    destination,
    target: options.target ?? config.target ?? 'auto',
    options: decidingOptions(options),
    failOn: options.failOn ?? config.failOn ?? 'error',
    selection,
    waivers: config.waivers ?? [],
    metadata: metadata === undefined ? undefined : await readMetadata(metadata),
    today,
    stateDirectory: stateDirectoryFor(kind),
    ...propertiesFolderOf(destination, options),
    ...(await rehearsalOf(command, options, terminal)),
    ...(await installOf(command, options, options.target ?? config.target, terminal)),
    timings: options.timings === true,
    signal: terminal.signal,
    onStage: (name) => {
      terminal.progress(name, options.verbose === true);
    },
    onWarning: (warning) => {
      terminal.say('note', warning);
    },
    ...(command === 'prepare'
      ? { confirm: (plan: Report) => confirm(plan, source, kind, options, terminal) }
      : {}),
  };
}

/** What may be installed, if anything: what the package manager says is told as it says it. */
async function installOf(
  command: Command,
  options: RunOptions,
  target: RunOptions['target'],
  terminal: Terminal,
): Promise<Pick<Request, 'install' | 'agentFate' | 'onLine'>> {
  // The others have no such option, and need not wait for the code.
  if (command !== 'plan' && command !== 'prepare') return {};
  const { agentFateOf, installRequest } = await import('../install-request.js');
  const install = await installRequest(options, target);
  if (!install) return {};
  const agentFate = agentFateOf(options);
  const { visible } = await import('../../../images/base/visible.js');
  return {
    install,
    ...(agentFate ? { agentFate } : {}),
    onLine: (line) => {
      terminal.progress(`install: ${visible(line)}`, options.verbose === true);
    },
  };
}

/** How the image is to be rehearsed, if it is: each thing that happens is told as it happens. */
async function rehearsalOf(
  command: Command,
  { rehearse, scenario, tunnel, keep, report, verbose }: RunOptions,
  terminal: Terminal,
): Promise<Pick<Request, 'rehearsal'>> {
  if (keep && report === undefined) {
    throw new UsageError(
      'bad-arguments',
      '--keep needs --report: the logs are kept in the folder of the report',
    );
  }
  if (command !== 'rehearse' && !rehearse) {
    if (scenario === undefined && tunnel === undefined && !keep) return {};
    throw new UsageError('bad-arguments', '--scenario, --tunnel and --keep are for --rehearse');
  }
  const { readScenario } = await import('../../rehearse/scenario-file.js');
  const { progressOf } = await import('../../rehearse/progress.js');
  return {
    rehearsal: {
      scenario: await readScenario(scenario),
      ...(tunnel === undefined ? {} : { tunnel }),
      ...(keep && report !== undefined ? { keep: `${report}/rehearsal` } : {}),
      onEntry: (entry) => {
        terminal.progress(progressOf(entry), verbose === true);
      },
    },
  };
}

/** Beside the output; of an image that is repaired in place, in the folder of the report. */
function propertiesFolderOf(
  destination: Destination,
  { report }: RunOptions,
): Pick<Request, 'propertiesFolder'> {
  const folder = destination.kind === 'file' ? folderOf(destination.path) : report;
  return folder === undefined ? {} : { propertiesFolder: folder };
}

/** Where prepare writes. A directory is changed in place, which a person must have agreed to. */
async function destinationOf(
  source: string,
  kind: OpenKind,
  options: RunOptions,
  terminal: Terminal,
  name = source,
): Promise<Destination> {
  const { output, inPlace, yes } = options;
  if (kind !== 'tarball') {
    if (output !== undefined) {
      throw new UsageError(
        'bad-arguments',
        `--output is for tarballs: ${source} is a directory, repaired in place`,
      );
    }
    if (yes || terminal.interactive) return { kind: 'in-place' };
    throw new UsageError(
      'needs-yes',
      `${name} would be changed in place, and there is no terminal to ask at`,
      {
        hint: 'Say --yes to agree; "hallmark plan" shows what would be changed.',
      },
    );
  }
  if (output !== undefined && inPlace)
    throw new UsageError('bad-arguments', 'say --output or --in-place, not both');
  if (inPlace) {
    const { assertNoneKept, ownPath } = await import('../../../images/write/tarball/original.js');
    await assertNoneKept(await ownPath(source));
    return { kind: 'in-place' };
  }
  if (output === undefined) {
    throw new UsageError('bad-arguments', 'say where the repaired tarball goes', {
      hint: '--output FILE, or --in-place to replace it.',
    });
  }
  await assertWritable(output, source);
  return { kind: 'file', path: output };
}

async function confirm(
  plan: Report,
  source: string,
  kind: OpenKind,
  { yes }: RunOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (kind === 'tarball' || yes || plan.changes.length === 0) return true;
  const { planText } = await import('../../report/plan.js');
  terminal.err(planText(plan, { color: terminal.color, steps: false }));
  if (await terminal.ask(`Change ${source} like this?`)) return true;
  terminal.say('note', 'nothing was changed');
  return false;
}

async function assertCheck(id: string, checks: readonly Check[]): Promise<void> {
  if (checks.some(({ meta }) => meta.id === id)) return;
  const { unknownCheck } = await import('../../report/explain.js');
  throw unknownCheck(
    id,
    checks.map(({ meta }) => meta),
  );
}

async function print(report: Report, options: RunOptions, terminal: Terminal): Promise<void> {
  if (options.quiet) return;
  const format = options.json ? 'json' : options.format;
  if (format === 'text' && report.command === 'plan') {
    const { planText } = await import('../../report/plan.js');
    terminal.out(planText(report, { color: terminal.color }));
    return;
  }
  const { render } = await import('../../report/index.js');
  terminal.out(await render(format, report, { color: terminal.color }));
}

async function writeReports(report: Report, folder: string): Promise<void> {
  const { renderAll } = await import('../../report/index.js');
  const texts = await renderAll(report);
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of texts) writeFileSync(`${folder}/${name}`, text);
  } catch (cause) {
    throw new OutputError(`the report to ${folder}`, cause);
  }
}

/** With --debug: a report that does not fit its own schema is a bug of ours. */
async function validate(report: Report): Promise<void> {
  const { validateReport } = await import('../../report/validate.js');
  const [problem] = await validateReport(report);
  if (problem !== undefined) throw new Error(`the report does not fit its schema: ${problem}`);
}
