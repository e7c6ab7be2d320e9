/**
 * Text as lines, each with the line end it had: joining them gives the same text again, whatever mixture of
 * line ends it has. What every editor of a configuration file starts from.
 */
export interface Line {
  /** Without its line end. */
  readonly text: string;
  /** `\n`, `\r\n`, or nothing at the end of a file that lacks one. */
  readonly end: string;
}

/** The lines of a text; none for an empty text. */
export function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    if (feed < 0) {
      lines.push({ text: text.slice(start), end: '' });
      break;
    }
    const end = feed > start && text[feed - 1] === '\r' ? feed - 1 : feed;
    lines.push({ text: text.slice(start, end), end: text.slice(end, feed + 1) });
    start = feed + 1;
  }
  return lines;
}

/** The inverse of {@link splitLines}. */
export function joinLines(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join('');
}

/** What stands before a line that a repair turned off, so that a person can tell and put it back. */
export const offMarker = '# off at boot in the golden image: ';

/**
 * The text with some of its lines turned into comments that start with {@link offMarker}. All else stays byte
 * for byte.
 * @param numbers - counted from 1
 */
export function commentOut(text: string, numbers: readonly number[]): string {
  const chosen = new Set(numbers);
  const lines = splitLines(text).map((line, at) =>
    chosen.has(at + 1) ? { ...line, text: offMarker + line.text } : line,
  );
  return joinLines(lines);
}
