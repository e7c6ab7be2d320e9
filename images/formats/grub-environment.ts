/** A variable of GRUB's environment block. */
export interface GrubVariable {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The variables of GRUB's environment block (GNU GRUB manual, "The GRUB environment block"): a comment, then one
 * `name=value` a line, with `\` before a backslash or a line end, and `#` up to its size.
 */
export function parseGrubEnvironment(text: string): GrubVariable[] {
  const found: GrubVariable[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    if (text.charAt(at) === '#') {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      at = end + 1;
      line += 1;
      continue;
    }
    let entry = '';
    const first = line;
    while (at < text.length && text.charAt(at) !== '\n') {
      if (text.charAt(at) === '\\') at += 1;
      if (text.charAt(at) === '\n') line += 1;
      entry += text.charAt(at);
      at += 1;
    }
    at += 1;
    line += 1;
    const equals = entry.indexOf('=');
    if (equals > 0) found.push({ name: entry.slice(0, equals), value: entry.slice(equals + 1), line: first });
  }
  return found;
}
