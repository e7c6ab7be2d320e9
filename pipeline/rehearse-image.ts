import type { Gather } from '../images/guest/fact.js';
import type { ImageSource } from '../images/sources/source.js';
import type { Rehearsal } from './report/rehearsal.js';
import type { Report } from './report/report.js';
import type { Request } from './request.js';

/** The image that is to be rehearsed: as it was found or, after a repair, as it now is. */
interface RehearsedImage {
  readonly source: ImageSource;
  readonly get: Gather;
  readonly target: NonNullable<Report['target']>;
}

/**
 * Holds an image's dress rehearsal, as the request wants it. Its code is loaded only now: few runs need it.
 * @returns undefined when none was asked for
 */
export async function rehearseImage(
  { rehearsal: wanted, signal }: Request,
  { source, get, target }: RehearsedImage,
): Promise<Rehearsal | undefined> {
  if (!wanted) return undefined;
  const { rehearse } = await import('./rehearse/rehearse.js');
  const { guestFacts, hasVpn } = await import('./rehearse/guest-facts.js');
  const { tunnel, ...rest } = wanted;
  return rehearse({
    ...rest,
    source: source.layer,
    facts: await guestFacts(get),
    target: target.chosen,
    tunnel: tunnel ?? (await hasVpn(get)),
    signal,
  });
}
