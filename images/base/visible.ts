/**
 * Names and contents of an image are written by strangers. Whatever format they go into, they first become
 * visible: no character of theirs may move a cursor, reorder a line or vanish.
 */

/**
 * Control and format characters (escape sequences, bidirectional overrides, zero-width and tag characters), lone
 * surrogates, private use, line and paragraph separators, non-characters: all that a reader cannot see or a
 * terminal would obey.
 */
export const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of plain text: everything unseen spelled out, as `\n`, `\x1b` or `\u202e`. */
export function visible(text: string): string {
  return text.replace(unseen, spell);
}

/** The lines of a text, each made visible; tabs stay, since they only indent. */
export function visibleLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) =>
    line.replace(unseen, (character) => (character === '\t' ? character : spell(character))),
  );
}

function spell(character: string): string {
  const known = named[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  // A byte that was not UTF-8 was decoded to U+DC00 + byte: show the byte.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
