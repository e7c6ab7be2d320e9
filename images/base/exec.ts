import { constants, accessSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ImageError } from './errors.js';

export interface ExecOptions {
  readonly cwd?: string | undefined;
  /** Added to the minimal environment: PATH and LC_ALL=C. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  /** The most characters that it may say, on either stream; 100 million unless given. */
  readonly maxOutput?: number | undefined;
  /** The Debian package that has the program, for the hint when it is missing. */
  readonly package?: string | undefined;
}

export interface ExecResult {
  /** 128 + the signal's number when a signal ended it, as a shell has it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that reads bytes and writes bytes. */
export interface Filter {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Ends with the program. @throws {ImageError} code `program-failed`, with the last line it complained */
  readonly done: Promise<void>;
  /** Ends the program now. */
  stop(): void;
}

/** A program that goes on until it ends by itself or is stopped. */
export interface RunningProgram {
  readonly pid: number;
  readonly stdin: Writable;
  /** What it says, on standard output and standard error alike. */
  readonly output: Readable;
  /** Its exit code, as {@link ExecResult} has it; never rejects. */
  readonly ended: Promise<number>;
  isOver(): boolean;
  stop(signal?: NodeJS.Signals): void;
}

/**
 * Runs a program of the host to its end, without a shell. An exit code other than 0 is an answer, not an error.
 * @throws {ImageError} code `missing-tool` when there is no such program, `program-failed` when it could not be run,
 *   took too long or said too much
 */
export async function run(
  program: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { execa } = await import('execa');
  const result = await execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    extendEnv: false,
    env: environment(options),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.maxOutput === undefined ? {} : { maxBuffer: options.maxOutput }),
  });
  options.signal?.throwIfAborted();
  if (isMissing(program, result.code)) throw missing(program, options.package, result.cause);
  if (result.timedOut) {
    throw new ImageError(
      'program-failed',
      `${program} took longer than ${options.timeout ?? 0} ms and was stopped`,
    );
  }
  if (result.isMaxBuffer) {
    throw new ImageError(
      'program-failed',
      `${program} said more than ${options.maxOutput ?? 100_000_000} characters and was stopped`,
    );
  }
  const exitCode = await exitCodeOf(result);
  if (exitCode === undefined) {
    throw new ImageError('program-failed', `${program} could not be run: ${result.code ?? 'unknown cause'}`, {
      cause: result.cause,
    });
  }
  return { exitCode, stdout: result.stdout, stderr: result.stderr };
}

/**
 * Starts a program of the host that filters its standard input.
 * @throws {ImageError} code `missing-tool` when there is no such program
 */
export async function filter(
  program: string,
  args: readonly string[],
  options: Pick<ExecOptions, 'signal' | 'package'> = {},
): Promise<Filter> {
  const { execa } = await import('execa');
  const child = execa(program, args, {
    reject: false,
    extendEnv: false,
    env: environment({}),
    buffer: { stdout: false, stderr: true },
    maxBuffer: { stderr: 64 * 1024 },
    encoding: 'buffer',
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  const done = child.then((result) => {
    if (isMissing(program, result.code)) throw missing(program, options.package, result.cause);
    if (!result.failed) return;
    const complaint = Buffer.from(result.stderr).toString().trim().split('\n').at(-1) ?? '';
    throw new ImageError(
      'program-failed',
      `${program} failed: ${complaint || (result.signal ?? `exit ${result.exitCode ?? '?'}`)}`,
    );
  });
  // Whoever awaits `done` gets the error; that nobody has yet must not end the process.
  done.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, done, stop: () => child.kill('SIGKILL') };
}

/**
 * Starts a program of the host that goes on beside us.
 * @throws {ImageError} code `missing-tool` when there is no such program
 */
export async function start(
  program: string,
  args: readonly string[],
  options: Pick<ExecOptions, 'env' | 'package'> = {},
): Promise<RunningProgram> {
  const { execa } = await import('execa');
  const child = execa(program, args, {
    reject: false,
    extendEnv: false,
    env: environment(options),
    buffer: false,
    all: true,
    stdin: 'pipe',
  });
  const { pid } = child;
  if (pid === undefined) throw missing(program, options.package, (await child).cause);
  // Writing to a program that has ended is not an error: `ended` tells.
  child.stdin.on('error', () => undefined);
  let over = false;
  const ended = child.then(async (result) => {
    over = true;
    return (await exitCodeOf(result)) ?? 255;
  });
  return {
    pid,
    stdin: child.stdin,
    output: child.all,
    ended,
    isOver: () => over || child.exitCode !== null,
    stop: (signal = 'SIGKILL') => {
      child.kill(signal);
    },
  };
}

async function exitCodeOf(result: {
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
}): Promise<number | undefined> {
  return result.exitCode ?? (result.signal ? 128 + (await signalNumber(result.signal)) : undefined);
}

/** Where programs of the host are looked for. */
function searchPath(): string {
  return process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin';
}

function environment(options: Pick<ExecOptions, 'env'>): Record<string, string> {
  return { PATH: searchPath(), LC_ALL: 'C', ...options.env };
}

function missing(program: string, packageName: string | undefined, cause: unknown): ImageError {
  const hint = packageName === undefined ? `Install ${program}.` : `Install the package ${packageName}.`;
  return new ImageError('missing-tool', `the program ${program} is not installed`, { hint, cause });
}

async function signalNumber(name: NodeJS.Signals): Promise<number> {
  const { constants } = await import('node:os');
  return constants.signals[name];
}

/**
 * Whether there is no such program. Where a folder of the PATH may not be looked into, the system says that this was
 * forbidden, whether the program is there or not (execvp(3)).
 */
function isMissing(program: string, code: string | undefined): boolean {
  return code === 'ENOENT' || (code === 'EACCES' && !program.includes('/') && !isInstalled(program));
}

/** Whether a program is in a folder of the PATH, and may be run. */
export function isInstalled(program: string): boolean {
  return searchPath()
    .split(':')
    .some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false; // not there, or not ours to run: the next folder may have it
      }
    });
}
