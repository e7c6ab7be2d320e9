import type { ErrorCode } from './error-codes.js';

/**
 * Errors, one class for each way the caller reacts, one code for each cause. `message` is one line that says
 * what happened to what; `hint` is the second, that says what to do.
 */
export abstract class HallmarkError extends Error {
  /** The exit code of the command (docs/decisions.md#exit-codes). */
  abstract readonly exitCode: number;
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The command line, a configuration file or a place to write to is wrong; nothing was changed. */
export class UsageError extends HallmarkError {
  readonly exitCode = 2;
}

/** The image (or part of it) could not be judged: unreadable, unsupported or corrupt, or a tool is missing. */
export class ImageError extends HallmarkError {
  readonly exitCode = 3;
}

/** A repair failed or was not verified; the message says what state the image is in. */
export class RepairError extends HallmarkError {
  readonly exitCode = 4;
}

/** The `code` of a Node.js system error (`ENOENT` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
