/** Name and value; undefined where the client wrapped the value, and it is not certain what stood at a break. */
export type TableRow = readonly [string, string | undefined];

/**
 * The rows of a table with two columns, as python-prettytable draws it for the OpenStack clients. A value that the
 * client wrapped is joined again where it is certain what stood at the break: textwrap of Python drops a space there, but
 * drops nothing after a hyphen and inside a word that is too long for the column.
 * @throws {SyntaxError} when it is not such a table
 */
export function parsePrettyTable(text: string): readonly TableRow[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows: [string, string | undefined][] = [];
  let width = 0;
  let piece = '';
  let rules = 0;
  for (const line of lines) {
    if (/^\+-[-+]*\+\s*$/.test(line)) {
      rules += 1;
      continue;
    }
    // Keys have no bar in them, values may.
    const [, name = '', value] = /^\|([^|]*)\|(.*)\|\s*$/s.exec(line) ?? [];
    if (value === undefined) throw new SyntaxError('a line of the table is cut off');
    if (rules === 1) {
      width = value.length - 2;
      if (!headings.test(`${name.trim()}|${value.trim()}`))
        throw new SyntaxError('it is not the table of one image');
      continue;
    }
    const last = rows.at(-1);
    const next = value.slice(1).trimEnd();
    if (name.trim() !== '') rows.push([name.trim(), next]);
    else if (last)
      last[1] = isCertain(piece, next, width) && last[1] !== undefined ? `${last[1]} ${next}` : undefined;
    piece = next;
  }
  if (rules < 3) throw new SyntaxError('the end of the table is missing');
  return rows;
}

/** python-openstackclient; python-glanceclient and python-novaclient. */
const headings = /^(?:Field|Property)\|Value$/;

/** Whether a space stood between two pieces of a value. */
function isCertain(before: string, after: string, width: number): boolean {
  const last = before.slice(before.lastIndexOf(' ') + 1);
  const [first = ''] = after.split(' ', 1);
  const inWord = before.length === width && last.length + first.length > width;
  const atHyphen = /\w-$/.test(last) && /^\w/.test(first);
  return !inWord && !atHyphen;
}
