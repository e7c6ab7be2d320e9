/** The runlevel that init enters after the boot scripts, and the line that says so (inittab(5)). */
export interface InitDefault {
  readonly runlevel: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The `initdefault` entry of an inittab: `id:2:initdefault:`.
 * @returns undefined when there is none with a runlevel. Never throws.
 */
export function parseInitDefault(text: string): InitDefault | undefined {
  for (const [at, line] of text.split('\n').entries()) {
    const runlevel = /^[^#:\s][^:]*:([0-9Ss]):initdefault(?::|\s*$)/.exec(line.trim())?.[1];
    if (runlevel !== undefined) return { runlevel: runlevel.toUpperCase(), line: at + 1 };
  }
  return undefined;
}
