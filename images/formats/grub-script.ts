/**
 * GRUB's shell-like language, as far as a menu needs it (GNU GRUB manual, "Writing full configuration files directly"
 * and "Shell-like scripting"). Only taken apart here; nothing is evaluated.
 */

/** A piece of a word. An unquoted variable is split into words at its blanks when it is expanded. */
type GrubPart =
  | { readonly text: string; readonly quoted: boolean }
  | { readonly variable: string; readonly quoted: boolean };

export type GrubWord = readonly GrubPart[];

export interface GrubCommand {
  /** Counted from 1. */
  readonly line: number;
  /** Empty for an `if`. */
  readonly words: readonly GrubWord[];
  /** What stands in braces after the words: of a menuentry, a submenu, a function. */
  readonly body?: readonly GrubCommand[] | undefined;
  /** Of an `if`: each test with what follows when it holds; `else` is a test without commands. */
  readonly branches?: readonly GrubBranch[] | undefined;
}

interface GrubBranch {
  readonly test: readonly GrubCommand[];
  readonly body: readonly GrubCommand[];
}

type Token =
  | {
      readonly kind: 'word';
      readonly word: GrubWord;
      readonly line: number;
      readonly plain: string | undefined;
    }
  | { readonly kind: 'end'; readonly line: number };

/** Blocks within blocks; what is deeper is taken for part of the block around it. */
const maxDepth = 30;

/** The commands of a grub.cfg. Never throws: what is not closed ends with the text. */
export function parseGrubScript(text: string): GrubCommand[] {
  return new Parser(tokensOf(text)).block(new Set(), 0);
}

class Parser {
  #at = 0;

  constructor(readonly tokens: readonly Token[]) {}

  /** Commands up to one that starts with a closing word, which is not consumed. */
  block(closing: ReadonlySet<string>, depth: number): GrubCommand[] {
    const commands: GrubCommand[] = [];
    for (;;) {
      while (this.#peek()?.kind === 'end') this.#at += 1;
      const first = this.#peek();
      if (first?.kind !== 'word') return commands;
      if (first.plain !== undefined && closing.has(first.plain)) return commands;
      const deeper = depth < maxDepth;
      if (first.plain === 'if' && deeper) commands.push(this.#conditional(first.line, depth));
      else if ((first.plain === 'for' || first.plain === 'while' || first.plain === 'until') && deeper)
        this.#skipLoop(depth);
      else commands.push(this.#simple(deeper ? depth : undefined));
    }
  }

  #conditional(line: number, depth: number): GrubCommand {
    const branches: GrubBranch[] = [];
    this.#at += 1;
    for (let more = true; more;) {
      const test = this.block(new Set(['then']), depth + 1);
      this.#at += 1;
      const body = this.block(new Set(['elif', 'else', 'fi']), depth + 1);
      branches.push({ test, body });
      const closing = this.#plain();
      this.#at += 1;
      if (closing === 'else') {
        branches.push({ test: [], body: this.block(new Set(['fi']), depth + 1) });
        this.#at += 1;
      }
      more = closing === 'elif';
    }
    return { line, words: [], branches };
  }

  /** What a loop does is not followed: none that makes a menu is known. */
  #skipLoop(depth: number): void {
    this.#at += 1;
    this.block(new Set(['do']), depth + 1);
    this.#at += 1;
    this.block(new Set(['done']), depth + 1);
    this.#at += 1;
  }

  #simple(depth: number | undefined): GrubCommand {
    const words: GrubWord[] = [];
    const line = this.#peek()?.line ?? 1;
    for (let token = this.#peek(); token?.kind === 'word'; token = this.#peek()) {
      this.#at += 1;
      if (token.plain === '{' && words.length > 0 && depth !== undefined) {
        const body = this.block(new Set(['}']), depth + 1);
        this.#at += 1;
        return { line, words, body };
      }
      words.push(token.word);
    }
    return { line, words };
  }

  #peek(): Token | undefined {
    return this.tokens[this.#at];
  }

  #plain(): string | undefined {
    const token = this.#peek();
    return token?.kind === 'word' ? token.plain : undefined;
  }
}

const variable = /\$(?:\{(\w+)\}|(\w+|[?#*@]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let [at, line] = [0, 1];
  let parts: GrubPart[] = [];
  let started = 0;
  const add = (part: GrubPart): void => {
    if (parts.length === 0) started = line;
    const last = parts.at(-1);
    if (last && 'text' in last && 'text' in part && last.quoted === part.quoted)
      parts[parts.length - 1] = { text: last.text + part.text, quoted: part.quoted };
    else parts.push(part);
  };
  const finish = (): void => {
    const [only, ...others] = parts;
    const plain = only && others.length === 0 && 'text' in only && !only.quoted ? only.text : undefined;
    if (parts.length > 0) tokens.push({ kind: 'word', word: parts, line: started, plain });
    parts = [];
  };
  /** A variable at this place, or the `$` itself. */
  const expand = (quoted: boolean): void => {
    variable.lastIndex = at;
    const found = variable.exec(text);
    if (found) add({ variable: found[1] ?? found[2] ?? '', quoted });
    else add({ text: '$', quoted });
    at += found ? found[0].length : 1;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '\n' || char === ';' || char === '|' || char === '&') {
      finish();
      tokens.push({ kind: 'end', line });
      if (char === '\n') line += 1;
      at += 1;
    } else if (char === ' ' || char === '\t' || char === '\r') {
      finish();
      at += 1;
    } else if (char === '#' && parts.length === 0) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if ((char === '{' || char === '}') && parts.length === 0) {
      add({ text: char, quoted: false });
      finish();
      at += 1;
    } else if (char === '\\') {
      const next = text.charAt(at + 1);
      if (next === '\n') line += 1;
      else add({ text: next, quoted: true });
      at += 2;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      const inner = text.slice(at + 1, end < 0 ? text.length : end);
      add({ text: inner, quoted: true });
      line += inner.split('\n').length - 1;
      at = end < 0 ? text.length : end + 1;
    } else if (char === '"') {
      at += 1;
      add({ text: '', quoted: true });
      while (at < text.length && text.charAt(at) !== '"') {
        const inner = text.charAt(at);
        if (inner === '$') {
          expand(true);
          continue;
        }
        const escaped = inner === '\\' && /["\\$\n]/.test(text.charAt(at + 1));
        const literal = escaped ? text.charAt(at + 1) : inner;
        if (literal === '\n') line += 1;
        if (!(escaped && literal === '\n')) add({ text: literal, quoted: true });
        at += escaped ? 2 : 1;
      }
      at += 1;
    } else if (char === '$') {
      expand(false);
    } else {
      add({ text: char, quoted: false });
      at += 1;
    }
  }
  finish();
  return tokens;
}
