import { CommanderError } from 'commander';
import { HallmarkError, RepairError, UsageError, systemCode } from '../../images/base/errors.js';
import type { Terminal } from './terminal.js';

/** The exit code of a bug of ours. */
export const internalErrorCode = 70;

/** Says in a line what happened, in a second what to do, and gives the exit code for it: 70 for an internal error. */
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
    terminal.say('error', `internal error: ${error instanceof Error ? error.message : String(error)}`);
    if (!debug) terminal.say('hint', 'Run it again with --debug and report what it prints.');
  }
  if (debug && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return error instanceof HallmarkError ? error.exitCode : internalErrorCode;
}

/** What most often helps where the error itself has no advice. */
function hintFor({ cause }: HallmarkError): string | undefined {
  if (systemCode(cause) !== 'EACCES' || process.geteuid?.() === 0) return undefined;
  return 'Run it as a user who has the permission, such as root.';
}

function usage({ message }: CommanderError): UsageError {
  return new UsageError('bad-arguments', message.replace(/^error: /, '').replace(/\s+/g, ' '), {
    hint: 'See "hallmark --help".',
  });
}
