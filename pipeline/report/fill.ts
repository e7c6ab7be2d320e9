import stringWidth from 'fast-string-width';

/** Columns of a text that is not for a terminal: the same everywhere, so that a report is the same everywhere. */
export const plainColumns = 80;

/** Narrower terminals are taken for this wide: below it, hardly a word has room. */
const fewest = 20;
/** Wider ones for this: the eye loses longer lines. */
const most = 160;

/**
 * The columns to write for on a stream.
 * @param columns - of its terminal; undefined when it is not one, and 0 when the terminal does not know
 */
export function columnsFor({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number {
  return isTTY && columns ? Math.min(Math.max(columns, fewest), most) : plainColumns;
}

/** Latin letters and the punctuation of running text: what a report is made of, known without the library's tables. */
const oneColumnEach = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*$/;

/** How many columns of a terminal a text takes: two for a wide character or an emoji, none for a combining mark. */
export function widthOf(text: string): number {
  return oneColumnEach.test(text) ? text.length : stringWidth(text);
}

/**
 * Breaks a text at its spaces into lines of at most `columns`. A word that is longer stays whole, so that a path can
 * still be copied, and every word keeps its bytes: the usual libraries bring text into Unicode's composed form, which
 * makes another name of a file's name. Paragraphs (blank lines) are kept.
 * @param text - or its words, where some have spaces in them (a path, a command)
 * @param first - what stands before the first line
 * @param rest - before every other one; spaces as wide as `first` unless given
 */
export function fill(
  text: string | readonly string[],
  columns: number,
  first = '',
  rest = ' '.repeat(widthOf(first)),
): string {
  const paragraphs = typeof text === 'string' ? text.split(/\n[ \t]*\n/).map(wordsOf) : [text];
  const lines: string[] = [];
  for (const words of paragraphs) {
    if (lines.length > 0) lines.push('');
    lines.push(...fillParagraph(words, columns, lines.length === 0 ? first : rest, rest));
  }
  return lines.join('\n');
}

/** What is between spaces; a command that is quoted in a sentence stays whole, unless it is too long to be one. */
function wordsOf(text: string): string[] {
  if (!/"hallmark |`/.test(text)) return text.split(/[ \t\r\n]+/).filter((word) => word !== '');
  return text.match(/(?:"hallmark [^"\n]{1,80}"|`[^`\n]{1,80}`|[^ \t\r\n])+/g) ?? [];
}

function fillParagraph(words: readonly string[], columns: number, first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  let used = widthOf(first);
  /** Width of what stands before the first word of the line. */
  let start = used;
  for (const word of words) {
    const width = widthOf(word);
    const gap = used > start ? 1 : 0;
    // Alone in its line, a word that is too long stays where it is, unless it has more room in the next one.
    const better = gap === 1 || start > widthOf(rest);
    if (used + gap + width > columns && better) {
      lines.push(line.trimEnd());
      line = rest + word;
      start = widthOf(rest);
      used = start + width;
    } else {
      line += ' '.repeat(gap) + word;
      used += gap + width;
    }
  }
  return [...lines, line.trimEnd()];
}
