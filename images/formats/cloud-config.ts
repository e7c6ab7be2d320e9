import type { Event } from 'js-yaml';

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
  const yaml = await import('js-yaml');
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const nothing = { value: {}, lineOf: () => undefined };
  const odd = forbidden.exec(text);
  if (odd)
    return {
      ...nothing,
      ignored: { reason: 'YAML does not allow its control characters', line: lineAt(odd.index) },
    };
  let events: Event[];
  let documents: unknown[];
  try {
    events = yaml.parseEvents(text, {});
    if (isFilling(yaml, events, text))
      return { ...nothing, ignored: { reason: 'its aliases cannot be resolved', line: 1 } };
    documents = yaml.constructFromEvents(events, { source: text, schema: yaml.YAML11_SCHEMA, json: true });
  } catch (error) {
    if (!(error instanceof yaml.YAMLException)) throw error;
    // Its own words quote the file, which may hold secrets.
    return { ...nothing, ignored: { reason: 'it is not valid YAML', line: (error.mark?.line ?? 0) + 1 } };
  }
  const [value, other] = documents;
  if (other !== undefined)
    return { ...nothing, ignored: { reason: 'it has more than one document', line: 1 } };
  if (value === null || value === undefined) return { ...nothing, ignored: undefined };
  if (!isMapping(value)) return { ...nothing, ignored: { reason: 'it is not a mapping', line: 1 } };
  const lineOf = (...path: readonly string[]): number | undefined => {
    let offset: number | undefined;
    let node = 1; // behind the start of the document
    for (const key of path) {
      const pair = pairsOf(yaml, events, node).findLast(([at]) => {
        const event = events[at];
        return event?.type === yaml.EVENT_ID.SCALAR && yaml.getScalarValue(text, event) === key;
      });
      const start = pair && events[pair[0]];
      if (start?.type !== yaml.EVENT_ID.SCALAR) break;
      offset = start.valueStart;
      node = pair?.[1] ?? node;
    }
    return offset === undefined ? undefined : lineAt(offset);
  };
  return { value, ignored: undefined, lineOf };
}

type Yaml = typeof import('js-yaml');

/** Nodes that a file may come to when every alias is replaced by what it stands for. */
const maxNodes = 10_000;

/** Whether aliases of aliases were meant to fill the memory of whoever takes the file apart. */
function isFilling(yaml: Yaml, events: readonly Event[], text: string): boolean {
  const sizes = new Map<string, number>();
  const open: { readonly anchor: string; size: number }[] = [];
  for (const event of events) {
    const anchor = anchorOf(yaml, event, text);
    let node = { anchor, size: 1 };
    switch (event.type) {
      case yaml.EVENT_ID.DOCUMENT:
      case yaml.EVENT_ID.SEQUENCE:
      case yaml.EVENT_ID.MAPPING:
        open.push(node);
        continue;
      case yaml.EVENT_ID.ALIAS:
        node.size = sizes.get(anchor) ?? 1;
        break;
      case yaml.EVENT_ID.POP:
        node = open.pop() ?? node;
        sizes.set(node.anchor, node.size);
        break;
      case yaml.EVENT_ID.SCALAR:
        sizes.set(anchor, 1);
    }
    const around = open.at(-1);
    if (around) around.size += node.size;
    if (node.size > maxNodes) return true;
  }
  return false;
}

/** The name of a node's anchor, or of the one that an alias stands for; empty without one. */
function anchorOf(yaml: Yaml, event: Event, text: string): string {
  if (event.type === yaml.EVENT_ID.DOCUMENT || event.type === yaml.EVENT_ID.POP || event.anchorStart < 0)
    return '';
  return text.slice(event.anchorStart, event.anchorEnd);
}

/** The pairs of a mapping, by the indices of their events; none of another node. */
function pairsOf(yaml: Yaml, events: readonly Event[], mapping: number): [key: number, value: number][] {
  const pairs: [number, number][] = [];
  if (events[mapping]?.type !== yaml.EVENT_ID.MAPPING) return pairs;
  let key = mapping + 1;
  while (key < events.length && events[key]?.type !== yaml.EVENT_ID.POP) {
    const value = behind(yaml, events, key);
    pairs.push([key, value]);
    key = behind(yaml, events, value);
  }
  return pairs;
}

/** The index of the first event behind a node. */
function behind(yaml: Yaml, events: readonly Event[], node: number): number {
  let depth = 0;
  for (let at = node; at < events.length; at++) {
    const type = events[at]?.type;
    if (type === yaml.EVENT_ID.SEQUENCE || type === yaml.EVENT_ID.MAPPING) depth += 1;
    if (type === yaml.EVENT_ID.POP) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return events.length;
}

/** Whether a value of a configuration is a mapping. */
export function isMapping(value: unknown): value is CloudConfigValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value where cloud-init expects a name, as text. A mapping has none: one with a key `toString` must not be asked. */
export function nameIn(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
