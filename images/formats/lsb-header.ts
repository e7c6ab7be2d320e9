/**
 * The comment block with which an init script says what it provides and needs (Linux Standard Base, "Comment
 * conventions for init scripts"), read as leniently as insserv reads it: field names in any case, `-` or `_`
 * between their words, `X-Vendor-` in front of the optional ones, the first occurrence of a field wins.
 */

/** The fields that insserv and chkconfig look at, by the name the standard or Debian gives them. */
export type LsbFieldName =
  | 'Provides'
  | 'Required-Start'
  | 'Required-Stop'
  | 'Should-Start'
  | 'Should-Stop'
  | 'X-Start-Before'
  | 'X-Stop-After'
  | 'Default-Start'
  | 'Default-Stop'
  | 'Short-Description'
  | 'Description'
  | 'X-Interactive';

interface LsbField {
  readonly name: LsbFieldName;
  /** Without the blanks around it; the lines of a continued Description are joined by one blank. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface LsbHeader {
  /** The lines of the BEGIN and END marks, counted from 1. */
  readonly begin: number;
  /** undefined: the block is never closed, which insserv calls broken. */
  readonly end: number | undefined;
  readonly fields: ReadonlyMap<LsbFieldName, LsbField>;
}

/** The values of a new block; Provides and the four fields that insserv insists on. */
export interface NewLsbHeader {
  readonly provides: readonly string[];
  readonly requiredStart: readonly string[];
  readonly requiredStop: readonly string[];
  readonly defaultStart: readonly string[];
  readonly defaultStop: readonly string[];
  readonly shortDescription?: string;
  readonly description?: string;
}

const beginMark = '### BEGIN INIT INFO';
const endMark = '### END INIT INFO';

/** As Debian's skeleton aligns values. */
const valueColumn = 21;

const order: readonly LsbFieldName[] = [
  'Provides',
  'Required-Start',
  'Required-Stop',
  'Should-Start',
  'Should-Stop',
  'X-Start-Before',
  'X-Stop-After',
  'Default-Start',
  'Default-Stop',
  'X-Interactive',
  'Short-Description',
  'Description',
];

/**
 * The block of a script or override file.
 * @param text - the whole file
 * @returns undefined when the file has no BEGIN mark. Never throws.
 */
export function parseLsbHeader(text: string): LsbHeader | undefined {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.includes(beginMark));
  if (begin < 0) return undefined;
  const fields = new Map<LsbFieldName, LsbField>();
  let open: LsbFieldName | undefined;
  for (let at = begin + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.includes(endMark)) return { begin: begin + 1, end: at + 1, fields };
    const field = parseField(line);
    if (field) {
      open = fields.has(field.name) ? undefined : field.name;
      if (open) fields.set(open, { ...field, line: at + 1 });
    } else if (open === 'Description' && isContinuation(line)) {
      extend(fields, line);
    } else {
      open = undefined;
    }
  }
  return { begin: begin + 1, end: undefined, fields };
}

/**
 * The words of a field. insserv stops at two separators in a row (it takes the empty word between them for the
 * end), so what follows a double blank is lost to it; `strict` reads the list that way.
 */
export function lsbWords(value: string | undefined, strict = false): string[] {
  const words = (value ?? '').split(/[ ,;\t]/);
  const empty = strict ? words.indexOf('') : -1;
  return (empty < 0 ? words : words.slice(0, empty)).filter((word) => word !== '');
}

/** The words of one field of a header, as {@link lsbWords} splits them. */
export function lsbFieldWords(header: LsbHeader | undefined, name: LsbFieldName, strict = false): string[] {
  return lsbWords(header?.fields.get(name)?.value, strict);
}

/**
 * The text with one field of its block set, everything else byte for byte as it was. A field that is not there
 * is added where the standard's order has it.
 * @returns undefined when the text has no complete block
 */
export function setLsbField(text: string, name: LsbFieldName, value: string): string | undefined {
  const header = parseLsbHeader(text);
  if (header?.end === undefined) return undefined;
  const lines = text.split('\n');
  const field = header.fields.get(name);
  if (field) {
    const line = lines[field.line - 1] ?? '';
    const head = /^#[ \t]*[^:]*:[ \t]*/.exec(line)?.[0] ?? '';
    const spaced = /[ \t]$/.test(head) ? head : `${head} `;
    lines[field.line - 1] = spaced + value + (line.endsWith('\r') ? '\r' : '');
    lines.splice(field.line, continuationsAfter(lines, field, header.end));
  } else {
    const after = order.slice(0, order.indexOf(name)).findLast((earlier) => header.fields.has(earlier));
    const at = after ? lastLineOf(lines, header, after) : header.begin;
    const carriage = (lines[header.begin - 1] ?? '').endsWith('\r') ? '\r' : '';
    lines.splice(at, 0, printField(name, value) + carriage);
  }
  return lines.join('\n');
}

/**
 * A script with a new block, put after the `#!` line and the comments that follow it; its other bytes are kept.
 * Meant for scripts without a block: one that is there already stays, and would win no more.
 */
export function addLsbHeader(text: string, header: NewLsbHeader): string {
  const lines = text.split('\n');
  let at = 0;
  while (at < lines.length && (lines[at] ?? '').startsWith('#')) at += 1;
  const carriage = (lines[0] ?? '').endsWith('\r') ? '\r' : '';
  const block = printLsbHeader(header)
    .trimEnd()
    .split('\n')
    .map((line) => line + carriage);
  // The last of the comments may be the file's last line, without a newline to keep it apart from the block.
  return [...lines.slice(0, at), ...block, ...(at === lines.length ? [''] : lines.slice(at))].join('\n');
}

/** A block as Debian's skeleton writes it, with a newline at its end: what an override file holds. */
export function printLsbHeader(header: NewLsbHeader): string {
  const lines: [LsbFieldName, string][] = [
    ['Provides', header.provides.join(' ')],
    ['Required-Start', header.requiredStart.join(' ')],
    ['Required-Stop', header.requiredStop.join(' ')],
    ['Default-Start', header.defaultStart.join(' ')],
    ['Default-Stop', header.defaultStop.join(' ')],
  ];
  if (header.shortDescription !== undefined) lines.push(['Short-Description', header.shortDescription]);
  if (header.description !== undefined) lines.push(['Description', header.description]);
  return [beginMark, ...lines.map(([name, value]) => printField(name, value)), endMark, ''].join('\n');
}

function printField(name: LsbFieldName, value: string): string {
  return `# ${name}:`.padEnd(valueColumn) + value;
}

/** Every spelling of a field's name that insserv takes, in lower case with `-` for each run of separators. */
const names: readonly (readonly [RegExp, LsbFieldName])[] = [
  [/^provides$/, 'Provides'],
  [/^required-start$/, 'Required-Start'],
  [/^required-stop$/, 'Required-Stop'],
  [/^(?:x-[a-z0-9-]*)?should-start$/, 'Should-Start'],
  [/^(?:x-[a-z0-9-]*)?should-stop$/, 'Should-Stop'],
  [/^(?:x-[a-z0-9-]*)?start-before$/, 'X-Start-Before'],
  [/^(?:x-[a-z0-9-]*)?stop-after$/, 'X-Stop-After'],
  [/^default-start$/, 'Default-Start'],
  [/^default-stop$/, 'Default-Stop'],
  [/^short-description$/, 'Short-Description'],
  [/^description$/, 'Description'],
  [/^(?:x-[a-z0-9-]*)?interactive$/, 'X-Interactive'],
];

function parseField(line: string): { name: LsbFieldName; value: string } | undefined {
  const match = /^#[ \t]*([A-Za-z0-9_-]{1,80}):(.*)$/s.exec(line);
  if (!match) return undefined;
  const spelling = (match[1] ?? '').toLowerCase().replace(/[-_]+/g, '-');
  const name = names.find(([pattern]) => pattern.test(spelling))?.[1];
  if (!name) return undefined;
  const value = (match[2] ?? '').replace(/^[ \t]+/, '');
  // A list ends at the first character that cannot be printed: a tab, or a carriage return.
  const isProse = name === 'Description' || name === 'Short-Description';
  return { name, value: (isProse ? value : (/^[ -~]*/.exec(value)?.[0] ?? '')).trimEnd() };
}

/** The standard: a line that starts with `#` and a tab, or at least two blanks, goes on with the description. */
function isContinuation(line: string): boolean {
  return /^#(?:\t| {2})/.test(line);
}

function extend(fields: Map<LsbFieldName, LsbField>, line: string): void {
  const field = fields.get('Description');
  if (field) fields.set('Description', { ...field, value: `${field.value} ${line.slice(1).trim()}`.trim() });
}

/** How many lines go on with a Description; none for other fields. */
function continuationsAfter(lines: readonly string[], field: LsbField, end: number): number {
  if (field.name !== 'Description') return 0;
  let count = 0;
  while (field.line + count < end - 1) {
    const line = lines[field.line + count] ?? '';
    if (parseField(line) || !isContinuation(line)) break;
    count += 1;
  }
  return count;
}

/** The line after which a new line does not tear a field apart. */
function lastLineOf(lines: readonly string[], header: LsbHeader, name: LsbFieldName): number {
  const field = header.fields.get(name);
  return field ? field.line + continuationsAfter(lines, field, header.end ?? field.line) : header.begin;
}
