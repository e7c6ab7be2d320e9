import { ImageError } from '../../../images/base/errors.js';
import type { ErrorCode } from '../../../images/base/error-codes.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';

/** What a guest can do to whoever looks: a FIFO in the place of a file, a loop of links, a program that never ends. */
const doings: readonly ErrorCode[] = ['unreadable', 'not-a-file', 'too-large', 'link-loop', 'program-failed'];

/**
 * A look at the guest that the guest itself can prevent: then the claim is refuted, with what was seen instead.
 * @param id - of the claim that stands for all that the look would have told
 */
export async function orRefuted(
  id: string,
  claim: string,
  look: () => Promise<ProvenClaim[]>,
): Promise<ProvenClaim[]> {
  try {
    return await look();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [claimed(id, claim, false, `it cannot be looked at: ${error.message}`)];
  }
}

/** Whether the guest, and not this host, is why something could not be looked at. */
export function isUnreadable(error: unknown): error is ImageError {
  return error instanceof ImageError && doings.includes(error.code);
}

/** The text of a file that the guest may not have, or may have made unreadable: then it says nothing to anybody. */
export async function readable(image: Image, path: GuestPath): Promise<string | undefined> {
  try {
    return await image.readText(path);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}
