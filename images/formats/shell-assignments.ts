/** A variable that a file of shell assignments sets (`/etc/default/*`, `/etc/sysconfig/*`, `/etc/rc.conf`). */
export interface Assignment {
  readonly key: string;
  /** With quotes and escapes resolved, as the shell would see it. */
  readonly value: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
  /** False when the value holds an expansion (`$x`, `$(…)`, backquotes): then `value` has it as written. */
  readonly literal: boolean;
  /** Whether it stands in a compound command (`if`, `case`, a function …), so that it may never be executed. */
  readonly conditional: boolean;
  /** Offsets of the value, quotes included, in the text. */
  readonly start: number;
  readonly end: number;
}

/**
 * The assignments of a file that a shell reads, in their order: `KEY=value` alone or after `export` or
 * `readonly`, any number on a line. An assignment in front of a command (`LANG=C sort`) lasts only for that command
 * and is not one of them, except before a special built-in. Grammar: POSIX.1-2017, Shell Command Language, 2.2 (quoting), 2.3 (tokens), 2.9.1
 * (simple commands), 2.14 (special built-ins). Here-documents are not known,
 * nor names in quotes (`export "A=x"`).
 * @returns as much as the shell would have read before an unterminated quote; never throws
 */
export function parseShellAssignments(text: string): readonly Assignment[] {
  return new ShellReader(text).read();
}

/** The last assignment of each key: what the shell is left with. */
export function shellVariables(text: string): ReadonlyMap<string, Assignment> {
  return new Map(parseShellAssignments(text).map((assignment) => [assignment.key, assignment]));
}

/**
 * Sets one variable and keeps every other byte: the value of its last assignment is replaced where it stands, or,
 * when there is none that is always executed, a line is added at the end.
 * @returns the new text; undefined when a shell would not read the file (an unterminated quote, say)
 */
export function setShellAssignment(text: string, key: string, value: string): string | undefined {
  const last = shellVariables(text).get(key);
  const word = quote(value);
  let edited: string;
  if (last && !last.conditional) edited = text.slice(0, last.start) + word + text.slice(last.end);
  else edited = `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${key}=${word}\n`;
  const result = shellVariables(edited).get(key);
  return result?.value === value && result.literal && !result.conditional ? edited : undefined;
}

/** In double quotes, as Debian's and Red Hat's own files have it. */
function quote(value: string): string {
  return `"${value.replace(/[\\"$`]/g, '\\$&')}"`;
}

/** A word of a command. */
interface Word {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly value: string;
  readonly literal: boolean;
}

const assignmentStart = /[A-Za-z_][A-Za-z0-9_]*=/y;
const wordEnds = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const opening = new Set(['if', 'for', 'while', 'until', 'case', '{']);
const closing = new Set(['fi', 'done', 'esac', '}']);
/** Reserved words after which a command begins. */
const leading = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '{', '!']);

/** Commands before which an assignment lasts (POSIX, 2.14). */
const specialBuiltins = new Set(
  'break : continue . eval exec exit export readonly return set shift times trap unset'.split(' '),
);

class ShellReader {
  readonly #text: string;
  readonly #assignments: Assignment[] = [];
  #at = 0;
  #line = 1;
  /** Compound commands that are open here, and parentheses. */
  #depth = 0;
  #parentheses = 0;
  /** The words of the command being read. */
  #command: Word[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly Assignment[] {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      if (char === ' ' || char === '\t') this.#at += 1;
      else if (char === '#') this.#skipComment();
      else if (char === '\\' && this.#text[this.#at + 1] === '\n') this.#skip(2);
      else if (wordEnds.has(char)) this.#operator(char);
      else {
        const word = this.#word();
        if (!word) return this.#assignments; // unterminated: the shell gives up here
        this.#take(word);
      }
    }
    this.#endCommand();
    return this.#assignments;
  }

  /** An operator ends the command, except a redirection, whose file name is just another word of it. */
  #operator(char: string): void {
    if (char === '(') this.#parentheses += 1;
    if (char !== '<' && char !== '>') this.#endCommand();
    // The ")" of a case pattern has no "(".
    if (char === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    this.#skip(1);
  }

  #take(word: Word): void {
    const plain = this.#text.slice(word.start, word.end);
    if (this.#command.length === 0) {
      if (opening.has(plain)) this.#depth += 1;
      if (closing.has(plain)) this.#depth = Math.max(0, this.#depth - 1);
      if (leading.has(plain)) return;
    }
    this.#command.push(word);
  }

  #endCommand(): void {
    const words = this.#command;
    this.#command = [];
    const found = words.map((word) => this.#assignment(word));
    const command = found.indexOf(undefined);
    const word = words[command];
    const name = word && this.#text.slice(word.start, word.end);
    if (name !== undefined && !specialBuiltins.has(name)) return;
    const lasting =
      name === undefined || name === 'export' || name === 'readonly' ? found : found.slice(0, command);
    for (const assignment of lasting) if (assignment) this.#assignments.push(assignment);
  }

  #assignment(word: Word): Assignment | undefined {
    assignmentStart.lastIndex = word.start;
    const name = assignmentStart.exec(this.#text)?.[0];
    if (name === undefined) return undefined;
    return {
      key: name.slice(0, -1),
      value: word.value.slice(name.length),
      line: word.line,
      literal: word.literal,
      conditional: this.#depth + this.#parentheses > 0,
      start: word.start + name.length,
      end: word.end,
    };
  }

  /** @returns undefined when a quote or an expansion does not end */
  #word(): Word | undefined {
    const start = this.#at;
    const line = this.#line;
    const parts: string[] = [];
    let literal = true;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      if (wordEnds.has(char)) break;
      const from = this.#at;
      if (char === "'") {
        if (!this.#skipTo("'")) return undefined;
        parts.push(this.#text.slice(from + 1, this.#at - 1));
      } else if (char === '"') {
        const quoted = this.#doubleQuoted();
        if (!quoted) return undefined;
        parts.push(quoted.value);
        literal &&= quoted.literal;
      } else if (char === '\\') {
        const next = this.#text[this.#at + 1] ?? '\\';
        if (next !== '\n') parts.push(next);
        this.#skip(2);
      } else if (char === '$' || char === '`') {
        if (!this.#skipExpansion()) return undefined;
        parts.push(this.#text.slice(from, this.#at));
        literal &&= this.#at - from === 1;
      } else {
        parts.push(char);
        this.#at += 1;
      }
    }
    return { start, end: this.#at, line, value: parts.join(''), literal };
  }

  #doubleQuoted(): { value: string; literal: boolean } | undefined {
    const parts: string[] = [];
    let literal = true;
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      const from = this.#at;
      if (char === '"') {
        this.#at += 1;
        return { value: parts.join(''), literal };
      }
      if (char === '\\') {
        const next = this.#text[this.#at + 1] ?? '';
        if (next !== '\n') parts.push('\\"$`'.includes(next) ? next : `\\${next}`);
        this.#skip(2);
      } else if (char === '$' || char === '`') {
        if (!this.#skipExpansion()) return undefined;
        parts.push(this.#text.slice(from, this.#at));
        literal &&= this.#at - from === 1;
      } else {
        parts.push(char);
        this.#skip(1);
      }
    }
    return undefined;
  }

  /** Steps over `$x`, `${…}`, `$(…)` or a backquoted command; a lone `$` stands for itself. */
  #skipExpansion(): boolean {
    if (this.#text[this.#at] === '`') return this.#skipTo('`');
    this.#at += 1;
    const open = this.#text[this.#at] ?? '';
    if (/[A-Za-z0-9_@*#?!$-]/.test(open)) {
      this.#at += 1;
      while (/[A-Za-z0-9_]/.test(open) && /[A-Za-z0-9_]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      return true;
    }
    return open === '(' || open === '{' ? this.#skipBalanced(open, open === '(' ? ')' : '}') : true;
  }

  #skipBalanced(open: string, close: string): boolean {
    for (let depth = 0; this.#at < this.#text.length;) {
      const char = this.#text[this.#at] ?? '';
      if (char === '"' || (char === "'" && open === '(')) {
        if (!this.#skipTo(char)) return false;
        continue;
      }
      if (char === open) depth += 1;
      if (char === close) depth -= 1;
      this.#skip(char === '\\' ? 2 : 1);
      if (depth === 0) return true;
    }
    return false;
  }

  /** From an opening quote to behind its end; a backslash escapes in all but single quotes. */
  #skipTo(end: string): boolean {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      this.#skip(char === '\\' && end !== "'" ? 2 : 1);
      if (char === end) return true;
    }
    return false;
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #skip(count: number): void {
    for (let i = 0; i < count && this.#at < this.#text.length; i++) {
      if (this.#text[this.#at] === '\n') this.#line += 1;
      this.#at += 1;
    }
  }
}
