import { constants } from 'node:os';
import { columnsFor, fill } from '../report/fill.js';
import { painter } from '../report/paint.js';
import { HallmarkError, systemCode } from '../../images/base/errors.js';
import { visible } from '../../images/base/visible.js';

/** Where the command's words go, and who answers its questions. */
export interface Terminal {
  readonly version: string;
  /** Whether standard output shows colours. */
  readonly color: boolean;
  /** The width to write results for: of the terminal or, where standard output is none, the same everywhere. */
  readonly columns: number;
  /** Whether there is a person to ask. */
  readonly interactive: boolean;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
  /** The signal that did it, if any. */
  readonly interruptedBy: () => NodeJS.Signals | undefined;
  /** Why the results did not arrive, if they did not; known once they were written. */
  readonly undelivered: () => OutputError | undefined;
  /** Results: standard output. @throws {OutputError} */
  readonly out: (text: string) => void;
  /** Everything else: standard error. */
  readonly err: (text: string) => void;
  /** One line on standard error, with what kind of line it is; on a terminal, as many lines as it needs. */
  readonly say: (kind: 'error' | 'hint' | 'note', text: string) => void;
  /** What is being done: a line that the next one replaces, on a terminal only, or lines with --verbose. */
  readonly progress: (what: string | undefined, verbose: boolean) => void;
  /** Asks a question that is answered by yes or no; anything but yes is no. */
  readonly ask: (question: string) => Promise<boolean>;
  /** Asks for a line of text. @returns undefined at the end of the input */
  readonly askLine: (question: string) => Promise<string | undefined>;
  /** Asks for a line that is not shown as it is typed; only when `interactive`. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
}

/** The results could not be delivered, which must not look as if they had been. */
export class OutputError extends HallmarkError {
  readonly exitCode = 3;

  /** @param to - standard output or, for the files of a report, their folder */
  constructor(
    readonly to: 'standard output' | { readonly folder: string },
    cause: unknown,
  ) {
    const what = to === 'standard output' ? `to ${to}` : `the report to ${to.folder}`;
    super('output', `cannot write ${what}: ${systemCode(cause) ?? String(cause)}`, { cause });
  }
}

/** The exit code of a process that a signal ended, as a shell has it. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** The terminal of this process. Standard output is for results alone, so that it can be piped. */
export function processTerminal(version: string): Terminal {
  const { stdout, stderr, env, argv } = process;
  const plain = argv.includes('--no-color') || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const interrupted = new AbortController();
  let signalled: NodeJS.Signals | undefined;
  let shown = false;
  // Whoever asks a second time does not want to wait for the cleaning up: the next run on the image will do it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (signalled) process.exit(exitCodeOfSignal(name));
      signalled = name;
      interrupted.abort(new Error(`interrupted by ${name}`));
    });
  }
  let undelivered: OutputError | undefined;
  // Whoever reads our output may stop before its end (`hallmark list | head`): that is no error of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') undelivered ??= new OutputError('standard output', error);
  });
  // When even standard error cannot be written to, the exit code alone must tell.
  stderr.on('error', () => undefined);
  const writeErr = (text: string): void => {
    try {
      stderr.write(text);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
    }
  };
  const clear = (): void => {
    if (shown) writeErr('\r\x1b[K');
    shown = false;
  };
  const paint = painter(stderr.isTTY && !plain);
  const askLine = async (question: string): Promise<string | undefined> => {
    clear();
    writeErr(`${visible(question)} `);
    const { createInterface } = await import('node:readline');
    // Line by line as the terminal gives them: in its raw mode, Ctrl-C and Ctrl-D would be mere characters.
    const lines = createInterface({ input: process.stdin, terminal: false, signal: interrupted.signal });
    try {
      for await (const line of lines) return line;
      if (!interrupted.signal.aborted) writeErr('\n');
      return undefined;
    } finally {
      lines.close();
      interrupted.signal.throwIfAborted();
    }
  };
  return {
    version,
    color: stdout.isTTY && !plain,
    columns: columnsFor(stdout),
    // Standard input is opened only to ask: as a stream, it would be half of a short command's start-up.
    // node:tty takes long to load; where standard error is a terminal it is there already.
    interactive: stderr.isTTY && process.getBuiltinModule('node:tty').isatty(0),
    signal: interrupted.signal,
    interruptedBy: () => signalled,
    undelivered: () => undelivered,
    out: (text) => {
      clear();
      try {
        stdout.write(text); // throws where it is a file
      } catch (error) {
        throw new OutputError('standard output', error);
      }
    },
    err: (text) => {
      clear();
      writeErr(text);
    },
    say(kind, text) {
      clear();
      const label = kind === 'hint' ? '  ' : 'hallmark: ';
      // Whoever reads it line by line from a pipe gets one line.
      const line = stderr.isTTY
        ? fill(visible(text), columnsFor(stderr), label, '  ')
        : `${label}${visible(text)}`;
      writeErr(`${kind === 'error' ? line.replace('hallmark:', paint('red', 'hallmark:')) : line}\n`);
    },
    progress(what, verbose) {
      clear();
      if (what === undefined) return;
      if (verbose) writeErr(`${what} …\n`);
      else if (stderr.isTTY && !plain) {
        writeErr(paint('dim', `${what} …`));
        shown = true;
      }
    },
    ask: async (question) => /^y(es)?$/i.test(((await askLine(`${question} [y/N]`)) ?? '').trim()),
    askLine,
    async askSecret(question) {
      const { withoutEcho } = await import('./without-echo.js');
      clear();
      try {
        return await withoutEcho(process.stdin, interrupted.signal, () => {
          writeErr(`${visible(question)} `);
        });
      } finally {
        writeErr('\n');
        interrupted.signal.throwIfAborted();
      }
    },
  };
}
