/**
 * systemd's unit files (systemd.syntax(7), systemd.unit(5)): a parser that keeps every byte, so that an edited
 * file differs from the original only where it was edited. Pure; no text makes it throw: like systemd, it
 * skips the lines that it does not understand.
 */

/** `Key=value` in a section. */
export interface Setting {
  readonly section: string;
  readonly key: string;
  /** Continuation lines joined by a space, without the space around it. */
  readonly value: string;
  /** Where the key stands, counted from 1 as systemd counts: a lone carriage return ends a line, too. */
  readonly line: number;
}

/** A stretch of the file as it was written: one line, or a setting with its continuation lines. */
interface Piece {
  readonly raw: string;
  readonly setting?: Setting;
}

export interface UnitFile {
  readonly pieces: readonly Piece[];
}

/** Reads a unit file or drop-in. */
export function parseUnitFile(text: string): UnitFile {
  const pieces: Piece[] = [];
  let section: Section;
  let pending: { raw: string; value: string; line: number; isBlank: boolean } | undefined;
  let number = 0;
  let marked = false;
  for (const raw of linesOf(text)) {
    number += 1;
    const trimmed = strip(raw);
    // A comment between continuation lines is skipped, and does not end them.
    if (trimmed.startsWith('#') || trimmed.startsWith(';')) {
      if (pending) pending.raw += raw;
      else pieces.push({ raw });
      continue;
    }
    // One byte order mark is skipped, at the first line that has one.
    const isMarked: boolean = !marked && raw.startsWith('\ufeff');
    marked ||= isMarked;
    const body = withoutEnd(raw.slice(isMarked ? 1 : 0));
    const continues = endsInBackslash(body);
    const content = continues ? `${body.slice(0, -1)} ` : body;
    // What begins with continued lines of nothing begins where there is something.
    pending = {
      raw: (pending?.raw ?? '') + raw,
      value: (pending?.value ?? '') + content,
      line: pending && !pending.isBlank ? pending.line : number,
      isBlank: (pending?.isBlank ?? true) && strip(content) === '',
    };
    if (continues) continue;
    section = finish(pieces, pending, section);
    pending = undefined;
  }
  if (pending) finish(pieces, pending, section);
  return { pieces };
}

/** The inverse of {@link parseUnitFile}. */
export function printUnitFile(file: UnitFile): string {
  return file.pieces.map(({ raw }) => raw).join('');
}

/** Every setting, in the file's order. */
export function settingsOf(file: UnitFile): readonly Setting[] {
  return file.pieces.flatMap(({ setting }) => (setting ? [setting] : []));
}

/**
 * The file without some words of its word lists. A setting that loses its last word goes as a whole: an empty
 * assignment would reset some lists.
 * @param drop - whether a word of that setting is to go
 */
export function withoutWords(file: UnitFile, drop: (setting: Setting, word: string) => boolean): UnitFile {
  const pieces = file.pieces.flatMap((piece): Piece[] => {
    const { setting } = piece;
    if (!setting) return [piece];
    const words = wordsOf(setting.value);
    const kept = words.filter((word) => !drop(setting, word));
    if (kept.length === words.length) return [piece];
    if (kept.length === 0) return [];
    const value = kept.join(' ');
    return [{ raw: `${setting.key}=${value}\n`, setting: { ...setting, value } }];
  });
  return { pieces };
}

/**
 * The words of a list of units or paths: separated by white space, optionally in single or double quotes.
 * Backslashes stay, because they belong to escaped unit names. What follows a quote that is never closed is
 * ignored, as systemd does.
 */
export function wordsOf(value: string): string[] {
  if (!/["'\\]/.test(value)) return value.split(/\s+/).filter((word) => word !== '');
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === '\\' && at + 1 < value.length) {
      at += 1;
      word = (word ?? '') + char + value.charAt(at);
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined && quote === undefined) words.push(word);
  return words;
}

/** A boolean as systemd reads it; undefined for anything else. */
export function booleanOf(value: string): boolean | undefined {
  if (/^(?:1|yes|y|true|t|on)$/i.test(value)) return true;
  return /^(?:0|no|n|false|f|off)$/i.test(value) ? false : undefined;
}

const broken = Symbol('after a broken section header');

/** The section that a line is in; undefined before the first. */
type Section = string | typeof broken | undefined;

/** Adds a finished line to the pieces; gives the section that the next line is in. */
function finish(
  pieces: Piece[],
  { raw, value, line }: { raw: string; value: string; line: number },
  section: Section,
): Section {
  const content = strip(value);
  if (content.startsWith('[')) {
    pieces.push({ raw });
    // systemd reads no further than a broken header.
    return content.endsWith(']') && section !== broken ? content.slice(1, -1) : broken;
  }
  const equals = content.indexOf('=');
  if (equals <= 0 || section === undefined || section === broken) {
    pieces.push({ raw });
    return section;
  }
  const setting = {
    section,
    key: strip(content.slice(0, equals)),
    value: strip(content.slice(equals + 1)),
    line,
  };
  pieces.push({ raw, setting });
  return section;
}

/**
 * Lines with their ends, as systemd's read_line_full() in basic/fileio.c tells them: a line feed, a carriage return,
 * one of each in either order, and a NUL after any of these or alone.
 */
function linesOf(text: string): string[] {
  return text.match(/[^\0\n\r]*(?:(?:\n\r?|\r\n?)\0?|\0)|[^\0\n\r]+$/g) ?? [];
}

/** Without the white space around it that systemd knows: not what Unicode adds, nor a byte order mark. */
function strip(text: string): string {
  // Not both in one array: of every line of every unit it would be made anew.
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 9 || code === 10 || code === 13;

/** The line without what ends it. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && '\0\n\r'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

/** Whether the last character is a backslash that is not itself escaped. */
function endsInBackslash(line: string): boolean {
  let count = 0;
  while (count < line.length && line.charAt(line.length - 1 - count) === '\\') count += 1;
  return count % 2 === 1;
}
