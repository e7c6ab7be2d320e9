#!/usr/bin/env node
import { main } from './cli.js';
import { exitCodeOfSignal, processTerminal } from './terminal.js';
import { version } from './version.js';

/** Runs the command line of this process, which ends by itself once all is written. */
async function start(): Promise<void> {
  const terminal = processTerminal(version);
  let done = false;
  process.once('beforeExit', () => {
    if (done) return;
    terminal.say('error', 'a bug in hallmark: it waited for what never came');
    process.exitCode = 70;
  });
  const exitCode = await main(process.argv.slice(2), terminal);
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
