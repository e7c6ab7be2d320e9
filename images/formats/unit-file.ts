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
  /** Where the key stands, counted from 1. */
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
  let section: string | undefined;
  let pending: { raw: string; value: string; line: number } | undefined;
  let number = 0;
  for (const raw of linesOf(text)) {
    number += 1;
    const trimmed = raw.trim();
    // A comment between continuation lines is skipped, and does not end them.
    if (trimmed.startsWith('#') || trimmed.startsWith(';')) {
      if (pending) pending.raw += raw;
      else pieces.push({ raw });
      continue;
    }
    const body = stripEnd(number === 1 ? raw.replace(/^\ufeff/, '') : raw);
    const continues = endsInBackslash(body);
    const content = continues ? `${body.slice(0, -1)} ` : body;
    pending = pending
      ? { ...pending, raw: pending.raw + raw, value: pending.value + content }
      : { raw, value: content, line: number };
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

/** Adds a finished line to the pieces; gives the section that the next line is in. */
function finish(
  pieces: Piece[],
  { raw, value, line }: { raw: string; value: string; line: number },
  section: string | undefined,
): string | undefined {
  const content = value.trim();
  if (content.startsWith('[')) {
    pieces.push({ raw });
    return content.endsWith(']') ? content.slice(1, -1) : undefined;
  }
  const equals = content.indexOf('=');
  if (equals <= 0 || section === undefined) {
    pieces.push({ raw });
    return section;
  }
  const setting = {
    section,
    key: content.slice(0, equals).trimEnd(),
    value: content.slice(equals + 1).trimStart(),
    line,
  };
  pieces.push({ raw, setting });
  return section;
}

/** Lines with their line ends. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(start, next));
    start = next;
  }
  return lines;
}

function stripEnd(line: string): string {
  if (line.endsWith('\r\n')) return line.slice(0, -2);
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}

/** Whether the last character is a backslash that is not itself escaped. */
function endsInBackslash(line: string): boolean {
  let count = 0;
  while (count < line.length && line.charAt(line.length - 1 - count) === '\\') count += 1;
  return count % 2 === 1;
}
