import { write } from '../../../images/image/change.js';
import { ImageError } from '../../../images/base/errors.js';
import { hashMethodOf } from '../../../images/guest/password/hash-method.js';
import { rootPasswordFile, setRootPassword } from '../../../images/guest/password/root-password.js';
import { autorelabel, selinuxMode } from '../../../images/guest/selinux.js';
import type { Change, Image } from '../../../images/image/image.js';
import { hashPassword } from '../../../images/rescue/password-hash.js';
import type { Wish } from '../../plan.js';
import { hasLabel } from './labels.js';

/**
 * The wish for a new password of root, as part of the plan.
 * @param root - the image on the host, for what only the host's file system shows: labels
 * @param today - YYYY-MM-DD: the real day even when the dates of an image are fixed, for a password that was changed
 *   long ago may have expired, and a hash has a random salt anyway
 * @param onNote - told what a person should know
 */
export function passwordWish(
  password: string,
  root: string,
  today: string,
  onNote: (note: string) => void,
): Wish {
  // A plan may be drafted more than once, and every hash has a salt of its own.
  let planned: Promise<readonly Change[]> | undefined;
  return {
    meta: {
      id: 'root-password',
      title: 'Set the password of root',
      risk: 'safe',
      docs: 'Replaces the hash of root, which also unlocks the account.',
    },
    plan: (image) => (planned ??= plan(image, password, root, today, onNote)),
  };
}

async function plan(
  image: Image,
  password: string,
  root: string,
  today: string,
  onNote: (note: string) => void,
): Promise<readonly Change[]> {
  const chosen = await hashMethodOf(image);
  if (!chosen) {
    throw new ImageError('unsupported', 'the image’s libcrypt knows neither yescrypt nor SHA-512', {
      hint: 'Set the password by hand: chroot to the mounted root and run passwd.',
    });
  }
  const { hash, method } = await hashPassword(password, chosen.method);
  if (method !== chosen.method) {
    onNote(
      `the password is hashed with ${method}; no program here supports ${chosen.method} (mkpasswd from the package whois does)`,
    );
  }
  const changes = await setRootPassword(image, hash, today);
  const file = await rootPasswordFile(image);
  if ((await selinuxMode(image)) === 'disabled' || (await hasLabel(image, root, file))) return changes;
  onNote(
    `the image uses SELinux, and ${file} has no label to keep. /.autorelabel makes the next boot label every file, which can take longer than the cloud waits for a server (five minutes)`,
  );
  return [...changes, ...(await write(image, autorelabel, ''))];
}
