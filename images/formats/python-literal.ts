const closing = { '{': '}', '[': ']', '(': ')' } as const;

/** A Python string: its prefix, then a quote; what is inside may be escaped (Python reference, 2.4.1). */
const escapes: Readonly<Record<string, string>> = {
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** How deep what contains something may be nested. */
const maximumDepth = 20;

/**
 * Reads what Python's `repr()` prints of dictionaries, lists, strings, numbers, True, False and None.
 * @throws {SyntaxError} when it is anything else
 */
export function parsePythonLiteral(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (!reader.atEnd()) throw reader.unexpected();
  return value;
}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > maximumDepth) throw new SyntaxError(`it is nested deeper than ${maximumDepth} times`);
    this.#skipSpace();
    const next = this.text[this.#at];
    if (next === '{') return this.#dictionary(depth);
    if (next === '[' || next === '(') return this.#items(closing[next], depth);
    const quote = this.#match(/[uUbB]?(['"])/y);
    if (quote) return this.#string(quote[1] ?? '');
    const word = this.#match(/(?:True|False|None)\b/y)?.[0];
    if (word !== undefined) return word === 'None' ? null : word === 'True';
    const number = this.#match(/-?\d[\d.]*(?:[eE][+-]?\d+)?/y)?.[0];
    if (number !== undefined && Number.isFinite(Number(number))) return Number(number);
    throw this.unexpected();
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.text.length;
  }

  unexpected(): SyntaxError {
    const what = this.text[this.#at];
    return new SyntaxError(
      what === undefined ? 'it ends too early' : `${what} at character ${this.#at + 1} is not expected`,
    );
  }

  #dictionary(depth: number): unknown {
    this.#at += 1;
    const entries: [string, unknown][] = [];
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' || !this.#take(':')) throw this.unexpected();
      entries.push([key, this.value(depth + 1)]);
      if (!this.#take(',') && !this.#isNext('}')) throw this.unexpected();
    }
    return Object.fromEntries(entries);
  }

  #items(end: string, depth: number): unknown[] {
    this.#at += 1;
    const items: unknown[] = [];
    while (!this.#take(end)) {
      items.push(this.value(depth + 1));
      if (!this.#take(',') && !this.#isNext(end)) throw this.unexpected();
    }
    return items;
  }

  #string(quote: string): string {
    let text = '';
    for (;;) {
      const plain = this.#match(quote === "'" ? /[^\\']+/y : /[^\\"]+/y)?.[0] ?? '';
      text += plain;
      if (this.text[this.#at] === quote) {
        this.#at += 1;
        return text;
      }
      if (this.text[this.#at] !== '\\') throw this.unexpected();
      const coded = this.#match(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/iy);
      if (coded) {
        const code = Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? '', 16);
        if (code > 0x10ffff) throw this.unexpected();
        text += String.fromCodePoint(code);
        continue;
      }
      const escaped = this.text.slice(this.#at + 1, this.#at + 2);
      text += escapes[escaped] ?? `\\${escaped}`;
      this.#at += 2;
    }
  }

  #take(sign: string): boolean {
    if (!this.#isNext(sign)) return false;
    this.#at += 1;
    return true;
  }

  #isNext(sign: string): boolean {
    this.#skipSpace();
    return this.text[this.#at] === sign;
  }

  #skipSpace(): void {
    this.#match(/\s*/y);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found) this.#at += found[0].length;
    return found;
  }
}
