/** The runlevel that init enters after the boot scripts, and the line that says so (inittab(5)). */
export interface InitDefault {
  readonly runlevel: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A line that has init run the scripts of a runlevel: `l2:2:wait:/etc/init.d/rc 2`. */
export interface RcEntry {
  /** In which it is looked at. */
  readonly levels: string;
  readonly action: string;
  /** Whose scripts it runs. */
  readonly runs: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Every entry of an inittab that runs rc with a runlevel, whatever its action. Never throws. */
export function parseRcEntries(text: string): RcEntry[] {
  return text.split('\n').flatMap((line, at): RcEntry[] => {
    const entry = /^[^#:\s][^:]*:([^:]*):([^:]*):(?:\S*\/)?rc[ \t]+(\S+)/.exec(line.trim());
    const [, levels = '', action = '', runs = ''] = entry ?? [];
    return entry ? [{ levels, action, runs, line: at + 1 }] : [];
  });
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
