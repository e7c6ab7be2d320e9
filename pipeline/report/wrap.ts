/** Columns of a terminal that nobody has to widen. */
const width = 80;

/**
 * Breaks a text at spaces into lines of at most `columns`; a longer word gets a line of its own, so that a path can
 * still be copied. Paragraphs (blank lines) are kept.
 * @param first - what stands before the first line
 * @param rest - before every other one; spaces as long as `first` unless given
 */
export function wrap(text: string, first = '', rest = ' '.repeat(first.length), columns = width): string {
  const lines: string[] = [];
  let indent = first;
  for (const paragraph of text.trim().split(/\n[ \t]*\n/)) {
    if (lines.length > 0) lines.push('');
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
        lines.push(indent + line);
        indent = rest;
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push((indent + line).trimEnd());
    indent = rest;
  }
  return lines.join('\n');
}
