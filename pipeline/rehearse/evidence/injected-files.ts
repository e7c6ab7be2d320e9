import type { GuestPath } from '../../../images/image/image.js';
import type { InjectedFile } from '../scenario.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type Guest, look } from './guest.js';

/** Whether each file that was injected is there, with its contents and its mode. */
export async function injectedFileClaims(
  guest: Guest,
  files: readonly InjectedFile[],
): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const claims: ProvenClaim[] = [];
  for (const { path, contents, mode } of files) {
    const id = `file ${path}`;
    const claim = `${path} was injected`;
    const entry = await image.stat(path as GuestPath);
    if (entry?.type !== 'file') {
      claims.push(claimed(id, claim, false, entry ? `it is a ${entry.type}` : 'it is not there'));
      continue;
    }
    const same = (await image.readText(path as GuestPath)) === contents;
    const octal = entry.mode.toString(8).padStart(4, '0');
    const seen = [
      same
        ? `its ${entry.size} bytes are those that were sent`
        : `its ${entry.size} bytes are others than were sent`,
      `mode ${octal}${mode === undefined || mode === octal ? '' : ` instead of ${mode}`}`,
    ];
    claims.push(claimed(id, claim, same && (mode ?? octal) === octal, seen.join(', ')));
  }
  return claims;
}
