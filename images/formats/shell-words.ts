import { type ShellNode, type ShellPart, type ShellSpan, type ShellWord } from './shell-tree.js';

/** Constructs inside each other; no script that a person wrote comes near. */
const maxDepth = 60;

/** A carriage return is a character as any other. */
export const wordEnd = /[ \t\n;&|<>()]/;

const assignmentStart = /([A-Za-z_]\w*)\+?=/y;
const redirection = /\d*(?:<<<|<<-|<<|<>|<&|>>|>&|>\||[<>])|&>>?/y;
const variableName = /[A-Za-z_]\w*|[0-9@*#?$!-]/y;
/** Unquoted and up to a blank or an operator: what a reserved word is told by. */
const wordText = /[^ \t\n;&|<>()'"\\$`]*(?=[ \t\n;&|<>()]|$)/y;
/** Characters that stand for themselves. */
const plainRun = /[^ \t\n;&|<>()'"\\$`]+/y;
const quotedRun = /[^"\\$`]+/y;

/** What a shell would not run. */
export class BrokenSyntax extends Error {}

/** Reads the words, expansions and redirections of a shell script; which command they make is for others to say. */
export abstract class ShellWords {
  protected at = 0;
  protected heredocs: { readonly delimiter: string; readonly stripsTabs: boolean }[] = [];
  protected lineStarts: readonly number[] | undefined;

  constructor(
    readonly text: string,
    protected depth: number,
    readonly place: ShellSpan | undefined,
  ) {}

  /** Commands up to what ends them, which is left. */
  protected abstract list(): ShellNode;

  /** The commands of a text that stands in this one. */
  protected abstract nested(text: string, place: ShellSpan): ShellNode;

  /** A text as one word, blanks and all. */
  protected abstract nestedWord(text: string): ShellWord;

  /** All of the text as one word: the default of `${x:-…}`. */
  protected whole(): ShellWord {
    const parts: ShellPart[] = [];
    while (this.at < this.text.length) this.part(parts, false);
    return parts;
  }

  /** `NAME=` or `NAME+=`, which is taken. */
  protected assignmentName(): string | undefined {
    const found = this.match(assignmentStart);
    if (found) this.at += found[0].length;
    return found?.[1];
  }

  /** What a sticky pattern finds here. */
  protected match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  protected value(): ShellWord {
    if (this.is('(')) {
      this.skipBalanced('(', ')');
      return [{ kind: 'unknown', quoted: true }];
    }
    return this.word();
  }

  /** A redirection, with its file name or the here-document that it opens. */
  protected redirection(): boolean {
    const operator = this.match(redirection)?.[0];
    if (operator === undefined) return false;
    if (this.isProcess()) return false;
    this.at += operator.length;
    this.skipBlanks();
    const from = this.at;
    if (operator.endsWith('<<') || operator.endsWith('<<-')) {
      this.word();
      const delimiter = this.text.slice(from, this.at).replace(/['"\\]/g, '');
      this.heredocs.push({ delimiter, stripsTabs: operator.endsWith('-') });
    } else if (this.at < this.text.length && !/[ \t\n;|)]/.test(this.text[this.at] ?? '')) this.word();
    return true;
  }

  protected word(): ShellWord {
    const parts: ShellPart[] = [];
    const start = this.at;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (wordEnd.test(char) && !this.isProcess()) break;
      this.part(parts, false);
    }
    if (this.at === start) throw new BrokenSyntax();
    return parts;
  }

  protected part(parts: ShellPart[], quoted: boolean): void {
    const char = this.text[this.at] ?? '';
    if (char === '\\') {
      const next = this.text[this.at + 1] ?? '';
      this.at += 2;
      if (next !== '\n') add(parts, quoted && !'\\"$`'.includes(next) ? `\\${next}` : next, true);
    } else if (char === "'" && !quoted) {
      add(parts, this.text.slice(this.at + 1, this.endOfSingle(this.at + 1)), true);
      this.at = this.endOfSingle(this.at + 1) + 1;
    } else if (char === '"' && !quoted) {
      this.at += 1;
      add(parts, '', true);
      while (this.text[this.at] !== '"') {
        if (this.at >= this.text.length) throw new BrokenSyntax();
        this.part(parts, true);
      }
      this.at += 1;
    } else if (char === '$') this.expansion(parts, quoted);
    else if (char === '`') this.backquoted(parts, quoted);
    else if (!quoted && /[<>]/.test(char) && this.text[this.at + 1] === '(') {
      this.at += 2;
      parts.push({ kind: 'command', body: this.list(), quoted: true });
      this.expect(')');
    } else {
      const run = this.match(quoted ? quotedRun : plainRun)?.[0] ?? char;
      add(parts, run, quoted);
      this.at += run.length;
    }
  }

  protected expansion(parts: ShellPart[], quoted: boolean): void {
    const next = this.text[this.at + 1] ?? '';
    if (next === "'" && !quoted) {
      const from = this.at + 2;
      this.at += 1;
      this.skipEscaped("'");
      add(parts, this.text.slice(from, this.at - 1), true);
    } else if (next === '"' && !quoted) this.at += 1;
    else if (next === '(' && this.text[this.at + 2] === '(') {
      this.at += 1;
      this.skipBalanced('(', ')');
      parts.push({ kind: 'unknown', quoted });
    } else if (next === '(') {
      this.at += 2;
      parts.push({ kind: 'command', body: this.list(), quoted });
      this.expect(')');
    } else if (next === '{') {
      const from = this.at + 2;
      this.at += 1;
      this.skipBalanced('{', '}');
      parts.push(this.parameter(this.text.slice(from, this.at - 1), quoted));
    } else {
      this.at += 1;
      const name = this.match(variableName)?.[0];
      this.at += name?.length ?? 0;
      if (name === undefined) add(parts, '$', quoted);
      else parts.push({ kind: 'variable', name, fallback: undefined, quoted });
    }
  }

  protected parameter(inside: string, quoted: boolean): ShellPart {
    const found = /^([A-Za-z_]\w*|\d+|[@*])(?::?([-=])([^]*))?$/.exec(inside);
    if (!found) return { kind: 'unknown', quoted };
    const [, name = '', operator, word = ''] = found;
    if (operator === undefined) return { kind: 'variable', name, fallback: undefined, quoted };
    this.deepen();
    const fallback = this.nestedWord(word);
    this.depth -= 1;
    return { kind: 'variable', name, fallback, quoted };
  }

  protected backquoted(parts: ShellPart[], quoted: boolean): void {
    const start = this.at;
    this.skipEscaped('`');
    const inside = this.text.slice(start + 1, this.at - 1).replace(/\\([\\`$])/g, '$1');
    this.deepen();
    parts.push({ kind: 'command', body: this.nested(inside, this.span(start)), quoted });
    this.depth -= 1;
  }

  protected endOfSingle(from: number): number {
    const end = this.text.indexOf("'", from);
    if (end < 0) throw new BrokenSyntax();
    return end;
  }

  /** Steps over a quoting character and up to behind the one that ends it. */
  private skipEscaped(close: string): void {
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const char = this.text[this.at];
      if (char === '\\') this.at += 1;
      else if (char === close) {
        this.at += 1;
        return;
      }
    }
    throw new BrokenSyntax();
  }

  protected deepen(): void {
    this.depth += 1;
    if (this.depth > maxDepth) throw new BrokenSyntax();
  }

  /** Steps over what is in brackets, quotes and all. */
  protected skipBalanced(open: string, close: string): void {
    let depth = 0;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (char === '\\') this.at += 1;
      else if (char === "'" && open === '(') this.at = this.endOfSingle(this.at + 1);
      else if (char === '"') {
        this.skipEscaped('"');
        continue;
      } else if (char === open) depth += 1;
      else if (char === close) depth -= 1;
      this.at += 1;
      if (depth === 0) return;
    }
    throw new BrokenSyntax();
  }

  /** @returns what comes then */
  protected skipBlanks(): string | undefined {
    for (;;) {
      const char = this.text[this.at];
      if (char === ' ' || char === '\t') this.at += 1;
      else if (char === '\\' && this.text[this.at + 1] === '\n') this.at += 2;
      else if (char === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end;
      } else return char;
    }
  }

  /** @returns what comes then */
  protected skipLines(): string | undefined {
    while (this.skipBlanks() === '\n') {
      this.at += 1;
      for (const { delimiter, stripsTabs } of this.heredocs.splice(0))
        this.skipHeredoc(delimiter, stripsTabs);
    }
    return this.text[this.at];
  }

  /** `<(…)`, whose commands are run. */
  protected isProcess(): boolean {
    return (this.is('<') || this.is('>')) && this.text[this.at + 1] === '(';
  }

  private skipHeredoc(delimiter: string, stripsTabs: boolean): void {
    while (this.at < this.text.length) {
      const end = this.text.indexOf('\n', this.at);
      const line = this.text.slice(this.at, end < 0 ? undefined : end);
      this.at = end < 0 ? this.text.length : end + 1;
      if ((stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter) return;
    }
  }

  protected is(operator: string): boolean {
    return this.text.startsWith(operator, this.at);
  }

  protected takes(operator: string): boolean {
    const found = this.is(operator);
    if (found) this.at += operator.length;
    return found;
  }

  protected expect(operator: string): void {
    this.skipLines();
    if (!this.takes(operator)) throw new BrokenSyntax();
  }

  protected expectWord(word: string): void {
    this.skipLines();
    if (this.peekWord() !== word) throw new BrokenSyntax();
    this.at += word.length;
  }

  /** The unquoted text up to the next blank or operator: what a reserved word is told by. */
  protected peekWord(): string {
    return this.match(wordText)?.[0] ?? '';
  }

  protected takeWordText(): string {
    const word = this.peekWord();
    if (word === '') throw new BrokenSyntax();
    this.at += word.length;
    return word;
  }

  protected span(start: number, end = this.at): ShellSpan {
    return (
      this.place ?? { line: this.lineOf(start), last: this.lineOf(Math.max(start, end - 1)), start, end }
    );
  }

  protected lineOf(offset: number): number {
    this.lineStarts ??= [0, ...[...this.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    let [low, high] = [0, this.lineStarts.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

export const textPart = (value: string): ShellPart => ({ kind: 'text', value, quoted: true });

function add(parts: ShellPart[], value: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted)
    parts[parts.length - 1] = { ...last, value: last.value + value };
  else parts.push({ kind: 'text', value, quoted });
}
