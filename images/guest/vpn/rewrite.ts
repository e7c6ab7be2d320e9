import { write } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import type { Change, GuestPath, Image } from '../../image/image.js';

/**
 * Changes that give an existing file the text that an edit makes of it; a link to it stays a link. Nothing when the file
 * is gone or the edit changes nothing.
 * @param edit - undefined when it cannot be done
 * @throws {ImageError} code `unsupported` when the edit cannot be done
 */
export async function rewrite(
  image: Image,
  path: GuestPath,
  edit: (text: string) => string | undefined,
): Promise<Change[]> {
  const real = await image.realPath(path);
  const text = real && (await image.readText(real));
  if (real === undefined || text === undefined) return [];
  const edited = edit(text);
  if (edited === undefined) {
    throw new ImageError('unsupported', `${path} cannot be edited without changing something else in it`, {
      hint: 'Take the VPN out of it by hand.',
    });
  }
  return write(image, real, edited);
}
