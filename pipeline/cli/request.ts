import { dirname } from 'node:path';
import { checks as allChecks } from '../../checks/index.js';
import type { Check } from '../../checks/lib/check.js';
import { imageDay, today } from '../../images/base/clock.js';
import { UsageError } from '../../images/base/errors.js';
import { visible } from '../../images/base/visible.js';
import type { Destination, ImageSource } from '../../images/sources/source.js';
import { type Selection, select } from '../judge.js';
import { type Command, isRepair } from '../report/report.js';
import type { Request } from '../request.js';
import { readConfig } from './config.js';
import { readMetadata } from './metadata.js';
import { type RunOptions, decidingOptions } from './options.js';
import type { Terminal } from './terminal.js';

/**
 * The request that a command line and the configuration make.
 * @param checks - those that the command judges by
 * @throws {UsageError} when what they say does not fit together, or names what is not there
 */
export async function requestOf(
  command: Command,
  source: ImageSource,
  options: RunOptions,
  terminal: Terminal,
  checks: readonly Check[] = allChecks,
): Promise<Request> {
  const config = await readConfig(options.config);
  const destination = await destinationOf(command, source, options, terminal);
  for (const id of [...(options.only ?? []), ...(options.skip ?? [])]) await assertCheck(id, checks);
  const selection = { only: options.only ?? config.only, skip: options.skip ?? config.skip };
  assertSome(checks, selection);
  const waivers = config.waivers ?? [];
  const day = today();
  for (const { check, expires } of waivers) {
    if (expires < day)
      terminal.say('note', `the waiver for ${check} expired on ${expires} and no longer counts`);
  }
  const target = options.target ?? config.target;
  const metadata = options.metadata ?? config.metadata;
  return {
    command,
    source,
    destination,
    target: target ?? 'auto',
    options: decidingOptions(options),
    failOn: options.failOn ?? config.failOn ?? 'error',
    selection,
    waivers,
    metadata: metadata === undefined ? undefined : await readMetadata(metadata),
    today: day,
    imageDay: imageDay(),
    propertiesFolder: destination.output === undefined ? options.report : dirname(destination.output),
    rehearsal: await rehearsalOf(command, options, terminal),
    ...(await installOf(command, options, target, terminal)),
    timings: options.timings,
    signal: terminal.signal,
    onStage: (name) => {
      terminal.progress(name, options.verbose === true);
    },
    onWarning: (warning) => {
      terminal.say('note', warning);
    },
  };
}

async function destinationOf(
  command: Command,
  source: ImageSource,
  { output, inPlace, yes }: RunOptions,
  { interactive }: Terminal,
): Promise<Destination> {
  if (!isRepair(command)) return { toBeAgreed: false };
  return source.destination({ output, inPlace, mayChange: yes === true || interactive });
}

async function assertCheck(id: string, checks: readonly Check[]): Promise<void> {
  if (checks.some(({ meta }) => meta.id === id)) return;
  const { unknownCheck } = await import('../report/explain.js');
  throw unknownCheck(
    id,
    checks.map(({ meta }) => meta),
  );
}

/** An image that nothing was asked of would be golden. */
function assertSome(checks: readonly Check[], selection: Selection): void {
  if (select(checks, selection).length === 0)
    throw new UsageError('no-checks', '--only and --skip leave no check to run');
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
  const { agentFateOf, installRequest } = await import('./install-request.js');
  const install = await installRequest(options, target);
  if (!install) return {};
  return {
    install,
    agentFate: agentFateOf(options),
    onLine: (line) => {
      terminal.progress(`install: ${visible(line)}`, options.verbose === true);
    },
  };
}

/** How the image is to be rehearsed, if it is: each thing that happens is told as it happens. */
async function rehearsalOf(
  command: Command,
  { rehearse, scenario, tunnel, patient, keep, report, verbose }: RunOptions,
  terminal: Terminal,
): Promise<Request['rehearsal']> {
  if (keep && report === undefined) {
    throw new UsageError(
      'bad-arguments',
      '--keep needs --report; the logs are kept in the --report directory',
    );
  }
  if (command !== 'rehearse' && !rehearse) {
    if (scenario === undefined && tunnel === undefined && !patient && !keep) return undefined;
    throw new UsageError('bad-arguments', '--scenario, --tunnel, --patient and --keep need --rehearse');
  }
  const { readScenario } = await import('../rehearse/scenario-file.js');
  const { progressOf } = await import('../rehearse/progress.js');
  return {
    scenario: await readScenario(scenario),
    tunnel,
    patient,
    ...(keep && report !== undefined ? { keep: `${report}/rehearsal` } : {}),
    onEntry: (entry) => {
      terminal.progress(progressOf(entry), verbose === true);
    },
  };
}
