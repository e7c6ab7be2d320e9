import type { Document, Pair, Range } from 'yaml';

/** The top of a cloud-init configuration file: a mapping. */
export type CloudConfigValue = Readonly<Record<string, unknown>>;

/** A cloud-init configuration file (`cloud.cfg`, `cloud.cfg.d/*.cfg`), read as cloud-init reads it. */
export interface CloudConfig {
  /** Empty when the file is empty, or when cloud-init would ignore it. */
  readonly value: CloudConfigValue;
  /**
   * Why cloud-init would ignore the whole file (it logs a warning and goes on): it is not valid YAML, or its
   * top is not a mapping.
   */
  readonly ignored: { readonly reason: string; readonly line: number } | undefined;
  /** The line (counted from 1) of the key at this path; of the nearest one above it that is there. */
  lineOf(...path: readonly string[]): number | undefined;
}

/** What PyYAML refuses in any place (yaml/reader.py, NON_PRINTABLE): a text in UTF-16 has it, and a file of a Mac's metadata. */

const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/**
 * Reads a cloud-init configuration file: YAML 1.1, where of equal keys the last counts, as PyYAML has it. Never
 * throws: what cannot be read is `ignored`, with its reason, since that is what cloud-init does.
 */
export async function parseCloudConfig(text: string): Promise<CloudConfig> {
  const { yaml, document } = await parse(text);
  const lines = new yaml.LineCounter();
  lines.lineStarts.push(...lineStarts(text));
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const nothing = { value: {}, lineOf: () => undefined };
  const odd = forbidden.exec(text);
  if (odd)
    return {
      ...nothing,
      ignored: { reason: 'YAML does not allow its control characters', line: lineAt(odd.index) },
    };
  const [error] = document.errors;
  if (error)
    return {
      ...nothing,
      ignored: { reason: `it is not valid YAML (${error.code})`, line: lineAt(error.pos[0]) },
    };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    // An alias without an anchor, or so many of them that they were meant to fill the memory.
    return { ...nothing, ignored: { reason: 'its aliases cannot be resolved', line: 1 } };
  }
  if (value === null || value === undefined) return { ...nothing, ignored: undefined };
  if (!isMapping(value)) return { ...nothing, ignored: { reason: 'it is not a mapping', line: 1 } };
  const lineOf = (...path: readonly string[]): number | undefined => {
    let line: number | undefined;
    let node: unknown = document.contents;
    for (const key of path) {
      const pair = yaml.isMap(node) ? node.items.findLast((item) => keyOf(item) === key) : undefined;
      const start = pair && rangeOf(pair.key)?.[0];
      if (start === undefined) return line;
      line = lineAt(start);
      node = pair?.value;
    }
    return line;
  };
  return { value, ignored: undefined, lineOf };
}

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

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) starts.push(feed + 1);
  return starts;
}

function keyOf(pair: Pair): unknown {
  const { key } = pair;
  return typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
}

function rangeOf(node: unknown): Range | undefined {
  return (node as { range?: Range | null } | null | undefined)?.range ?? undefined;
}

/** Whether a value of a configuration is a mapping. */
export function isMapping(value: unknown): value is CloudConfigValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
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

/** A value where cloud-init expects a name, as text. A mapping has none: one with a key `toString` must not be asked. */
export function nameIn(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
