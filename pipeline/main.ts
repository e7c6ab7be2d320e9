#!/usr/bin/env node
import { main } from './cli.js';
import { exitCodeOfSignal, processTerminal } from './terminal.js';
import { version } from './version.js';

const terminal = processTerminal(version);
const exitCode = await main(process.argv.slice(2), terminal);
// Errors of a pipe come after the write: one turn of the loop later they are known.
await new Promise(setImmediate);
const undelivered = terminal.undelivered();
if (undelivered) terminal.say('error', undelivered.message);
const signal = terminal.interruptedBy();
process.exitCode = signal === undefined ? (undelivered?.exitCode ?? exitCode) : exitCodeOfSignal(signal);
