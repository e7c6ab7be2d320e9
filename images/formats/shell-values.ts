import type { ShellWord } from './shell-tree.js';
import { matches } from './wildcard.js';

/** How a command ended, when that is known: zero, or not. */
export type Status = boolean | undefined;

/** A value, and whether it is the only one that it can have there. */
export interface Value {
  readonly value: string | undefined;
  readonly sure: boolean;
}

export const unknown: Value = { value: undefined, sure: false };

/** Whether a value matches a pattern of `case`. */
export function fitsPattern(pattern: Value, subject: Value): Status {
  if (pattern.value === '*') return true;
  if (!pattern.sure || !subject.sure || pattern.value === undefined || subject.value === undefined)
    return undefined;
  return pattern.value === subject.value || matches(pattern.value, subject.value);
}

/** Whether a word is one expansion and nothing else, quoted or not. */
export function isAlone(word: ShellWord): boolean {
  return word.filter((part) => part.kind !== 'text' || part.value !== '').length === 1;
}
