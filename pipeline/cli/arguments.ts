import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { sourceKinds } from '../../images/sources/source.js';
import type { AskedCommand } from '../../images/live/asked.js';
import type { AskOptions } from './commands/ask.js';
import type { RescueCommandOptions } from './commands/rescue.js';
import type { SnapshotPrepareOptions } from './commands/snapshot-prepare.js';
import type { SnapshotRestoreOptions } from './commands/snapshot-restore.js';
import type { SnapshotStatusOptions } from './commands/snapshot-status.js';
import { fail } from './failure.js';
import { type RunOptions, formatNames } from './options.js';
import type { Command as RunCommand } from '../report/report.js';
import { type BegunRun, RunResult, runMeantBy } from './run-result.js';
import type { Terminal } from './terminal.js';

/**
 * Runs the command.
 * @param args - without the interpreter and the script
 * @returns the exit code: 0 golden, 1 findings or pending changes, 2 usage, 3 not judged, 4 not repaired, 70 internal error
 */
export async function main(
  args: readonly string[],
  terminal: Terminal,
  result = new RunResult(terminal),
): Promise<number> {
  let exitCode = 0;
  const exit = (code: number): void => {
    exitCode = code;
  };
  try {
    await commandLine(result.terminal, exit, result).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    exitCode = fail(error, terminal, args.includes('--debug'));
    if (error instanceof CommanderError && exitCode !== 0) {
      // Where its reports cannot be written either, the first error is the one to tell.
      await result.begin(runMeantBy(args)).catch(() => undefined);
    }
    await result.fail(error, exitCode);
    return exitCode;
  }
}

/**
 * The command line, which does what it is told once it parses.
 * @param exit - told the exit code
 * @param result - told which run begins, before anything else
 */
export function commandLine(
  terminal: Terminal,
  exit: (code: number) => void,
  result = new RunResult(terminal),
): Command {
  const program = new Command('hallmark')
    .description('Checks a cloud server image, repairs what it finds, and stamps it golden.')
    .version(terminal.version, '-V, --version')
    .option('--no-color', 'print no colours (NO_COLOR in the environment does the same)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
    .addHelpText('after', exitCodes)
    .exitOverride();
  for (const command of ['check', 'plan', 'prepare', 'rehearse'] as const) {
    addRun(program, command).action(async (image: string, options: RunOptions) => {
      await result.begin({ command, source: image, options });
      const { judgeImage } = await import('./commands/judge-image.js');
      exit(await judgeImage(command, image, options, terminal));
    });
  }
  addRescue(program).action(async (target: string | undefined, options: RescueCommandOptions) => {
    await result.begin({ command: 'rescue', source: target ?? 'the disks of this host', options });
    const { rescue } = await import('./commands/rescue.js');
    exit(await rescue(target, options, terminal));
  });
  program
    .command('undo')
    .description('undo what the last prepare or rescue changed in place')
    .argument('<image>', 'the directory, tarball or device that was repaired')
    .option('--id <id>', 'undo this transaction (directories only)')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--debug', 'print stack traces')
    .action(async (image: string, options: { id?: string; yes?: true }) => {
      const { undo } = await import('./commands/undo.js');
      exit(await undo(image, options, terminal));
    });
  addSnapshot(program, terminal, exit, result);
  addAsk(program).action(async (command: AskedCommand, options: AskOptions) => {
    const { ask } = await import('./commands/ask.js');
    exit(await ask(command, options, terminal));
  });
  program
    .command('list')
    .description('list every check: what it asks, and whether Hallmark can repair it')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const { list } = await import('./commands/rules.js');
      exit(await list(json === true, terminal));
    });
  program
    .command('explain')
    .description('explain a check: what it means, why it matters and what to do')
    .argument('<check>', 'the id of the check; "hallmark list" lists them')
    .action(async (id: string) => {
      const { explain } = await import('./commands/rules.js');
      exit(await explain(id, terminal));
    });
  return program;
}

const descriptions: Readonly<Record<RunCommand, string>> = {
  check: 'check an image; write nothing',
  plan: 'show exactly what prepare would change; write nothing',
  prepare: 'repair an image, verify the repair, and check the image again',
  rescue: 'find and mount the root of a broken server, repair it, and unmount it',
  rehearse: 'boot a throw-away copy of an image and verify its first boot; the image stays as it is',
};

function addRun(program: Command, name: RunCommand): Command {
  const command = program
    .command(name)
    .description(descriptions[name])
    .argument('<image>', 'a mounted root directory, / or a root tarball (.tar, .tar.gz, .tar.zst, .tar.xz)')
    .addOption(
      new Option('--kind <kind>', 'treat the image as this kind instead of detecting it').choices([
        ...sourceKinds,
      ]),
    );
  addJudging(command);
  if (name === 'plan' || name === 'prepare') addInstall(command);
  if (name === 'check' || name === 'plan') return command;
  if (name === 'prepare') command.option('--rehearse', 'rehearse the first boot of the repaired image');
  addRehearsing(command);
  if (name === 'rehearse') return command;
  return command
    .option(
      '-o, --output <file>',
      'write the repaired tarball to this file; an existing file is replaced once the new one is complete',
    )
    .option('--in-place', 'replace the tarball; the original is kept beside it until you undo or remove it')
    .option('-y, --yes', 'do not ask for confirmation before a directory is changed');
}

/** Options of a rehearsal. */
function addRehearsing(command: Command): void {
  command
    .option('--scenario <file>', 'what the cloud asks of the server during the rehearsal (YAML)')
    .option('--tunnel', 'bring a tunnel up before the agent starts (default: if the guest has a VPN)')
    .option('--no-tunnel', 'do not start a tunnel')
    .option('--patient', 'wait as long as the cloud does, even for an agent that cannot answer any more')
    .option('--keep', "keep the guest's console and the files it wrote, in the --report directory");
}

/** Options of every command that checks an image. */
function addJudging(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--target <target>',
        'who configures the server (auto: decided by what the image contains)',
      ).choices(['auto', 'nova-agent', 'cloud-init']),
    )
    .addOption(
      new Option(
        '--fail-on <severity>',
        'the lowest severity that keeps an image from being golden (default: error)',
      ).choices(['error', 'warning', 'info']),
    )
    .option('--only <checks>', 'run only these checks (ids, separated by commas)', words)
    .option('--skip <checks>', 'run all checks except these', words)
    .option(
      '--metadata <file>',
      'the image properties, as an OpenStack client prints them, such as "openstack image show -f json"',
    )
    .option('--config <file>', 'the configuration file (default: hallmark.yaml, if it exists)')
    .addOption(
      new Option('--format <format>', 'the format of standard output')
        .choices([...formatNames])
        .default('text'),
    )
    .option('--json', 'same as --format json')
    .option('--report <dir>', 'write the report to this directory, in every format')
    .option('--timings', 'include the duration of each stage in the report')
    .option('--quiet', 'print nothing on standard output; use the exit code')
    .option('--verbose', 'print each step')
    .option('--debug', 'print stack traces and validate the report');
}

function addSnapshot(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
  result: RunResult,
): void {
  const snapshot = program
    .command('snapshot')
    .description('make a live server safe to snapshot, and restore it afterwards');
  const root = ['--root <dir>', 'the mounted root of the server, if it is not the running one'] as const;
  addJudging(
    snapshot
      .command('prepare')
      .description('check the server, and record and disable VPNs that start at boot')
      .option(...root),
  )
    .option('--stop-vpn', 'also stop running VPNs; your own connection may use one')
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (options: SnapshotPrepareOptions) => {
      await result.begin(ofSnapshot('prepare', options));
      const { snapshotPrepare } = await import('./commands/snapshot-prepare.js');
      exit(await snapshotPrepare(options, terminal));
    });
  snapshot
    .command('restore')
    .description('restore exactly what was recorded, and start what was stopped; works after a reboot, too')
    .option(...root)
    .option('--json', 'print JSON')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--debug', 'print stack traces')
    .action(async (options: SnapshotRestoreOptions) => {
      const { snapshotRestore } = await import('./commands/snapshot-restore.js');
      exit(await snapshotRestore(options, terminal));
    });
  addJudging(
    snapshot
      .command('status')
      .description('show whether the server is ready for a snapshot, prepared or restored; write nothing')
      .option(...root),
  ).action(async (options: SnapshotStatusOptions) => {
    await result.begin({ ...ofSnapshot('check', options), printsNoReport: true });
    const { snapshotStatus } = await import('./commands/snapshot-status.js');
    exit(await snapshotStatus(options, terminal));
  });
}

function ofSnapshot(command: RunCommand, options: RunOptions & { readonly root?: string }): BegunRun {
  return { command, source: options.root ?? '/', options, snapshot: true };
}

function addRescue(program: Command): Command {
  return addJudging(program.command('rescue').description(descriptions.rescue))
    .argument(
      '[device]',
      'the block device of the root, or the directory where it is mounted (default: search all disks)',
    )
    .option('--root-password', 'set a new root password; you are asked for it')
    .option('--root-password-fd <n>', 'set a new root password, read from a file descriptor', descriptor)
    .option('--root-password-generate', 'generate a root password and print it once')
    .option('-y, --yes', 'do not ask for confirmation: use the only root that is found');
}

function addAsk(program: Command): Command {
  return program
    .command('ask')
    .description('ask the nova-agent of this server through XenStore, as the cloud does')
    .addArgument(
      new Argument('<command>', 'what to ask; resetnetwork configures the network anew').choices([
        ...['version', 'features', 'resetnetwork'],
      ]),
    )
    .option('--timeout <seconds>', 'how long to wait (default: as long as the cloud does, 30 or 60)', seconds)
    .option('--json', 'print JSON')
    .option('-y, --yes', 'do not ask for confirmation before the network is configured anew')
    .option('--debug', 'print stack traces');
}

function seconds(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not a number of seconds from 1 to 9999.');
}

function descriptor(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not the number of a file descriptor.');
}

/** Each of them allows Hallmark to install something; without them it installs nothing. */
function addInstall(command: Command): void {
  command
    .addOption(
      new Option(
        '--agent <generation>',
        'install nova-agent if it is missing: 2.x, 1.x, or auto for the one that supports the system; with --target cloud-init: disable or remove the installed one',
      ).choices(['auto', '2', '1', 'none', 'disable', 'remove']),
    )
    .option(
      '--agent-package <file>',
      'install the agent from this .deb or .rpm, or from a 1.x release with its installer.sh',
    )
    .option(
      '--agent-repo <where>',
      'install the agent from this repository: a URL, or a directory (no network is used); with --agent-package: its dependencies',
    )
    .option('--sha256 <hex>', 'the SHA-256 digest that the --agent-package file must have')
    .option('--offline-install', 'unpack packages without running any program of the image')
    .option(
      '--cloud-init-package <file>',
      'with --target cloud-init: if cloud-init is missing, install it from this .deb or .rpm (default: from the repositories of the image)',
    )
    .option(
      '--cloud-init-repo <where>',
      'same as --agent-repo, for cloud-init and the tools its network needs',
    )
    .option('--cloud-init-sha256 <hex>', 'the SHA-256 digest that the --cloud-init-package file must have')
    .option(
      '--install-xe <file>',
      'if the guest utilities are missing, install them from this package or tools ISO',
    )
    .option('--xe-sha256 <hex>', 'the SHA-256 digest that the --install-xe file must have');
}

function words(value: string): string[] {
  return value.split(',').filter((word) => word !== '');
}

const exitCodes = `
Exit codes:
  0    golden: no findings at or above --fail-on
  1    findings remain (check, prepare), or changes are pending (plan)
  2    usage or configuration error; nothing was opened
  3    could not judge: the image is unreadable, unsupported or corrupt, a tool is missing, or a check ended in
       an error; or the report could not be written
  4    a repair failed or was not verified; the message says what state the image is in and how to go back
  70   internal error
  129, 130, 143   interrupted, after clean-up
`;
