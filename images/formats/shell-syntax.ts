import { type ShellNode, type ShellSpan, type ShellWord, plainText } from './shell-tree.js';
import { BrokenSyntax, ShellWords, textPart, wordEnd } from './shell-words.js';

const closers = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);

/**
 * A shell script as its syntax tree (POSIX.1-2017, Shell Command Language, 2.3 to 2.10), with what bash adds and scripts
 * of boots use: `[[`, `((`, `function`, `$'…'`, `<<<`, `&>`. A shell reads and runs one complete command after the other:
 * of a script with an error, everything before the command that has it.
 * @param at - in place of their own, where every command stands: for a text that stands in another
 */
export function parseShell(text: string, at?: ShellSpan): ShellNode {
  return new ShellParser(text, 0, at).script();
}

class ShellParser extends ShellWords {
  script(): ShellNode {
    const items: ShellNode[] = [];
    try {
      for (this.skipLines(); this.at < this.text.length; this.skipLines()) items.push(this.entry());
    } catch (error) {
      if (!(error instanceof BrokenSyntax)) throw error;
    }
    return { kind: 'list', items };
  }

  /** Commands up to a reserved word, `)` or `;;` that ends them, which is left. */
  protected list(): ShellNode {
    this.deepen();
    const items: ShellNode[] = [];
    for (this.skipLines(); !this.atEndOfList(); this.skipLines()) items.push(this.entry());
    this.depth -= 1;
    return { kind: 'list', items };
  }

  protected nested(text: string, place: ShellSpan): ShellNode {
    return new ShellParser(text, this.depth, place).script();
  }

  protected nestedWord(text: string): ShellWord {
    return new ShellParser(text, this.depth, this.place).whole();
  }

  private atEndOfList(): boolean {
    return this.at >= this.text.length || this.is(')') || this.is(';;') || closers.has(this.peekWord());
  }

  /** One and-or list with the `;`, `&` or line end behind it. */
  private entry(): ShellNode {
    let node = this.pipeline();
    for (;;) {
      this.skipBlanks();
      const kind = this.takes('&&') ? 'and' : this.takes('||') ? 'or' : undefined;
      if (!kind) break;
      this.skipLines();
      node = { kind, left: node, right: this.pipeline() };
    }
    if (this.is(';;')) return node;
    if (this.is('&')) {
      this.at += 1;
      return { kind: 'background', body: node };
    }
    if (this.is(';')) this.at += 1;
    else if (this.at < this.text.length && !this.is('\n') && !this.is(')') && !this.atEndOfList())
      throw new BrokenSyntax();
    return node;
  }

  private pipeline(): ShellNode {
    this.skipBlanks();
    let negated = false;
    for (let word = this.peekWord(); word === '!' || word === 'time'; word = this.peekWord()) {
      negated = negated !== (word === '!');
      this.at += word.length;
      this.skipBlanks();
    }
    const parts = [this.command()];
    for (this.skipBlanks(); this.is('|') && !this.is('||'); this.skipBlanks()) {
      this.at += this.is('|&') ? 2 : 1;
      this.skipLines();
      parts.push(this.command());
    }
    const [only, ...more] = parts;
    const node: ShellNode = only && more.length === 0 ? only : { kind: 'pipe', parts };
    return negated ? { kind: 'not', body: node } : node;
  }

  private command(): ShellNode {
    this.skipBlanks();
    const arithmetic = this.is('((') ? this.arithmetic() : undefined;
    if (arithmetic) return arithmetic;
    const node = this.is('(') ? this.subshell() : this.compound(this.peekWord());
    if (!node) return this.simple();
    for (this.skipBlanks(); this.redirection(); this.skipBlanks());
    return node;
  }

  private subshell(): ShellNode {
    this.at += 1;
    const body = this.list();
    this.expect(')');
    return { kind: 'subshell', body };
  }

  private compound(word: string): ShellNode | undefined {
    switch (word) {
      case '{': {
        this.at += 1;
        const body = this.list();
        this.expectWord('}');
        return body;
      }
      case 'if':
        return this.if();
      case 'while':
      case 'until': {
        this.at += word.length;
        const condition = this.list();
        return { kind: word, condition, body: this.loopBody() };
      }
      case 'for':
      case 'select':
        this.at += word.length;
        return this.for();
      case 'case':
        return this.case();
      case 'function': {
        this.at += word.length;
        this.skipBlanks();
        const name = this.takeWordText();
        this.skipBlanks();
        if (this.takes('(')) this.expect(')');
        return this.function(name);
      }
      default:
        if (closers.has(word)) throw new BrokenSyntax();
        return undefined;
    }
  }

  private if(): ShellNode {
    const branches = [];
    for (let word = 'if'; word === 'if' || word === 'elif'; word = this.peekWord()) {
      this.at += word.length;
      const condition = this.list();
      this.expectWord('then');
      branches.push({ condition, body: this.list() });
    }
    let otherwise: ShellNode | undefined;
    if (this.peekWord() === 'else') {
      this.at += 'else'.length;
      otherwise = this.list();
    }
    this.expectWord('fi');
    return { kind: 'if', branches, otherwise };
  }

  private loopBody(): ShellNode {
    this.skipLines();
    this.expectWord('do');
    const body = this.list();
    this.expectWord('done');
    return body;
  }

  private for(): ShellNode {
    this.skipBlanks();
    if (this.is('((')) {
      this.arithmetic();
      this.skipBlanks();
      if (this.is(';')) this.at += 1;
      return { kind: 'for', name: '', words: [[{ kind: 'unknown', quoted: false }]], body: this.loopBody() };
    }
    const name = this.takeWordText();
    this.skipLines();
    let words: ShellWord[] | undefined;
    if (this.peekWord() === 'in') {
      this.at += 'in'.length;
      words = [];
      for (this.skipBlanks(); !this.is('\n') && !this.is(';'); this.skipBlanks()) words.push(this.word());
    }
    this.skipBlanks();
    if (this.is(';') && !this.is(';;')) this.at += 1;
    return { kind: 'for', name, words, body: this.loopBody() };
  }

  private case(): ShellNode {
    this.at += 'case'.length;
    this.skipBlanks();
    const word = this.word();
    this.skipLines();
    this.expectWord('in');
    const arms = [];
    for (this.skipLines(); this.peekWord() !== 'esac'; this.skipLines()) {
      this.takes('(');
      const patterns = [];
      do {
        this.skipBlanks();
        patterns.push(this.word());
        this.skipBlanks();
      } while (this.takes('|'));
      this.expect(')');
      arms.push({ patterns, body: this.list() });
      // bash's `;&` and `;;&` are taken for `;;`.
      if (this.takes(';;')) this.takes('&');
      else if (this.peekWord() !== 'esac') throw new BrokenSyntax();
    }
    this.expectWord('esac');
    return { kind: 'case', word, arms };
  }

  private function(name: string): ShellNode {
    this.skipLines();
    this.deepen();
    const body = this.command();
    this.depth -= 1;
    return { kind: 'function', name, body };
  }

  /** `((…))`; undefined for what is a subshell in a subshell. */
  private arithmetic(): ShellNode | undefined {
    const start = this.at;
    this.skipBalanced('(', ')');
    if (this.text[this.at - 2] !== ')') {
      this.at = start;
      return undefined;
    }
    return { kind: 'simple', assignments: [], words: [[textPart('((')]], span: this.span(start) };
  }

  private simple(): ShellNode {
    const start = this.at;
    let end = start;
    const assignments: { name: string; value: ShellWord }[] = [];
    const words: ShellWord[] = [];
    for (; ; this.skipBlanks()) {
      if (this.redirection()) {
        end = this.at;
        continue;
      }
      const inTest = plainText(words[0]) === '[[' && plainText(words.at(-1)) !== ']]';
      if (inTest) this.skipLines();
      const next = this.text[this.at];
      if (next === undefined) break;
      if (inTest && /[&|<>();]/.test(next)) {
        const operator = /^(?:&&|\|\||.)/.exec(this.text.slice(this.at, this.at + 2))?.[0] ?? next;
        this.at += operator.length;
        words.push([textPart(operator)]);
        continue;
      }
      if (wordEnd.test(next) && !this.isProcess()) break;
      const name = words.length === 0 ? this.assignmentName() : undefined;
      if (name === undefined) words.push(this.word());
      else assignments.push({ name, value: this.value() });
      end = this.at;
      if (words.length === 1 && assignments.length === 0 && this.isFunctionHead()) {
        return this.function(plainText(words[0]) ?? '');
      }
    }
    if (this.at === start) throw new BrokenSyntax();
    return { kind: 'simple', assignments, words, span: this.span(start, end) };
  }

  private isFunctionHead(): boolean {
    const head = /^[ \t]*\([ \t]*\)/.exec(this.text.slice(this.at, this.at + 64))?.[0];
    if (head !== undefined) this.at += head.length;
    return head !== undefined;
  }
}
