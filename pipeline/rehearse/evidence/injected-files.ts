import type { GuestPath } from '../../../images/image/image.js';
import type { InjectedFile } from '../scenario.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';

/** Whether each file that was injected is there, with its contents and its mode. */
export async function injectedFileClaims(
  guest: RunningGuest,
  files: readonly InjectedFile[],
): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const claims: ProvenClaim[] = [];
  for (const { path, contents, mode } of files) {
    const id = `file ${path}`;
    const claim = `${path} was injected`;
    const entry = await image.stat(path as GuestPath);
    if (entry?.type !== 'file') {
      claims.push(claimed(id, claim, false, entry ? `it is a ${entry.type}` : 'it is missing'));
      continue;
    }
    const same = (await image.readText(path as GuestPath)) === contents;
    const octal = entry.mode.toString(8).padStart(4, '0');
    const seen = [
      `its ${entry.size} bytes ${same ? 'are the ones that were sent' : 'differ from what was sent'}`,
      `its mode is ${octal}${mode === undefined || mode === octal ? '' : `, not ${mode}`}`,
    ];
    claims.push(claimed(id, claim, same && (mode ?? octal) === octal, seen.join('; ')));
  }
  return claims;
}
