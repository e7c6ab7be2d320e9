import { run } from '../../../images/base/exec.js';
import type { Secret } from '../nova/secret.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed, unproven } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';
import { orRefuted } from './unreadable.js';

const claim = 'root’s password is the one that was sent';

/** crypt(3) knows every method that a distribution writes; the password goes in by standard input, where nobody looks. */
const crypt = 'my ($word, $hash) = <STDIN>; chomp($word, $hash); print crypt($word, $hash) // ""';

const patienceMs = 10_000;

/** Whether the hash in the guest's /etc/shadow is one of the password: shadow(5), crypt(5). */
export async function passwordClaims(guest: RunningGuest, password: Secret): Promise<ProvenClaim[]> {
  return orRefuted('password', claim, () => matchingHash(guest, password));
}

async function matchingHash(guest: RunningGuest, password: Secret): Promise<ProvenClaim[]> {
  await using image = look(guest);
  const hash = hashOfRoot((await image.readText('/etc/shadow')) ?? '');
  if (hash === undefined) return [claimed('password', claim, false, '/etc/shadow has no line for root')];
  const method = methodOf(hash);
  if (method === undefined) {
    return [claimed('password', claim, false, 'root has no password: /etc/shadow has no hash for it')];
  }
  const { stdout } = await run('perl', ['-e', crypt], {
    input: `${password.reveal()}\n${hash}\n`,
    package: 'perl-base',
    timeout: patienceMs, // a hash may ask for any number of rounds
  });
  if (!stdout.startsWith('$')) {
    return [unproven('password', claim, `this system’s crypt(3) does not know the method ${method}`)];
  }
  const holds = stdout === hash;
  const seen = holds
    ? `the hash in /etc/shadow (method ${method}) matches it`
    : `the hash in /etc/shadow (method ${method}) is of another password`;
  return [claimed('password', claim, holds, seen)];
}

function hashOfRoot(shadow: string): string | undefined {
  const line = shadow.split('\n').find((one) => one.startsWith('root:'));
  return line?.split(':')[1];
}

/** "$6$" and the like; undefined for what is no hash ("", "*", "!", a locked one). */
function methodOf(hash: string): string | undefined {
  return /^\$[0-9a-z]+\$/.exec(hash)?.[0];
}
