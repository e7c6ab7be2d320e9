import type { GuestPath } from '../image/image.js';
import type { ReadOnlyBind } from '../sandbox/program.js';

/** A program of the guest to be run. */
export interface GuestCommand {
  readonly program: GuestPath;
  readonly args: readonly string[];
  /** `host`: it reaches what the host reaches. None unless given. */
  readonly network?: 'none' | 'host' | undefined;
  /** Exit codes that mean success. */
  readonly good?: readonly number[] | undefined;
  /** A line that means failure, whatever the exit code says. */
  readonly bad?: RegExp | undefined;
}

/**
 * Runs a program to its end. @returns every line that it said
 * @throws {ImageError} code `install-failed` unless its exit code is a good one, or for what it said
 */
export type RunCommand = (command: GuestCommand) => Promise<readonly string[]>;

/** How a guest's package manager installs: what it is to see, and what is to be run, one after the other. */
export interface Installation {
  readonly binds: readonly ReadOnlyBind[];
  /** Files that the programs find, by their path in the guest. */
  readonly files: Readonly<Record<GuestPath, string>>;
  readonly steps: (run: RunCommand) => Promise<void>;
  /** What to do when a dependency is missing, in words. */
  readonly missingHint?: string | undefined;
}

/** To rpm a package whose %post failed is installed, and the exit code is 0: rpm(8). To us it is not. */
export const failedScriptlet = /\bscriptlet failed\b/;

/** Programs that are run one after the other, whatever they say. */
export function inOrder(...commands: readonly GuestCommand[]): Installation['steps'] {
  return async (run) => {
    for (const command of commands) await run(command);
  };
}
