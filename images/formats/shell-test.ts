/** Asks for a file test: "-x" and a path. */
export type FileTest = (operator: string, path: string) => Promise<boolean | undefined>;

type Verdict = boolean | undefined;

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '-eq': (left, right) => left === right,
  '-ne': (left, right) => left !== right,
  '-lt': (left, right) => left < right,
  '-le': (left, right) => left <= right,
  '-gt': (left, right) => left > right,
  '-ge': (left, right) => left >= right,
};

/**
 * What `[ … ]`, `test …` or `[[ … ]]` comes to (POSIX.1-2017, test): of strings and numbers by themselves, of files as
 * `fileTest` says.
 * @param command - the whole command; undefined for a word that is not known
 * @returns undefined when it cannot be told
 */
export async function evaluateTest(
  command: readonly (string | undefined)[],
  fileTest: FileTest | undefined,
): Promise<Verdict> {
  const [name, ...rest] = command;
  const words = name === 'test' ? rest : rest.slice(0, -1);
  return alternatives(words, name === '[[', fileTest);
}

/** `-o` binds less than `-a`; in `[[` they are written `||` and `&&`. */
async function alternatives(
  words: readonly (string | undefined)[],
  isExtended: boolean,
  fileTest: FileTest | undefined,
): Promise<Verdict> {
  // With up to four words, POSIX goes by their number: `[ -o = -o ]` compares two strings.
  const joins = isExtended || words.length > 4;
  const ors = joins ? splitAt(words, isExtended ? '||' : '-o') : [words];
  let some: Verdict = false;
  for (const or of ors) {
    let every: Verdict = true;
    for (const and of joins ? splitAt(or, isExtended ? '&&' : '-a') : [or]) {
      const verdict = await primary(and, isExtended, fileTest);
      if (verdict === false || every === false) every = false;
      else if (verdict === undefined) every = undefined;
    }
    if (every === true || some === true) some = true;
    else if (every === undefined) some = undefined;
  }
  return some;
}

async function primary(
  words: readonly (string | undefined)[],
  isExtended: boolean,
  fileTest: FileTest | undefined,
): Promise<Verdict> {
  const [first, second, third] = words;
  if (first === '!' && words.length > 1) {
    const verdict = await primary(words.slice(1), isExtended, fileTest);
    return verdict === undefined ? undefined : !verdict;
  }
  if (first === '(' || words.length > 3) return undefined;
  if (words.length === 0) return false;
  if (words.length === 1) return first === undefined ? undefined : first !== '';
  if (words.length === 3) return compare(first, second, third, isExtended);
  if (first === '-n') return second === undefined ? undefined : second !== '';
  if (first === '-z') return second === undefined ? undefined : second === '';
  if (first === undefined || second === undefined || !/^-[abcdefghLprsSuwx]$/.test(first)) return undefined;
  // Of no path at all every file test is false.
  return second === '' ? false : fileTest?.(first, second);
}

function compare(
  left: string | undefined,
  operator: string | undefined,
  right: string | undefined,
  isExtended: boolean,
): Verdict {
  if (left === undefined || right === undefined || operator === undefined) return undefined;
  const isEqual = operator === '=' || operator === '==';
  if (isEqual || operator === '!=') {
    if (isExtended && /[*?[]/.test(right)) return undefined;
    return (left === right) === isEqual;
  }
  const [one, other] = [Number(left), Number(right)];
  const isNumber = /^\s*-?\d+\s*$/.test(left) && /^\s*-?\d+\s*$/.test(right);
  return isNumber ? comparisons[operator]?.(one, other) : undefined;
}

function splitAt<T>(words: readonly T[], separator: T): T[][] {
  const parts: T[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}
