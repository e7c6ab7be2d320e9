const voidElements = new Set(['meta', 'br', 'img', 'link', 'hr', 'input']);

/** What XML 1.0 allows as a character. */
const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

const token =
  /<!doctype html>|<\?xml [^?]*\?>|<\/([A-Za-z][\w-]*)>|<([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

/**
 * A strict reader of the XML subset that reports use (elements, quoted attributes, the five entities; HTML's void
 * elements too). It knows no comments, CDATA or processing instructions: none may appear.
 * @returns how often each element occurs, and the names of all attributes
 * @throws where the text is not well-formed
 */
export function wellFormed(
  text: string,
  { html = false } = {},
): { readonly elements: ReadonlyMap<string, number>; readonly attributes: ReadonlySet<string> } {
  if (!allowed.test(text)) throw new Error('a character that XML does not allow');
  const open: string[] = [];
  const elements = new Map<string, number>();
  const attributeNames = new Set<string>();
  let at = 0;
  token.lastIndex = 0;
  while (at < text.length) {
    const match = token.exec(text);
    if (!match) throw new Error(`not well-formed at ${at}: ${text.slice(at, at + 60)}`);
    const [whole, closed, opened, attributes = '', alone, content] = match;
    at += whole.length;
    if (closed !== undefined && open.pop() !== closed)
      throw new Error(`</${closed}> closes nothing at ${at}`);
    if (opened !== undefined) {
      elements.set(opened, (elements.get(opened) ?? 0) + 1);
      const names = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, name]) => name);
      if (new Set(names).size !== names.length) throw new Error(`an attribute twice in <${opened}>`);
      for (const name of names) attributeNames.add(name ?? '');
      if (alone === '' && !(html && voidElements.has(opened))) open.push(opened);
    }
    for (const piece of [attributes, open.at(-1) === 'style' ? '' : (content ?? '')]) {
      if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(piece)) throw new Error(`a bare & at ${at}`);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(' ')}`);
  return { elements, attributes: attributeNames };
}
