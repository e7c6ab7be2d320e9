import { write } from '../../image/change.js';
import { ImageError } from '../../base/errors.js';
import { passwordField, setPasswordField, setShadowPassword } from '../../formats/shadow.js';
import type { Change, GuestPath, Image } from '../../image/image.js';

const passwd: GuestPath = '/etc/passwd';
const shadow: GuestPath = '/etc/shadow';

/** What passwd(5) has where the hash is in shadow(5). */
const elsewhere = 'x';

/**
 * Where the hash of root's password is: in a guest without shadow passwords it is what everybody can read.
 * @throws {ImageError} code `no-root-account`
 */
export async function rootPasswordFile(image: Image): Promise<GuestPath> {
  const inPasswd = passwordField((await image.readText(passwd)) ?? '', 'root');
  if (inPasswd === undefined)
    throw new ImageError('no-root-account', `${passwd} has no account root, so its password cannot be set`);
  return inPasswd === elsewhere || (await image.stat(shadow)) ? shadow : passwd;
}

/**
 * Changes that give root a new password, and unlock it.
 * @param hash - as crypt(5) has it
 * @param today - YYYY-MM-DD
 * @throws {ImageError} code `no-root-account`
 */
export async function setRootPassword(image: Image, hash: string, today: string): Promise<Change[]> {
  const file = await rootPasswordFile(image);
  const path = (await image.realPath(file)) ?? file;
  const accounts = (await image.readText(passwd)) ?? '';
  if (file === passwd) return write(image, path, setPasswordField(accounts, 'root', hash));
  const day = Math.floor(Date.parse(today) / 86_400_000);
  const text = setShadowPassword((await image.readText(shadow)) ?? '', 'root', hash, day);
  const isNew = (await image.stat(path)) === undefined;
  const changes = await write(image, path, text, isNew ? { mode: 0o600 } : {});
  // A hash of its own in passwd(5) would win over the one in shadow(5).
  if (passwordField(accounts, 'root') !== elsewhere) {
    const real = (await image.realPath(passwd)) ?? passwd;
    changes.push(...(await write(image, real, setPasswordField(accounts, 'root', elsewhere))));
  }
  return changes;
}
