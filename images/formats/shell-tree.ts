/** Where a command stands in its text. */
export interface ShellSpan {
  /** Counted from 1. */
  readonly line: number;
  /** The line of its last character: a command goes on behind a backslash, or inside quotes. */
  readonly last: number;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

/** A stretch of a word. What is not quoted is split at blanks once it is expanded. */
export type ShellPart =
  | { readonly kind: 'text'; readonly value: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** Of `${x:-word}` and `${x:=word}`. */
      readonly fallback: ShellWord | undefined;
      readonly quoted: boolean;
    }
  | { readonly kind: 'command'; readonly body: ShellNode; readonly quoted: boolean }
  /** Arithmetic, `${x%y}` and the like. */
  | { readonly kind: 'unknown'; readonly quoted: boolean };

export type ShellWord = readonly ShellPart[];

export type ShellNode =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly { readonly name: string; readonly value: ShellWord }[];
      readonly words: readonly ShellWord[];
      readonly span: ShellSpan;
    }
  | { readonly kind: 'list'; readonly items: readonly ShellNode[] }
  | { readonly kind: 'and' | 'or'; readonly left: ShellNode; readonly right: ShellNode }
  | { readonly kind: 'pipe'; readonly parts: readonly ShellNode[] }
  | { readonly kind: 'not' | 'subshell' | 'background'; readonly body: ShellNode }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: ShellNode; readonly body: ShellNode }[];
      readonly otherwise: ShellNode | undefined;
    }
  | { readonly kind: 'while' | 'until'; readonly condition: ShellNode; readonly body: ShellNode }
  | {
      readonly kind: 'for';
      readonly name: string;
      /** undefined: over the arguments. */
      readonly words: readonly ShellWord[] | undefined;
      readonly body: ShellNode;
    }
  | {
      readonly kind: 'case';
      readonly word: ShellWord;
      readonly arms: readonly { readonly patterns: readonly ShellWord[]; readonly body: ShellNode }[];
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellNode };

/** A command that a script runs, or may run. */
export interface ShellCommand extends ShellSpan {
  /** With quotes resolved and variables filled in; undefined where only the running shell knows. */
  readonly words: readonly (string | undefined)[];
  /** False when it hangs on something that the script alone does not tell: a condition, or an `exit` before it that does. */
  readonly certain: boolean;
}

/** What a script finds around it. Whatever is left out is not known. */
export interface ShellWorld {
  /** `$1`, `$2` …; all of them. */
  readonly args?: readonly (string | undefined)[];
  /** A variable that the script has not set. */
  readonly variable?: (name: string) => string | undefined;
  /** A file test of test(1): "-x" and a path. */
  readonly fileTest?: (operator: string, path: string) => Promise<boolean | undefined>;
  /** A file that the script reads by `.` or `source`. */
  readonly sourced?: (path: string) => Promise<string | undefined>;
}

/** The text of a word that holds nothing to be expanded; undefined otherwise. */
export function plainText(word: ShellWord | undefined): string | undefined {
  if (!word) return undefined;
  let text = '';
  for (const part of word) {
    if (part.kind !== 'text') return undefined;
    text += part.value;
  }
  return text;
}
