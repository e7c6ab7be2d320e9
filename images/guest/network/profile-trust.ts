import type { Entry, GuestPath, Image } from '../../image/image.js';

/** Whether a file is root's. In an image that a user has unpacked nothing is, and the owner says nothing. */
export async function isOfRoot(image: Image, { uid }: Pick<Entry, 'uid'>): Promise<boolean> {
  return uid === 0 || (await image.stat('/'))?.uid !== 0;
}

/**
 * Why NetworkManager does not read a profile as it stands: one that others than root may read or change it refuses, for it
 * may hold secrets (nms-keyfile-utils.c, nms_keyfile_utils_check_file_permissions_stat(); of a link it looks at the file).
 */
export async function refusal(image: Image, path: GuestPath): Promise<string | undefined> {
  const entry = await image.stat(path);
  if (!entry) return undefined;
  if ((entry.mode & 0o077) !== 0)
    return `does not read it as long as its mode is ${entry.mode.toString(8).padStart(4, '0')}`;
  return (await isOfRoot(image, entry)) ? undefined : 'does not read it as long as its owner is not root';
}
