import { joinLines, splitLines } from './lines.js';

/**
 * The words of a kernel command line as systemd and the kernel take it apart: quotes of either kind keep blanks
 * together and are taken off, a backslash is a character like any other (systemd, basic/proc-cmdline.c; Linux,
 * lib/cmdline.c `next_arg`).
 */
export function wordsOfCommandLine(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const char of text) {
    if (quote !== undefined) {
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
  if (word !== undefined) words.push(word);
  return words;
}

/** Files that boot entries are made from: the next kernel, or a person, makes the entries anew from them. */
export type EntrySource =
  /** Shell variables: `GRUB_CMDLINE_LINUX="…"` of /etc/default/grub, `EXTLINUX_PARAMETERS="…"`. */
  | 'variables'
  /** Debian's `# kopt=root=…` in GRUB Legacy's menu.lst. */
  | 'legacy-comments'
  /** /etc/kernel/cmdline: the whole file. */
  | 'plain';

/** What stands before the words. What is meant for recovery entries alone stays as it is. */
const starts: Readonly<Record<EntrySource, RegExp>> = {
  variables:
    /^\s*(?:export\s+)?(?:GRUB_CMDLINE_LINUX(?:_DEFAULT|_XEN_REPLACE|_XEN_REPLACE_DEFAULT)?|(?:EXTLINUX|U_BOOT)_PARAMETERS|DEFAULT_APPEND)\s*\+?=/,
  'legacy-comments': /^#\s*(?:def|k|xenk)opt(?:ions|s)?=/,
  plain: /^(?!\s*#)/,
};

/** A command line in a file that entries are made from. */
export interface CommandLine {
  readonly words: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** Every command line in a file that entries are made from. Of variables in it only what is written out. */
export function commandLines(text: string, source: EntrySource): CommandLine[] {
  return splitLines(text).flatMap(({ text: line }, at) => {
    const start = starts[source].exec(line);
    if (!start) return [];
    const words = line
      .slice(start[0].length)
      .split(/[\s"']+/)
      .filter(Boolean);
    return words.length > 0 ? [{ words, line: at + 1 }] : [];
  });
}

/** The text of a file that entries are made from, without some words; everything else stays byte for byte. */
export function withoutSourceWords(
  text: string,
  source: EntrySource,
  unwanted: (word: string) => boolean,
): string {
  const lines = splitLines(text).map((line) => {
    const start = starts[source].exec(line.text);
    return start ? { ...line, text: dropWords(line.text, start[0].length, unwanted) } : line;
  });
  return joinLines(lines);
}

/** A command and the blanks behind it, or a variable and its `=`: what no word is dropped from. */
const command = /^\s*(?:set\s+|export\s+)?[\w.-]+(?:\s*=\s*|\s+)/;

/**
 * The text of a boot loader's file without some words in some of its lines; everything else stays byte for byte.
 * @param lines - counted from 1: those of commands (`linux /vmlinuz …`, `options …`) and of variables
 * @param isBlock - for GRUB's environment block, which keeps its size: the room becomes padding at its end, as
 *   grub-editenv(1) leaves it
 */
export function withoutWords(
  text: string,
  lines: ReadonlySet<number>,
  unwanted: (word: string) => boolean,
  isBlock = false,
): string {
  let freed = 0;
  const edited = splitLines(text).map((line, at) => {
    const start = lines.has(at + 1) ? command.exec(line.text) : undefined;
    if (!start) return line;
    const kept = dropWords(line.text, start[0].length, unwanted);
    freed += Buffer.byteLength(line.text) - Buffer.byteLength(kept);
    return { ...line, text: kept };
  });
  return joinLines(edited) + (isBlock ? '#'.repeat(freed) : '');
}

/** Drops words of a line from a place on, each with the blanks before it (or after it, behind a quote). */
function dropWords(line: string, from: number, unwanted: (word: string) => boolean): string {
  const kept: string[] = [];
  let skipBlanks = false;
  for (const piece of line.slice(from).match(/\s+|["']|[^\s"']+/g) ?? []) {
    const isBlank = piece.trim() === '';
    if (isBlank && skipBlanks) {
      skipBlanks = false;
    } else if (!isBlank && unwanted(piece)) {
      skipBlanks = kept.at(-1)?.trim() !== '';
      if (!skipBlanks) kept.pop();
    } else {
      kept.push(piece);
      skipBlanks = false;
    }
  }
  return line.slice(0, from) + kept.join('');
}
