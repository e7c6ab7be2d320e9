import { main } from './arguments.js';
import { fail, internalErrorCode } from './failure.js';
import { RunResult } from './run-result.js';
import { exitCodeOfSignal, processTerminal } from './terminal.js';
import { version } from '../report/version.js';

/** Runs the command line of this process, which ends by itself once all is written. */
async function start(): Promise<void> {
  const args = process.argv.slice(2);
  const terminal = processTerminal(version);
  const result = new RunResult(terminal);
  let failed = false;
  const internalError = async (error: unknown): Promise<number> => {
    // What goes wrong while this is said has nobody to say it.
    if (failed) return internalErrorCode;
    failed = true;
    const exitCode = fail(error, terminal, args.includes('--debug'));
    await result.fail(error, exitCode);
    return exitCode;
  };
  let done = false;
  // What nobody waited for must not end with node's own exit code 1, which means findings.
  process.on('uncaughtException', (error) => {
    void internalError(error)
      .catch(() => internalErrorCode)
      .then((exitCode) => process.exit(exitCode));
  });
  process.once('beforeExit', () => {
    if (done) return;
    const error = new Error('the event loop ended before the command did');
    void internalError(error).then((exitCode) => (process.exitCode = exitCode));
  });
  const exitCode = await main(args, terminal, result);
  // Errors of a pipe come after the write: one turn of the loop later they are known.
  await new Promise(setImmediate);
  const undelivered = terminal.undelivered();
  if (undelivered) terminal.say('error', undelivered.message);
  const signal = terminal.interruptedBy();
  done = true;
  process.exitCode = signal === undefined ? (undelivered?.exitCode ?? exitCode) : exitCodeOfSignal(signal);
}

// Not awaited: the standalone executable is a CommonJS script, which cannot wait at its top.
void start();
