import { type Line, joinLines, offMarker, splitLines } from './lines.js';

/** Interfaces that are brought up by themselves: `auto`, or `allow-hotplug` and its like. */
export interface AutoLine {
  readonly keyword: string;
  readonly names: readonly string[];
  readonly line: number;
}

/** One option of an `iface` stanza. */
export interface InterfaceOption {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** An `iface` stanza. */
export interface InterfaceStanza {
  readonly name: string;
  readonly family: string;
  readonly method: string;
  readonly options: readonly InterfaceOption[];
  readonly line: number;
}

/** `source` (a pattern of files) or `source-directory`. */
interface SourceLine {
  readonly keyword: 'source' | 'source-directory';
  readonly pattern: string;
  readonly line: number;
}

/** What one file of interfaces(5) says. Line numbers count from 1. */
export interface InterfacesFile {
  readonly autos: readonly AutoLine[];
  readonly stanzas: readonly InterfaceStanza[];
  readonly sources: readonly SourceLine[];
}

/** A statement: one line, or several joined by a backslash at the end. */
interface Statement {
  readonly words: readonly string[];
  readonly text: string;
  /** Counted from 1. */
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a file of interfaces(5). A statement may go on over lines that end in a backslash; an option belongs to
 * the stanza above it. Unknown lines are skipped: ifup would refuse the file, but that is not checked here.
 */
export function parseInterfaces(text: string): InterfacesFile {
  const autos: AutoLine[] = [];
  const stanzas: (InterfaceStanza & { options: InterfaceOption[] })[] = [];
  const sources: SourceLine[] = [];
  let stanza: { options: InterfaceOption[] } | undefined;
  for (const { words, text: statement, first } of statements(splitLines(text))) {
    const [keyword = '', ...rest] = words;
    if (opensAnother(keyword)) stanza = undefined;
    if (isAuto(keyword)) {
      autos.push({ keyword, names: rest, line: first });
    } else if (keyword === 'iface') {
      const [name = '', family = '', method = ''] = rest;
      const opened = { name, family, method, options: [], line: first };
      stanzas.push(opened);
      stanza = opened;
    } else if (keyword === 'source' || keyword === 'source-directory') {
      sources.push({ keyword, pattern: rest.join(' '), line: first });
    } else if (!opensAnother(keyword)) {
      const value = statement.slice(keyword.length).trim();
      stanza?.options.push({ key: keyword, value, line: first });
    }
  }
  return { autos, stanzas, sources };
}

/**
 * The text in which some interfaces are no longer brought up by themselves: their names leave the `auto` and
 * `allow-*` statements; a statement that would be left with none becomes a comment. All else stays byte for byte.
 */
export function withoutAuto(text: string, names: readonly string[]): string {
  const gone = new Set(names);
  const lines = splitLines(text);
  for (const { words, first, last } of statements(lines)) {
    const [keyword = '', ...listed] = words;
    if (!isAuto(keyword) || !listed.some((name) => gone.has(name))) continue;
    const kept = listed.filter((name) => !gone.has(name));
    const end = lines[last - 1]?.end ?? '\n';
    if (kept.length > 0) {
      lines[first - 1] = { text: [keyword, ...kept].join(' '), end };
      for (let at = first; at < last; at++) lines[at] = { text: '', end: '' };
    } else {
      commentLines(lines, first, last);
    }
  }
  return joinLines(lines);
}

/**
 * The text without some of its `iface` stanzas, which become comments, as do the `auto` and `allow-*` statements of
 * interfaces that are left with no stanza by it. All else stays byte for byte.
 */
export function withoutStanzas(text: string, unwanted: (stanza: InterfaceStanza) => boolean): string {
  const { stanzas } = parseInterfaces(text);
  const gone = stanzas.filter(unwanted);
  const starts = new Set(gone.map(({ line }) => line));
  const lines = splitLines(text);
  let within = false;
  for (const { words, first, last } of statements(lines)) {
    if (opensAnother(words[0] ?? '')) within = starts.has(first);
    if (within) commentLines(lines, first, last);
  }
  const stays = new Set(stanzas.filter((stanza) => !unwanted(stanza)).map(({ name }) => name));
  return withoutAuto(
    joinLines(lines),
    gone.map(({ name }) => name).filter((name) => !stays.has(name)),
  );
}

/** The text with a `source` statement at its end, where a backslash does not make it part of another. */
export function withSource(text: string, pattern: string): string {
  const gap = (text === '' || text.endsWith('\n') ? '' : '\n') + (/\\\r?\n?$/.test(text) ? '\n' : '');
  return `${text}${gap}source ${pattern}\n`;
}

/** The text with the whole statement that starts at a line turned into a comment. All else stays byte for byte. */
export function withoutStatement(text: string, line: number): string {
  const lines = splitLines(text);
  const statement = statements(lines).find(({ first }) => first === line);
  if (statement) commentLines(lines, statement.first, statement.last);
  return joinLines(lines);
}

/** A comment goes on over a backslash as well, so each line of a statement is one of its own, without it. */
function commentLines(lines: Line[], first: number, last: number): void {
  for (let at = first - 1; at < last; at++) {
    const line = lines[at];
    if (line)
      lines[at] = { ...line, text: offMarker + (at < last - 1 ? line.text.replace(/\\$/, '') : line.text) };
  }
}

/** Whether a statement is anything but an option of the stanza above it. */
function opensAnother(keyword: string): boolean {
  const known = ['iface', 'source', 'source-directory', 'mapping'];
  return isAuto(keyword) || known.includes(keyword) || keyword.startsWith('no-');
}

function isAuto(keyword: string): boolean {
  return keyword === 'auto' || keyword.startsWith('allow-');
}

function statements(lines: readonly Line[]): Statement[] {
  const found: Statement[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = at + 1;
    let text = lines[at]?.text.trimStart() ?? '';
    // A backslash joins lines, those of a comment too (interfaces(5)).
    while (text.endsWith('\\') && at + 1 < lines.length) {
      at += 1;
      text = text.slice(0, -1) + (lines[at]?.text ?? '');
    }
    text = text.trim();
    if (text === '' || text.startsWith('#')) continue;
    found.push({ words: text.split(/\s+/), text, first, last: at + 1 });
  }
  return found;
}
