/**
 * The fields of an os-release file (os-release(5)), and of `/etc/lsb-release`, which is written alike: one
 * `KEY=value` on a line, quoted as in a shell but never expanded; of a key set twice the last counts.
 * A value with spaces that should have been quoted is taken whole. Never throws.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const entry = line.trim();
    const equals = entry.indexOf('=');
    if (equals <= 0 || entry.startsWith('#')) continue;
    fields.set(entry.slice(0, equals), unquote(entry.slice(equals + 1)));
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  const parts: string[] = [];
  for (let at = 1; at < value.length && value[at] !== quote; at++) {
    const next = value[at + 1];
    if (quote === '"' && value[at] === '\\' && next !== undefined && '\\"$`'.includes(next)) at += 1;
    parts.push(value[at] ?? '');
  }
  return parts.join('');
}
