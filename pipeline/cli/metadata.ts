import type { Metadata } from '../../checks/lib/check.js';
import { UsageError } from '../../images/base/errors.js';
import { readHostText } from '../../images/base/host-text.js';

/**
 * Reads an image's Glance properties: what `openstack image show -f json` prints (they are under `properties`), or a
 * plain object of them.
 * @throws {UsageError} when the file cannot be read or is no such JSON
 */
export async function readMetadata(path: string): Promise<Metadata> {
  let text: string;
  try {
    text = await readHostText(path);
  } catch (cause) {
    throw new UsageError('bad-metadata', messageOf(cause), { cause });
  }
  return parseMetadata(text, path);
}

/** @throws {UsageError} when the text is no JSON object */
export function parseMetadata(text: string, path: string): Metadata {
  const hint = 'It must be what "openstack image show -f json IMAGE" prints, or an object of properties.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('bad-metadata', `${path} is not JSON: ${messageOf(cause)}`, { cause, hint });
  }
  if (!isObject(value))
    throw new UsageError('bad-metadata', `${path} is not an object of properties`, { hint });
  const { properties } = value;
  if (properties === undefined) return value;
  if (!isObject(properties))
    throw new UsageError('bad-metadata', `"properties" in ${path} is not an object`, { hint });
  return properties;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
