/** Unit names (systemd.unit(5)): their parts, their escaping, and the specifiers that expand to them. */

export type UnitType =
  | 'service'
  | 'socket'
  | 'target'
  | 'timer'
  | 'path'
  | 'mount'
  | 'automount'
  | 'swap'
  | 'slice'
  | 'scope'
  | 'device';

const types: ReadonlySet<string> = new Set<UnitType>([
  'service',
  'socket',
  'target',
  'timer',
  'path',
  'mount',
  'automount',
  'swap',
  'slice',
  'scope',
  'device',
]);

export interface UnitName {
  readonly prefix: string;
  /** Between `@` and the type: empty for a template, undefined for a plain unit. */
  readonly instance: string | undefined;
  readonly type: UnitType;
}

/** Names are taken apart thousands of times in one boot, but there are only some hundreds of them. */
const parsed = new Map<string, UnitName | undefined>();
const maxParsed = 10_000;

/** The parts of a unit name; undefined when it is none. */
export function parseUnitName(name: string): UnitName | undefined {
  const known = parsed.get(name);
  if (known || parsed.has(name)) return known;
  if (parsed.size >= maxParsed) parsed.clear();
  const parts = takeApart(name);
  parsed.set(name, parts);
  return parts;
}

function takeApart(name: string): UnitName | undefined {
  const dot = name.lastIndexOf('.');
  const type = name.slice(dot + 1);
  if (dot <= 0 || name.length > 255 || !types.has(type) || !/^[\w:.\\@-]+$/.test(name)) return undefined;
  const stem = name.slice(0, dot);
  const at = stem.indexOf('@');
  if (at === 0) return undefined;
  const [prefix, instance] = at < 0 ? [stem, undefined] : [stem.slice(0, at), stem.slice(at + 1)];
  return { prefix, instance, type: type as UnitType };
}

export function buildUnitName({ prefix, instance, type }: UnitName): string {
  return `${prefix}${instance === undefined ? '' : `@${instance}`}.${type}`;
}

export function typeOf(name: string): UnitType | undefined {
  return parseUnitName(name)?.type;
}

export function isTemplate(name: string): boolean {
  return parseUnitName(name)?.instance === '';
}

/** `foo@.service` of `foo@bar.service`; undefined for anything but an instance. */
export function templateOf(name: string): string | undefined {
  const parts = parseUnitName(name);
  return parts?.instance ? buildUnitName({ ...parts, instance: '' }) : undefined;
}

/** An instance of a template; any other name stays as it is. */
export function withInstance(name: string, instance: string): string {
  const parts = parseUnitName(name);
  return parts?.instance === '' ? buildUnitName({ ...parts, instance }) : name;
}

/**
 * The names whose `.d`, `.wants` and `.requires` directories count for a unit, the most specific first: its
 * own, its template's, and for `a-b-c.service` also `a-b-.service` and `a-.service`.
 */
export function directoryNames(name: string): string[] {
  const parts = parseUnitName(name);
  if (!parts) return [name];
  const template = templateOf(name);
  const names = template === undefined ? [name] : [name, template];
  // The dash at the very end is what a truncated name itself ends in.
  const dash = parts.prefix.replace(/-+$/, '').lastIndexOf('-');
  const shorter = dash > 0 ? parts.prefix.slice(0, dash + 1) : undefined;
  if (shorter === undefined) return names;
  return [...new Set([...names, ...directoryNames(buildUnitName({ ...parts, prefix: shorter }))])];
}

/** The unit name of a mount point, as `systemd-escape --path --suffix=mount` gives it. */
export function escapePath(path: string, type: UnitType): string {
  const clean = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  if (clean === '') return `-.${type}`;
  // Most paths have nothing to escape.
  if (/^[\w:/][\w:./]*$/.test(clean)) return `${clean.replaceAll('/', '-')}.${type}`;
  let escaped = '';
  for (const [index, byte] of Buffer.from(clean, 'utf8').entries()) {
    const char = String.fromCharCode(byte);
    if (char === '/') escaped += '-';
    else if (/[\w:]/.test(char) || (char === '.' && index > 0)) escaped += char;
    else escaped += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${escaped}.${type}`;
}

/** What an escaped part of a unit name stands for: `-` is `/`, `\x2d` is `-`. */
function unescape(text: string): string {
  return text
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const directorySpecifiers: Readonly<Record<string, string>> = {
  C: '/var/cache',
  E: '/etc',
  L: '/var/log',
  S: '/var/lib',
  T: '/tmp',
  V: '/var/tmp',
  t: '/run',
  h: '/root',
  u: 'root',
  U: '0',
  g: 'root',
  G: '0',
};

/**
 * A word with its specifiers filled in for a unit.
 * @returns undefined when it holds one that only the running machine knows (`%H`, `%m`, `%v` …)
 */
export function expand(word: string, name: string): string | undefined {
  const parts = parseUnitName(name);
  if (!word.includes('%') || !parts) return word;
  const last = parts.prefix.slice(parts.prefix.lastIndexOf('-') + 1);
  const values: Readonly<Record<string, string>> = {
    ...directorySpecifiers,
    '%': '%',
    i: parts.instance ?? '',
    I: unescape(parts.instance ?? ''),
    n: name,
    N: name.slice(0, -parts.type.length - 1),
    p: parts.prefix,
    P: unescape(parts.prefix),
    j: last,
    J: unescape(last),
  };
  const words = word.match(/%[^]|[^%]+|%$/g) ?? [];
  const filled = words.map((part) => {
    if (!part.startsWith('%') || part.length === 1) return part;
    const specifier = part.slice(1);
    return Object.hasOwn(values, specifier) ? values[specifier] : undefined;
  });
  return filled.every((part) => part !== undefined) ? filled.join('') : undefined;
}
