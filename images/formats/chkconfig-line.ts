/** The `# chkconfig:` and `# description:` comments of a Red Hat init script (chkconfig(8), "Runlevel files"). */
export interface ChkconfigLine {
  /** Runlevels in which it starts by default; none for `-`. */
  readonly levels: readonly string[];
  readonly start: number;
  readonly stop: number;
  /** Of the chkconfig line, counted from 1. */
  readonly line: number;
  /** chkconfig refuses a script without one, unless it has an LSB block. */
  readonly description: string | undefined;
}

const pattern =
  /^(#[ \t]*chkconfig:[ \t]*)([0-6]{1,7}|-)([ \t]+)([0-9]{1,2})([ \t]+)([0-9]{1,2})(?=[ \t\r]|$)/;

/**
 * What a script tells chkconfig.
 * @returns undefined when it has no such line, or one that chkconfig could not read. Never throws.
 */
export function parseChkconfigLine(text: string): ChkconfigLine | undefined {
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const match = pattern.exec(line);
    if (!match) continue;
    return {
      levels: match[2] === '-' ? [] : [...new Set(match[2] ?? '')].sort(),
      start: Number(match[4]),
      stop: Number(match[6]),
      line: at + 1,
      description: describe(lines),
    };
  }
  return undefined;
}

/**
 * The text with other priorities in its chkconfig line; everything else byte for byte.
 * @returns undefined when it has no such line
 */
export function setChkconfigPriorities(text: string, start: number, stop: number): string | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => pattern.test(line));
  if (at < 0) return undefined;
  lines[at] = (lines[at] ?? '').replace(
    pattern,
    (_all, head: string, levels: string, gap: string, _start: string, second: string) =>
      `${head}${levels}${gap}${twoDigits(start)}${second}${twoDigits(stop)}`,
  );
  return lines.join('\n');
}

/** A sequence number as links and chkconfig lines write it. */
function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** A description may go on in the next comment line, after a backslash. */
function describe(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^#[ \t]*description:/.test(line));
  if (at < 0) return undefined;
  const parts: string[] = [];
  let rest = (lines[at] ?? '').replace(/^#[ \t]*description:/, '').trim();
  for (let next = at + 1; ; next++) {
    const goesOn = rest.endsWith('\\');
    parts.push((goesOn ? rest.slice(0, -1) : rest).trim());
    const line = lines[next];
    if (!goesOn || !line?.startsWith('#')) return parts.join(' ');
    rest = line.slice(1).trim();
  }
}
