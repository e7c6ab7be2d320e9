/** What one place of a pattern accepts: any run of characters, or one character. */
type PatternPiece = 'any' | ((character: string) => boolean);

/**
 * Whether a file name matches a shell pattern: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a character that is
 * meant literally (glob(7)). A leading dot is only matched by a dot. Time is at most the product of the two
 * lengths, whatever the pattern.
 */
export function matches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const pieces = compile(pattern);
  let [piece, at] = [0, 0];
  let [star, resume] = [-1, 0];
  while (at < name.length) {
    const expected = pieces[piece];
    if (expected === 'any') {
      [star, resume] = [piece, at];
      piece += 1;
    } else if (expected?.(name.charAt(at))) {
      piece += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      [piece, at] = [star + 1, resume];
    } else {
      return false;
    }
  }
  return pieces.slice(piece).every((rest) => rest === 'any');
}

/** Whether a pattern is one at all, and not just a name. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

function compile(pattern: string): PatternPiece[] {
  const pieces: PatternPiece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const close = character === '[' ? endOfSet(pattern, at) : -1;
    if (character === '*') {
      if (pieces.at(-1) !== 'any') pieces.push('any');
    } else if (character === '?') {
      pieces.push(() => true);
    } else if (close > 0) {
      pieces.push(setOf(pattern.slice(at + 1, close)));
      at = close;
    } else {
      if (character === '\\' && at + 1 < pattern.length) at += 1;
      const literal = pattern.charAt(at);
      pieces.push((other) => other === literal);
    }
  }
  return pieces;
}

/** Where the set that starts at `open` ends; a `]` right after `[` or `[!` belongs to it. */
function endOfSet(pattern: string, open: number): number {
  const first = /[!^]/.test(pattern.charAt(open + 1)) ? open + 2 : open + 1;
  return pattern.indexOf(']', first + 1);
}

function setOf(body: string): (character: string) => boolean {
  const negated = /^[!^]/.test(body);
  const members = negated ? body.slice(1) : body;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([members.charAt(at), members.charAt(isRange ? at + 2 : at)]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([low, high]) => low <= character && character <= high) !== negated;
}
