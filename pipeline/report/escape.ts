import { unseen, visible, visibleLines } from '../../images/base/visible.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of HTML, SVG or XML, in an element or a quoted attribute. Expects text that is {@link visible}. */
export function entitiesFor(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/**
 * Running text of GitHub-flavoured Markdown on one line: no markup, no HTML, no automatic link, and no mention or
 * issue reference (those are made after rendering, so only something between the sign and the name prevents them).
 * Also fit for a table cell.
 */
export function markdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => entities[character] ?? character)
    .replace(/[@#](?=\w)/g, '$&&#8203;')
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}&#46;`)
    .replace(/^(\s*)([-+#=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2');
}

/**
 * A text of a rule, in which backticks enclose commands, file names and lines to write: what is between them and
 * what is not, each by its own means, in order.
 */
export function spans<T>(text: string, plain: (text: string) => T, code: (text: string) => T): T[] {
  return text.split(/`([^`]+)`/).map((part, at) => (at % 2 === 0 ? plain(part) : code(part)));
}

/** The same in Markdown. */
export function markdownRule(text: string): string {
  return spans(text, markdown, markdownCode).join('');
}

/** A code span of Markdown, its fence longer than any run of backticks inside. */
export function markdownCode(text: string): string {
  const inner = visible(text);
  const fence = '`'.repeat(longestRun(inner, '`') + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') || inner.trim() === '' ? ' ' : '';
  return `${fence}${pad}${inner}${pad}${fence}`;
}

/** A code span in a table, whose cells `|` would end even inside code. */
export function markdownCellCode(text: string): string {
  return markdownCode(text).replaceAll('|', '\\|');
}

/** A fenced code block of Markdown, which its content cannot close. */
export function markdownBlock(language: string, text: string): string {
  const body = visibleLines(text).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(body, '`') + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}

function longestRun(text: string, character: string): number {
  let longest = 0;
  let run = 0;
  for (const one of text) {
    run = one === character ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** A word for a POSIX shell; with control characters in it, for one that knows `$'…'` (bash, ksh, POSIX 2024). */
export function shell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const inner = word.replace(/[\\']/g, '\\$&').replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code >= 0xdc80 && code <= 0xdcff ? [code - 0xdc00] : [...Buffer.from(character, 'utf8')];
    // Octal always takes three digits, so no digit after it can join it.
    return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `$'${inner}'`;
}
