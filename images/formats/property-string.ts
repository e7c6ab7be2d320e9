/**
 * Reads `k='v', k2='v2'`: how osc-lib's `format_dict` writes a dictionary in one line (osc_lib/utils). Quotes inside a
 * value are not escaped there, so a value ends only where the next key begins, or the line does.
 * @throws {SyntaxError} when it is not of that form, or can be read in more than one way
 */
export function parsePropertyString(text: string): Readonly<Record<string, string | null>> {
  const entries = new Map<string, string | null>();
  const line = text.trim();
  let at = 0;
  while (at < line.length) {
    const start = at === 0 ? key : nextKey;
    start.lastIndex = at;
    const [all, name = '', quote = ''] = start.exec(line) ?? [];
    if (all === undefined)
      throw new SyntaxError(`"${line.slice(at, at + 30)}" is not of the form key='value'`);
    at += all.length;
    if (entries.has(name)) throw new SyntaxError(`it says ${name} twice`);
    if (quote === '') {
      entries.set(name, null); // None
      continue;
    }
    valueEnd.lastIndex = at;
    const end = valueEnd.exec(line);
    if (!end) throw new SyntaxError(`the value of ${name} has no end`);
    entries.set(name, line.slice(at, end.index));
    at = end.index + 1;
  }
  return Object.fromEntries(entries);
}

/** Glance lets a key be almost anything; a client's word list would end at the first of these. */
const key = /([^\s=',"]+)=('?)/y;
const nextKey = /, ([^\s=',"]+)=('?)/y;
const valueEnd = /'(?=$|, [^\s=',"]+=(?:'|$|, ))/gs;
