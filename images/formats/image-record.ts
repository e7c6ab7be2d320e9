import { parsePrettyTable } from './pretty-table.js';
import { parsePropertyString } from './property-string.js';
import { parsePythonLiteral } from './python-literal.js';

type Properties = Readonly<Record<string, unknown>>;

/** What a client of OpenStack says of one image. */
export interface ImageRecord {
  /** Undefined where the form does not have it. */
  readonly name: string | undefined;
  /** As Glance keeps them: without the attributes that every image has. */
  readonly properties: Properties;
}

/** A text is not what a client prints of one image. `form` is the form that it seems to have. */
export class UnreadableRecord extends Error {
  constructor(
    readonly form: string,
    why: string,
  ) {
    super(`it seems to be ${form}, but ${why}`);
  }
}

/**
 * Reads the image that a client or an API printed, in whatever form: JSON of python-openstackclient (an object, or a
 * list of Field and Value; the properties an object or one string), of Glance's API (v1, v2), of Nova's API and of
 * openstacksdk; what `-f yaml`, `-f shell`, `-f value` and the tables of the clients print; headers of Glance's API v1.
 * @throws {UnreadableRecord} when it is none of them, describes several images, or can be read in more than one way
 */
export async function parseImageRecord(text: string): Promise<ImageRecord> {
  const plain = text.replaceAll('\r\n', '\n').trim();
  const { name, read } = formOf(plain);
  try {
    return await read(plain);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnreadableRecord(name, error.message);
  }
}

interface Form {
  /** For a person: whose it is, and which. */
  readonly name: string;
  readonly read: (text: string) => ImageRecord | Promise<ImageRecord>;
}

const shellLine = /^[A-Za-z_]*properties="(.*)"$/m;
const shellForm = 'what "openstack image show -f shell" prints';
const legacyLine = /^Property '(.+)': (.*)$/gm;
const header = /^x-image-meta-property-([^\s:]+): ?(.*)$/gim;

function formOf(text: string): Form {
  if (/^[{[]/.test(text)) {
    // Python's own way to write a dictionary has single quotes around the first key.
    return /^\{\s*u?'/.test(text)
      ? {
          name: 'what "openstack image show -f value" prints',
          read: (all) => nested(parsePythonLiteral(all)),
        }
      : { name: 'JSON', read: (all) => nested(JSON.parse(all)) };
  }
  if (text.startsWith('+-')) return { name: 'a table of an OpenStack client', read: table };
  if (shellLine.test(text)) return { name: shellForm, read: shell };
  if (/^(?:URI|Id): |^Property '.+': /m.test(text))
    return { name: 'what the first "glance show" prints', read: legacy };
  if (/^x-image-meta-/im.test(text)) return { name: 'headers of Glance’s API v1', read: headers };
  return { name: 'what "openstack image show -f yaml" or "-f value" prints', read: yamlOrValues };
}

function table(text: string): ImageRecord {
  const rows = parsePrettyTable(text).filter(([name]) => !attributes.has(name) || name === 'name');
  const torn = rows.find(([name, value]) => value === undefined && name !== 'name');
  if (torn) throw new SyntaxError(`the value of ${torn[0]} was wrapped to fit a terminal`);
  return flat(once(rows));
}

function shell(text: string): ImageRecord {
  const lines = text.match(new RegExp(shellLine, 'gm')) ?? [];
  if (lines.length > 1) throw new SyntaxError('it has several lines of properties');
  const [, value = ''] = shellLine.exec(text) ?? [];
  const [, name] = /^[A-Za-z_]*?name="(.*)"$/m.exec(text) ?? [];
  // cliff escapes double quotes and nothing else (cliff/formatters/shell.py).
  const unquoted = (quoted: string): string => quoted.replaceAll('\\"', '"');
  return {
    name: name === undefined ? undefined : unquoted(name),
    properties: propertiesOf(unquoted(value)),
  };
}

function legacy(text: string): ImageRecord {
  const [, name] = /^Name: (.*)$/m.exec(text) ?? [];
  return {
    name,
    properties: once(Array.from(text.matchAll(legacyLine), ([, key = '', value]) => [key, value])),
  };
}

/** HTTP writes no capitals, and Glance reads `-` as `_` (glance/api/v1: `x-image-meta-property-`). */
function headers(text: string): ImageRecord {
  const [, name] = /^x-image-meta-name: ?(.*)$/im.exec(text) ?? [];
  const found = Array.from(
    text.matchAll(header),
    ([, key = '', value]) => [key.toLowerCase().replaceAll('-', '_'), value] as const,
  );
  return { name, properties: once(found) };
}

async function yamlOrValues(text: string): Promise<ImageRecord> {
  const lines = text.split('\n');
  const found = lines.flatMap((line) => {
    const value = tryProperties(line.trim());
    return value ? [value] : [];
  });
  const [only, other] = found;
  // In YAML no line but a folded one looks like this, and that is not all of them.
  if (only && !other && !lines.some((line) => /^\w+:(?: |$)/.test(line)))
    return { name: undefined, properties: only };
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text, { prettyErrors: false });
  } catch (error) {
    throw new SyntaxError(`it is not YAML: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (!isObject(value) && !Array.isArray(value)) throw new SyntaxError('there are no properties in it');
  return nested(value);
}

function tryProperties(line: string): Properties | undefined {
  if (!/^\{.*\}$|^[^\s=',"]+='.*'$/.test(line)) return undefined;
  try {
    return propertiesOf(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An image, a list with one, or an answer of an API around it. @param depth - how much is around it */
function nested(value: unknown, depth = 0): ImageRecord {
  if (depth > 3) throw new SyntaxError('it is nested too deeply');
  if (Array.isArray(value)) {
    const rows = value.map(rowOf);
    if (rows.length > 0 && rows.every((row) => row !== undefined)) return flat(once(rows));
    if (value.length !== 1) throw new SyntaxError(`it describes ${value.length} images; one is needed`);
    return nested(value[0], depth + 1);
  }
  if (!isObject(value)) throw new SyntaxError('it is not an object');
  if (isObject(value['image'])) return nested(value['image'], depth + 1);
  if (Array.isArray(value['images'])) return nested(value['images'], depth + 1);
  return flat(value);
}

/** Of cliff-tablib, and of cliff before 1.8: one object per line of the table. */
function rowOf(item: unknown): readonly [string, unknown] | undefined {
  if (!isObject(item) || !('Value' in item)) return undefined;
  const name = item['Field'] ?? item['Property'];
  return typeof name === 'string' ? [name, item['Value']] : undefined;
}

/** Names of openstacksdk for properties, beside Glance's own (openstack/image/v2/image.py). */
const sdkNames: Readonly<Record<string, string>> = { needs_config_drive: 'img_config_drive' };

/** What every image has (glance/api/v2/images.py: get_base_properties). */
const attributes = new Set([
  ...[
    'id',
    'name',
    'status',
    'visibility',
    'protected',
    'os_hidden',
    'checksum',
    'os_hash_algo',
    'os_hash_value',
  ],
  ...['owner', 'size', 'virtual_size', 'container_format', 'disk_format', 'created_at', 'updated_at', 'tags'],
  ...['direct_url', 'min_ram', 'min_disk', 'self', 'file', 'schema', 'locations', 'stores'],
  ...['is_hidden', 'is_protected', 'hash_algo', 'hash_value'], // as openstacksdk calls them
]);

/** An image whose properties may stand beside its attributes, below one of them, or both. */
function flat(image: Properties): ImageRecord {
  const { name: called, properties, metadata } = image;
  const name = typeof called === 'string' ? called : undefined;
  // Nova's API has them as `metadata`; openstacksdk has something else by that name.
  if (properties === undefined && isObject(metadata)) return { name, properties: said(metadata) };
  const own: [string, unknown][] = [];
  for (const [key, value] of Object.entries(image)) {
    if (attributes.has(key) || key === 'properties' || value === null) continue;
    // glance image-show of API v1, nova image-show
    const [, named] = /^Property '(.+)'$/.exec(key) ?? /^metadata (.+)$/.exec(key) ?? [];
    own.push([named ?? sdkNames[key] ?? key, value]);
  }
  const inside = properties === undefined || properties === null ? {} : propertiesOf(properties);
  return { name, properties: { ...once(own), ...said(inside) } };
}

/** null is how some clients say that an image has no such property. */
function said(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

function propertiesOf(value: unknown): Properties {
  if (isObject(value)) return value;
  if (typeof value !== 'string') throw new SyntaxError('its "properties" are not an object');
  if (!value.trimStart().startsWith('{')) return parsePropertyString(value);
  const parsed = parsePythonLiteral(value);
  return isObject(parsed) ? parsed : {};
}

/** @throws {SyntaxError} when something is said twice */
function once(entries: readonly (readonly [string, unknown])[]): Properties {
  const seen = new Set<string>();
  for (const [key] of entries) {
    if (seen.has(key)) throw new SyntaxError(`it says ${key} twice`);
    seen.add(key);
  }
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
