import { joinLines, splitLines } from './lines.js';

/** A `key=value` line of a key file, and where it stands. */
export interface KeyfileEntry {
  /** The group that it is in, without brackets; empty before the first group. */
  readonly group: string;
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The entries of a file in the syntax that NetworkManager's key files (GLib's GKeyFile) and systemd's .netdev,
 * .network and system.conf share: `[group]`, `key=value`, comments that start with `#` or `;`. A group or key
 * may come again; both programs let the last line win. Other lines are skipped, as both
 * programs do after a warning.
 */
export function parseKeyfile(text: string): KeyfileEntry[] {
  const entries: KeyfileEntry[] = [];
  let group = '';
  splitLines(text).forEach(({ text: raw }, at) => {
    const line = raw.trim();
    const name = groupOf(line);
    if (name !== undefined) group = name;
    else if (!isComment(line)) {
      const equals = line.indexOf('=');
      if (equals <= 0) return;
      const [key, value] = [line.slice(0, equals).trimEnd(), line.slice(equals + 1).trimStart()];
      entries.push({ group, key, value, line: at + 1 });
    }
  });
  return entries;
}

/** The entry that is in force for a key: the last one. */
export function entryOf(
  entries: readonly KeyfileEntry[],
  group: string,
  key: string,
): KeyfileEntry | undefined {
  return entries.findLast((entry) => entry.group === group && entry.key === key);
}

/**
 * The text with one key set: the line in force is given the value, or a line is added below the group's header,
 * or the group at the end. Every other line stays byte for byte.
 */
export function setKey(text: string, group: string, key: string, value: string): string {
  const lines = splitLines(text);
  const entry = entryOf(parseKeyfile(text), group, key);
  const old = entry && lines[entry.line - 1];
  if (entry && old) {
    const upToEquals = old.text.slice(0, old.text.indexOf('=') + 1);
    lines[entry.line - 1] = { ...old, text: upToEquals + value };
    return joinLines(lines);
  }
  const end = lines.find((line) => line.end !== '')?.end ?? '\n';
  const header = lines.findIndex((line) => groupOf(line.text.trim()) === group);
  const last = lines.at(-1);
  if (header >= 0) {
    const above = lines[header];
    if (above?.end === '') lines[header] = { ...above, end };
    lines.splice(header + 1, 0, { text: `${key}=${value}`, end });
    return joinLines(lines);
  }
  if (last?.end === '') lines[lines.length - 1] = { ...last, end };
  return joinLines([...lines, { text: `[${group}]`, end }, { text: `${key}=${value}`, end }]);
}

function groupOf(line: string): string | undefined {
  return line.startsWith('[') && line.endsWith(']') ? line.slice(1, -1) : undefined;
}

function isComment(line: string): boolean {
  return line === '' || line.startsWith('#') || line.startsWith(';');
}
