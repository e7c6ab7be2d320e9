import type { ShellCommand, ShellNode, ShellSpan, ShellWord, ShellWorld } from './shell-tree.js';
import { parseShell } from './shell-syntax.js';
import { evaluateTest } from './shell-test.js';
import { type Status, type Value, fitsPattern, isAlone, unknown } from './shell-values.js';

/** Commands that are carried out: enough for every script of a boot, and an end for those that were made to have none. */
const maxSteps = 20_000;
const maxDepth = 40;
const maxTurns = 16;

/** What ends the commands of a script, a function or a loop. */
type Leaving = 'exit' | 'return' | 'break' | undefined;

/** One run of a script, in which nothing is executed. */
export class ShellRun {
  readonly commands: ShellCommand[] = [];
  readonly #world: ShellWorld;
  #args: readonly (string | undefined)[] | undefined;
  #variables = new Map<string, Value>();
  readonly #functions = new Map<string, ShellNode>();
  #certain = true;
  /** What ended the commands here for good. */
  #left: Leaving;
  /** How often something was left, for good or perhaps. */
  #exits = 0;
  #returns = 0;
  #breaks = 0;
  #steps = 0;
  #depth = 0;

  constructor(world: ShellWorld) {
    this.#world = world;
    this.#args = world.args;
  }

  async node(node: ShellNode): Promise<Status> {
    if (this.#left) return undefined;
    this.#steps += 1;
    if (this.#steps > maxSteps || this.#depth > maxDepth) {
      this.#left = 'exit';
      return undefined;
    }
    this.#depth += 1;
    const status = await this.#node(node);
    this.#depth -= 1;
    return status;
  }

  async #node(node: ShellNode): Promise<Status> {
    switch (node.kind) {
      case 'simple':
        return this.#simple(node);
      case 'list': {
        let status: Status = true;
        for (const item of node.items) status = await this.node(item);
        return status;
      }
      case 'and':
      case 'or': {
        const left = await this.node(node.left);
        const decided = left === undefined ? undefined : left === (node.kind === 'and');
        if (decided === false) return left;
        const right = await this.#perhaps(decided, () => this.node(node.right));
        return decided === true || left === right ? right : undefined;
      }
      case 'not': {
        const status = await this.node(node.body);
        return status === undefined ? undefined : !status;
      }
      case 'pipe': {
        let status: Status;
        for (const part of node.parts) status = await this.#apart(part);
        return status;
      }
      case 'subshell':
        return this.#apart(node.body);
      case 'background':
        await this.#apart(node.body);
        return true;
      case 'if':
        return this.#if(node);
      case 'while':
      case 'until':
        return this.#while(node);
      case 'for':
        return this.#for(node);
      case 'case':
        return this.#case(node);
      case 'function':
        this.#functions.set(node.name, node.body);
        return true;
    }
  }

  /** Runs what is run for certain (true), perhaps (undefined) or never (false). */
  async #perhaps<T>(decided: boolean | undefined, run: () => Promise<T>): Promise<T | undefined> {
    if (decided === false || this.#left) return undefined;
    if (decided) return run();
    const [certain, leaves] = [this.#certain, this.#exits + this.#returns + this.#breaks];
    this.#certain = false;
    const result = await run();
    this.#left = undefined;
    this.#certain = certain && leaves === this.#exits + this.#returns + this.#breaks;
    return result;
  }

  /** Runs in a shell of its own: neither its `exit` nor its variables count outside. */
  async #apart(body: ShellNode): Promise<Status> {
    const [variables, exits, certain] = [new Map(this.#variables), this.#exits, this.#certain];
    const status = await this.node(body);
    this.#variables = variables;
    this.#left = undefined;
    this.#exits = exits;
    this.#certain = certain;
    return status;
  }

  async #if({ branches, otherwise }: ShellNode & { kind: 'if' }): Promise<Status> {
    const ways: (() => Promise<Status>)[] = [];
    for (const { condition, body } of branches) {
      const status =
        ways.length === 0
          ? await this.node(condition)
          : await this.#perhaps(undefined, () => this.node(condition));
      if (this.#left) return undefined;
      if (status === false) continue;
      ways.push(() => this.node(body));
      if (status === true) return this.#oneOf(ways, true);
    }
    if (otherwise) ways.push(() => this.node(otherwise));
    return this.#oneOf(ways, otherwise !== undefined);
  }

  /** Runs the ways of which one is taken; `exhaustive` when there is no other. */
  async #oneOf(ways: readonly (() => Promise<Status>)[], exhaustive: boolean): Promise<Status> {
    const [only] = ways;
    if (ways.length === 1 && exhaustive) return only?.();
    const leaving: Leaving[] = [];
    for (const way of ways) {
      await this.#perhaps(undefined, async () => {
        const status = await way();
        leaving.push(this.#left);
        return status;
      });
    }
    if (exhaustive && leaving.length > 0 && leaving.every(Boolean)) this.#left = leaving[0];
    return undefined;
  }

  async #while({ kind, condition, body }: ShellNode & { kind: 'while' | 'until' }): Promise<Status> {
    const status = await this.node(condition);
    const turns = status === undefined ? undefined : status === (kind === 'while');
    if (turns === false || this.#left) return true;
    const [breaks, left, certain] = [this.#breaks, this.#exits + this.#returns, this.#certain];
    await this.#perhaps(turns, () => this.node(body));
    this.#broken();
    this.#certain = certain && left === this.#exits + this.#returns;
    // What goes round for ever is not passed.
    if (turns === true && breaks === this.#breaks && left === this.#exits + this.#returns)
      this.#left ??= 'exit';
    return undefined;
  }

  async #for({ name, words, body }: ShellNode & { kind: 'for' }): Promise<Status> {
    const values: Value[] = [];
    if (words) for (const word of words) values.push(...(await this.#fields(word)));
    else for (const value of this.#args ?? [undefined]) values.push({ value, sure: value !== undefined });
    const [left, certain] = [this.#exits + this.#returns, this.#certain];
    for (const value of values.slice(0, maxTurns)) {
      // A pattern, or what is not known, may be any number of words.
      const isOne = value.value !== undefined && !/[*?[]/.test(value.value);
      this.#variables.set(name, isOne ? value : unknown);
      await this.#perhaps(isOne ? true : undefined, () => this.node(body));
      if (this.#broken()) break;
      if (this.#left) return undefined;
    }
    this.#certain = certain && left === this.#exits + this.#returns;
    return undefined;
  }

  /** A `break` ends its loop, and nothing outside of it. */
  #broken(): boolean {
    const broken = this.#left === 'break';
    if (broken) this.#left = undefined;
    return broken;
  }

  async #case({ word, arms }: ShellNode & { kind: 'case' }): Promise<Status> {
    const subject = await this.#joined(word);
    const ways: (() => Promise<Status>)[] = [];
    for (const { patterns, body } of arms) {
      const fits: Status[] = [];
      for (const pattern of patterns) fits.push(fitsPattern(await this.#joined(pattern), subject));
      if (fits.every((fit) => fit === false)) continue;
      ways.push(() => this.node(body));
      if (fits.includes(true)) return this.#oneOf(ways, true);
    }
    return ways.length === 0 ? true : this.#oneOf(ways, false);
  }

  async #simple({ assignments, words, span }: ShellNode & { kind: 'simple' }): Promise<Status> {
    const fields: Value[] = [];
    for (const word of words) fields.push(...(await this.#fields(word)));
    const before = new Map(this.#variables);
    for (const { name, value } of assignments) this.#assign(name, await this.#joined(value));
    if (fields.length === 0) return assignments.length > 0 ? true : undefined;
    const status = await this.#command(fields, span);
    // In front of a command they last for it alone.
    if (assignments.length > 0) this.#variables = before;
    return status;
  }

  async #command(fields: readonly Value[], span: ShellSpan): Promise<Status> {
    const args = fields.slice(1).map(({ value }) => value);
    const name = fields[0]?.value;
    const body = name === undefined ? undefined : this.#functions.get(name);
    if (body) return this.#call(body, args);
    this.commands.push({ words: fields.map(({ value }) => value), certain: this.#certain, ...span });
    switch (name ?? '') {
      case 'true':
      case ':':
        return true;
      case 'false':
        return false;
      case '[':
      case '[[':
      case 'test':
        return evaluateTest(
          fields.map(({ value, sure }) => (sure ? value : undefined)),
          this.#world.fileTest,
        );
      case 'exit':
        this.#leave('exit');
        return undefined;
      case 'return':
        this.#leave('return');
        return undefined;
      case 'break':
        this.#leave('break');
        return undefined;
      case 'exec':
        if (args.length > 0) this.#leave('exit');
        return true;
      case 'eval':
        return args.includes(undefined) ? undefined : this.node(parseShell(args.join(' '), span));
      case '.':
      case 'source':
        return this.#source(args[0]);
      case 'export':
      case 'readonly':
      case 'local':
      case 'declare':
      case 'typeset':
        for (const { value, sure } of fields.slice(1)) {
          const [, variable, text] = /^([A-Za-z_]\w*)=([^]*)$/.exec(value ?? '') ?? [];
          if (variable !== undefined) this.#assign(variable, { value: text, sure });
        }
        return true;
      case 'unset':
        for (const variable of args)
          if (variable !== undefined) this.#assign(variable, { value: '', sure: true });
        return true;
      case 'read':
        for (const variable of args) if (variable !== undefined) this.#variables.set(variable, unknown);
        return undefined;
      case 'set':
        if (args[0] !== undefined && !/^[-+]./.test(args[0])) this.#args = args;
        else if (args[0] === '--') this.#args = args.slice(1);
        return true;
      case 'shift':
        this.#args = this.#certain ? this.#args?.slice(Number(args[0] ?? 1) || 1) : undefined;
        return undefined;
      default:
        return undefined;
    }
  }

  async #call(body: ShellNode, args: readonly (string | undefined)[]): Promise<Status> {
    const [outer, returns, certain, exits] = [this.#args, this.#returns, this.#certain, this.#exits];
    this.#args = args;
    const status = await this.node(body);
    this.#args = outer;
    this.#returned(returns, certain && exits === this.#exits);
    return status;
  }

  async #source(path: string | undefined): Promise<Status> {
    const text = path === undefined ? undefined : await this.#world.sourced?.(path);
    if (text === undefined) return undefined;
    const [returns, certain, exits] = [this.#returns, this.#certain, this.#exits];
    await this.node(parseShell(text));
    this.#returned(returns, certain && exits === this.#exits);
    return undefined;
  }

  /** A `return` ends a function or a file that is read, and nothing outside of it. */
  #returned(returns: number, certain: boolean): void {
    this.#returns = returns;
    this.#certain = certain;
    if (this.#left === 'return') this.#left = undefined;
  }

  #leave(how: Exclude<Leaving, undefined>): void {
    this.#left = how;
    if (how === 'exit') this.#exits += 1;
    else if (how === 'return') this.#returns += 1;
    else this.#breaks += 1;
  }

  /** What is perhaps assigned leaves a value that was there, and makes it unsure. */
  #assign(name: string, value: Value): void {
    const known = this.#variables.get(name);
    if (this.#certain) this.#variables.set(name, value);
    else this.#variables.set(name, { value: known?.value || value.value, sure: false });
  }

  async #joined(word: ShellWord): Promise<Value> {
    const fields = await this.#fields(word.map((part) => ({ ...part, quoted: true })));
    return fields[0] ?? { value: '', sure: true };
  }

  /** What a word is expanded to: unquoted, a variable may be several words, or none. */
  async #fields(word: ShellWord): Promise<Value[]> {
    const fields: Value[] = [];
    let open: Value | undefined;
    const append = (text: string | undefined, sure: boolean): void => {
      const value = open?.value === undefined && open ? undefined : text && `${open?.value ?? ''}${text}`;
      open = { value: text === '' ? (open ? open.value : '') : value, sure: sure && (open?.sure ?? true) };
    };
    const close = (): void => {
      if (open) fields.push(open);
      open = undefined;
    };
    for (const part of word) {
      if (part.kind === 'text') append(part.value, true);
      else if (
        part.kind === 'variable' &&
        /^[@*]$/.test(part.name) &&
        this.#args &&
        (isAlone(word) || !part.quoted)
      ) {
        for (const value of this.#args) {
          append(value, value !== undefined);
          close();
        }
      } else {
        const { value, sure } = await this.#expansion(part);
        if (part.quoted || value === undefined) append(value, sure);
        else {
          for (const [at, piece] of value.split(/[ \t\n]+/).entries()) {
            if (at > 0) close();
            if (piece !== '') append(piece, sure);
          }
        }
      }
    }
    close();
    return fields;
  }

  async #expansion(part: ShellWord[number]): Promise<Value> {
    if (part.kind === 'command') await this.#apart(part.body);
    if (part.kind !== 'variable') return unknown;
    const { name, fallback } = part;
    const found = /^\d$/.test(name) && name !== '0' ? this.#argument(Number(name)) : this.#variable(name);
    if (!fallback || (found.sure && found.value !== '')) return found;
    const other = await this.#joined(fallback);
    return found.sure ? other : { value: found.value ?? other.value, sure: false };
  }

  #argument(number: number): Value {
    if (!this.#args) return unknown;
    if (number > this.#args.length) return { value: '', sure: true };
    const value = this.#args[number - 1];
    return { value, sure: value !== undefined };
  }

  #variable(name: string): Value {
    const value = this.#variables.get(name);
    if (value) return value;
    const outside = this.#world.variable?.(name);
    return outside === undefined ? unknown : { value: outside, sure: true };
  }
}
