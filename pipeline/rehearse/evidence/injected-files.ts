import type { GuestPath, Image } from '../../../images/image/image.js';
import type { InjectedFile } from '../scenario.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';
import { orRefuted } from './unreadable.js';

/** Whether each file that was injected is there, with its contents and its mode. */
export async function injectedFileClaims(
  guest: RunningGuest,
  files: readonly InjectedFile[],
): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const claims: ProvenClaim[] = [];
  for (const file of files) {
    const [id, claim] = [`file ${file.path}`, `${file.path} was injected`];
    claims.push(...(await orRefuted(id, claim, async () => [await fileClaim(image, id, claim, file)])));
  }
  return claims;
}

async function fileClaim(
  image: Image,
  id: string,
  claim: string,
  { path, contents, mode }: InjectedFile,
): Promise<ProvenClaim> {
  const entry = await image.stat(path as GuestPath);
  if (entry?.type !== 'file')
    return claimed(id, claim, false, entry ? `it is a ${entry.type}` : 'it is missing');
  const same = (await image.readText(path as GuestPath)) === contents;
  const octal = entry.mode.toString(8).padStart(4, '0');
  const seen = [
    `its ${entry.size} bytes ${same ? 'are the ones that were sent' : 'differ from what was sent'}`,
    `its mode is ${octal}${mode === undefined || mode === octal ? '' : `, not ${mode}`}`,
  ];
  return claimed(id, claim, same && (mode ?? octal) === octal, seen.join('; '));
}
