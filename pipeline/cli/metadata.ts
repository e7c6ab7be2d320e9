import type { Metadata } from '../../checks/lib/check.js';
import { UsageError } from '../../images/base/errors.js';
import { readHostText } from '../../images/base/host-text.js';

const hint =
  'Save what "openstack image show -f json IMAGE" prints, or an object of properties. Other forms that the clients print are read, too.';

/**
 * Reads an image's Glance properties, as a client of OpenStack printed them. The image's name is among them, if it is
 * said: the report's next steps name the image.
 * @throws {UsageError} when the file cannot be read or does not describe one image
 */
export async function readMetadata(path: string): Promise<Metadata> {
  let text: string;
  try {
    text = await readHostText(path);
  } catch (cause) {
    throw new UsageError('bad-metadata', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  return parseMetadata(text, path);
}

/** @throws {UsageError} when the text does not describe one image; the form that it seems to have is named */
export async function parseMetadata(text: string, path: string): Promise<Metadata> {
  if (text.trim() === '') throw new UsageError('bad-metadata', `${path} is empty`, { hint });
  // The forms are many, and most commands read none of them.
  const { UnreadableRecord, parseImageRecord } = await import('../../images/formats/image-record.js');
  try {
    const { name, properties } = await parseImageRecord(text);
    return name === undefined ? properties : { name, ...properties };
  } catch (cause) {
    if (!(cause instanceof UnreadableRecord)) throw cause;
    throw new UsageError('bad-metadata', `${path} does not describe an image: ${cause.message}`, {
      cause,
      hint,
    });
  }
}
