import type { Document, Pair, Range } from 'yaml';
import { type CloudConfigValue, isMapping, parseCloudConfig } from './cloud-config.js';

/**
 * The text without the key at a path of a mapping; a mapping that is left empty goes with its key. A block
 * mapping loses just the lines of that key; only a flow mapping (`{a: b}`) that keeps other keys is
 * printed anew. Comments elsewhere stay.
 * @returns undefined when the key is not there, or cannot be taken out without changing what the rest says (it
 *   comes from an alias or a merge key, say)
 */
export async function withoutKey(text: string, path: readonly string[]): Promise<string | undefined> {
  const before = await parseCloudConfig(text);
  if (before.ignored || !has(before.value, path)) return undefined;
  const { yaml, document } = await parse(text);
  const expected = omit(before.value, path);
  const whole = longestLonely(before.value, path);
  const edited = cutLines(text, document, whole) ?? reprint(document, whole);
  const after = edited === undefined ? undefined : await parseCloudConfig(edited);
  const same =
    after !== undefined && !after.ignored && yaml.stringify(after.value) === yaml.stringify(expected);
  return same ? edited : undefined;
}

/** The path cut short to the outermost mapping that holds nothing but this key. */
function longestLonely(value: CloudConfigValue, path: readonly string[]): readonly string[] {
  for (let length = 1; length < path.length; length++) {
    let node: unknown = at(value, path.slice(0, length));
    let lonely = true;
    for (const key of path.slice(length)) {
      lonely &&= isMapping(node) && Object.keys(node).length === 1;
      node = isMapping(node) ? node[key] : undefined;
    }
    if (lonely) return path.slice(0, length);
  }
  return path;
}

/** Takes a key's whole lines out; undefined when it shares them with something else. */
function cutLines(text: string, document: Document, path: readonly string[]): string | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const items = (parent as { items?: readonly Pair[]; flow?: boolean } | null)?.items ?? [];
  const chosen = items.filter((item) => keyOf(item) === path.at(-1));
  if (chosen.length === 0 || (parent as { flow?: boolean }).flow === true) return undefined;
  let rest = text;
  for (const pair of [...chosen].reverse()) {
    const start = rangeOf(pair.key)?.[0];
    const end = rangeOf(pair.value)?.[1] ?? rangeOf(pair.key)?.[1];
    if (start === undefined || end === undefined) return undefined;
    const from = text.lastIndexOf('\n', start - 1) + 1;
    const feed = text.indexOf('\n', Math.max(end - 1, start));
    if (text.slice(from, start).trim() !== '') return undefined;
    rest = rest.slice(0, from) + (feed < 0 ? '' : rest.slice(feed + 1));
  }
  return rest;
}

function reprint(document: Document, path: readonly string[]): string | undefined {
  if (!document.deleteIn(path)) return undefined;
  return document.toString({ lineWidth: 0 });
}

/** With the place of all that stands in the text; {@link parseCloudConfig} is quicker, and enough to read it. */
async function parse(text: string): Promise<{ yaml: typeof import('yaml'); document: Document }> {
  const yaml = await import('yaml');
  const options = {
    version: '1.1',
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
    stringKeys: false,
  } as const;
  return { yaml, document: yaml.parseDocument(text, options) as unknown as Document };
}

function keyOf(pair: Pair): unknown {
  const { key } = pair;
  return typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
}

function rangeOf(node: unknown): Range | undefined {
  return (node as { range?: Range | null } | null | undefined)?.range ?? undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isMapping(node) ? node[key] : undefined), value);
}

function has(value: CloudConfigValue, path: readonly string[]): boolean {
  const parent = at(value, path.slice(0, -1));
  const key = path.at(-1);
  return isMapping(parent) && key !== undefined && Object.hasOwn(parent, key);
}

function omit(value: CloudConfigValue, path: readonly string[]): CloudConfigValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: Record<string, unknown> = { ...value };
  const child = copy[key];
  const inner = rest.length > 0 && isMapping(child) ? omit(child, rest) : undefined;
  if (inner && Object.keys(inner).length > 0) copy[key] = inner;
  else return Object.fromEntries(Object.entries(copy).filter(([other]) => other !== key));
  return copy;
}
