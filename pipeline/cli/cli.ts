import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { HallmarkError, RepairError, UsageError, systemCode } from '../../images/base/errors.js';
import { sourceKinds } from '../../images/sources/source.js';
import type { RescueCommandOptions } from './commands/rescue.js';
import type { SnapshotPrepareOptions } from './commands/snapshot-prepare.js';
import type { SnapshotRestoreOptions } from './commands/snapshot-restore.js';
import type { SnapshotStatusOptions } from './commands/snapshot-status.js';
import type { RunOptions } from './options.js';
import type { Command as RunCommand } from '../report/report.js';
import type { Terminal } from './terminal.js';

/** The formats, by hand: their registry need not be loaded to parse a command line. A test holds the two together. */
export const formatNames = ['text', 'json', 'html', 'junit', 'sarif', 'markdown', 'tap'] as const;

/**
 * Runs the command.
 * @param args - without the interpreter and the script
 * @returns the exit code: 0 golden, 1 findings or pending changes, 2 usage, 3 not judged, 4 not repaired, 70 our bug
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = commandLine(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return fail(error, terminal, args.includes('--debug'));
  }
}

function commandLine(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('hallmark')
    .description('Judges a cloud server image, repairs what it finds, and stamps it golden.')
    .version(terminal.version, '-V, --version')
    .option('--no-color', 'no colours (as NO_COLOR in the environment)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
    .addHelpText('after', exitCodes)
    .exitOverride();
  for (const command of ['check', 'plan', 'prepare', 'rehearse'] as const) {
    addRun(program, command).action(async (image: string, options: RunOptions) => {
      const { judgeImage } = await import('./commands/judge-image.js');
      exit(await judgeImage(command, image, options, terminal));
    });
  }
  addRescue(program).action(async (target: string | undefined, options: RescueCommandOptions) => {
    const { rescue } = await import('./commands/rescue.js');
    exit(await rescue(target, options, terminal));
  });
  program
    .command('undo')
    .description('take back what the last prepare or rescue did to an image in place')
    .argument('<image>', 'the directory, tarball or device that was repaired')
    .option('--id <id>', 'a certain transaction (of a directory)')
    .option('-y, --yes', 'do not ask')
    .option('--debug', 'stack traces')
    .action(async (image: string, options: { id?: string; yes?: true }) => {
      const { undo } = await import('./commands/undo.js');
      exit(await undo(image, options, terminal));
    });
  addSnapshot(program, terminal, exit);
  program
    .command('list')
    .description('every check: what it asks, and whether it can be repaired')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { list } = await import('./commands/rules.js');
      exit(await list(json === true, terminal));
    });
  program
    .command('explain')
    .description('what a check means, why it matters and what to do')
    .argument('<check>', 'its id, as "hallmark list" has it')
    .action(async (id: string) => {
      const { explain } = await import('./commands/rules.js');
      exit(await explain(id, terminal));
    });
  return program;
}

const descriptions: Readonly<Record<RunCommand, string>> = {
  check: 'judge an image; nothing is written',
  plan: 'show exactly what prepare would change; nothing is written',
  prepare: 'repair an image, prove it, and judge it again',
  rescue: 'find and mount the root of a broken server, repair it, and unmount it',
  rehearse: 'prove an image by its own first boot; nothing of it is changed',
};

function addRun(program: Command, name: RunCommand): Command {
  const command = program
    .command(name)
    .description(descriptions[name])
    .argument('<image>', 'a mounted root directory, / or a root tarball (.tar, .tar.gz, .tar.zst, .tar.xz)')
    .addOption(
      new Option('--kind <kind>', 'what the image is, instead of looking').choices([...sourceKinds]),
    );
  addJudging(command);
  if (name === 'plan' || name === 'prepare') addInstall(command);
  if (name === 'check' || name === 'plan') return command;
  if (name === 'prepare') command.option('--rehearse', 'rehearse the first boot of the result');
  addRehearsing(command);
  if (name === 'rehearse') return command;
  return command
    .option(
      '-o, --output <file>',
      'where the repaired tarball goes; a file that is there is replaced, once the new one is whole',
    )
    .option('--in-place', 'replace the tarball (the original is kept beside it until undo or removal)')
    .option('-y, --yes', 'do not ask before changing a directory');
}

/** How a rehearsal is held. */
function addRehearsing(command: Command): void {
  command
    .option('--scenario <file>', 'what the cloud asks of the server in the rehearsal (YAML)')
    .option(
      '--tunnel',
      'with a tunnel that is up before the agent starts (otherwise: when the guest has a VPN)',
    )
    .option('--no-tunnel', 'without one')
    .option('--keep', "keep the guest's console and the files that it wrote, in the folder of --report");
}

/** What every command takes that judges. */
function addJudging(command: Command): Command {
  return command
    .addOption(
      new Option('--target <target>', 'who is to own the server (auto: the evidence decides)').choices([
        'auto',
        'nova-agent',
        'cloud-init',
      ]),
    )
    .addOption(
      new Option(
        '--fail-on <severity>',
        'the least severity that keeps it from being golden (error)',
      ).choices(['error', 'warning', 'info']),
    )
    .option('--only <checks>', 'only these checks (ids, separated by commas)', words)
    .option('--skip <checks>', 'all but these checks', words)
    .option('--metadata <file>', 'the image\'s properties, as "openstack image show -f json" prints them')
    .option('--config <file>', 'configuration (hallmark.yaml, if there is one)')
    .addOption(
      new Option('--format <format>', 'what goes to standard output')
        .choices([...formatNames])
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('--report <dir>', 'write the report there, in every format')
    .option('--timings', 'how long each stage took, in the report')
    .option('--quiet', 'nothing on standard output; the exit code tells')
    .option('--verbose', 'say what is being done')
    .option('--debug', 'stack traces, and the report checked against its schema');
}

function addSnapshot(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const snapshot = program
    .command('snapshot')
    .description('make a live server safe to snapshot, and put it back after');
  const root = ['--root <dir>', 'the server, where it is not the running one: its mounted root'] as const;
  addJudging(
    snapshot
      .command('prepare')
      .description('judge the server, and keep its VPNs from starting at boot; what is done is recorded')
      .option(...root),
  )
    .option('--stop-vpn', 'stop the VPNs that are running, too; you may be connected by one')
    .option('-y, --yes', 'do not ask')
    .action(async (options: SnapshotPrepareOptions) => {
      const { snapshotPrepare } = await import('./commands/snapshot-prepare.js');
      exit(await snapshotPrepare(options, terminal));
    });
  snapshot
    .command('restore')
    .description('put back exactly what was recorded, and start what was stopped; also after a reboot')
    .option(...root)
    .option('--json', 'as JSON')
    .option('-y, --yes', 'do not ask')
    .option('--debug', 'stack traces')
    .action(async (options: SnapshotRestoreOptions) => {
      const { snapshotRestore } = await import('./commands/snapshot-restore.js');
      exit(await snapshotRestore(options, terminal));
    });
  addJudging(
    snapshot
      .command('status')
      .description('ready for a snapshot, prepared, or restored; nothing is written')
      .option(...root),
  ).action(async (options: SnapshotStatusOptions) => {
    const { snapshotStatus } = await import('./commands/snapshot-status.js');
    exit(await snapshotStatus(options, terminal));
  });
}

function addRescue(program: Command): Command {
  return addJudging(program.command('rescue').description(descriptions.rescue))
    .argument(
      '[device]',
      'the block device with the root, or a directory where it is mounted; without it, the disks are searched',
    )
    .option('--root-password', 'give root a new password, which is asked for')
    .option('--root-password-fd <n>', 'the same, read from a file descriptor', descriptor)
    .option('--root-password-generate', 'the same, made up, and shown once')
    .option('-y, --yes', 'do not ask: take the only root that is found, and change it');
}

function descriptor(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is no number of a file descriptor.');
}

/** Each of them allows something to be installed; without them nothing is. */
function addInstall(command: Command): void {
  command
    .addOption(
      new Option(
        '--agent <generation>',
        'install nova-agent if it is missing: 2.x, 1.x, or auto for the one that serves the system; with --target cloud-init, disable or remove the one that is there',
      ).choices(['auto', '2', '1', 'none', 'disable', 'remove']),
    )
    .option('--agent-package <file>', 'from this .deb, .rpm, or release of 1.x with its installer.sh')
    .option(
      '--agent-repo <where>',
      'from this repository: a URL, or a directory (then without the network); with --agent-package what it depends on',
    )
    .option('--sha256 <hex>', 'what the file of --agent-package must be')
    .option('--offline-install', 'unpack the package without running any program of the image')
    .option(
      '--cloud-init-package <file>',
      'with --target cloud-init: install it, if missing, from this .deb or .rpm (otherwise from the repositories of the image)',
    )
    .option('--cloud-init-repo <where>', 'as --agent-repo, for cloud-init and what brings up its network')
    .option('--cloud-init-sha256 <hex>', 'what the file of --cloud-init-package must be')
    .option('--install-xe <file>', 'install the guest utilities, if missing, from this package or tools ISO')
    .option('--xe-sha256 <hex>', 'what the file of --install-xe must be');
}

function words(value: string): string[] {
  return value.split(',').filter((word) => word !== '');
}

const exitCodes = `
Exit codes:
  0    golden: nothing left at or above --fail-on
  1    findings remain (check, prepare), or changes are pending (plan)
  2    usage or configuration error; nothing was opened
  3    could not judge: unreadable, unsupported or corrupt image, a missing tool, a check that ended in error;
       or could not deliver the report
  4    a repair failed or was not verified; the message says what state the image is in
  70   a bug of ours
  129, 130, 143   interrupted, after cleaning up
`;

/** Says in a line what happened, in a second what to do, and gives the exit code for it: 70 for what is no error of ours. */
export function fail(error: unknown, terminal: Terminal, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') {
      const hint = 'See "hallmark --help".';
      return fail(new UsageError('bad-arguments', 'no command was given', { hint }), terminal, debug);
    }
    return fail(usage(error), terminal, debug);
  }
  const signal = terminal.interruptedBy();
  // A program that a signal ended along with us makes its archive seem damaged; only a repair's state is still news.
  if (signal !== undefined && !(error instanceof RepairError)) {
    terminal.say('error', `interrupted by ${signal}; the image is as it was`);
  } else if (error instanceof HallmarkError) {
    terminal.say('error', error.message);
    const hint = error.hint ?? hintFor(error);
    if (hint !== undefined) terminal.say('hint', hint);
  } else {
    terminal.say('error', `a bug in hallmark: ${error instanceof Error ? error.message : String(error)}`);
    if (!debug) terminal.say('hint', 'Run it again with --debug and report what it prints.');
  }
  if (debug && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return error instanceof HallmarkError ? error.exitCode : 70;
}

/** What most often helps where the error itself has no advice. */
function hintFor({ cause }: HallmarkError): string | undefined {
  if (systemCode(cause) !== 'EACCES' || process.geteuid?.() === 0) return undefined;
  return 'Run it as a user who may do that, such as root.';
}

function usage({ message }: CommanderError): UsageError {
  return new UsageError('bad-arguments', message.replace(/^error: /, '').replace(/\s+/g, ' '), {
    hint: 'See "hallmark --help".',
  });
}
