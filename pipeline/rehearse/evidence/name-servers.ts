import { ImageError } from '../../../images/base/errors.js';
import type { Owner } from '../../../images/guest/network/leftover.js';
import type { ExpectedInterface } from '../nova/vm-data.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import type { RunningGuest } from '../running-guest.js';
import { claimed, quote, unproven } from './claim.js';

/** How a look-up by the guest itself came out, fit for a claim. */
type Lookup = Pick<ProvenClaim, 'outcome' | 'seen'>;

/**
 * Whether the guest asks the name servers that it was told of: each knows a name that no other knows, and the guest's own
 * resolver (nsswitch.conf(5), resolv.conf(5), systemd-resolved(8), whatever it has) is to find its address. What files
 * say of name servers proves nothing: many of those files nobody reads.
 * @param owner - who was told of them
 */
export async function nameServerClaims(
  guest: RunningGuest,
  owner: Owner,
  expected: readonly ExpectedInterface[],
): Promise<ProvenClaim[]> {
  const servers = [...new Set(expected.flatMap(({ dns }) => dns))];
  const found = await Promise.all(
    servers.map(async (server) => [server, await lookUp(guest, owner, server, expected)] as const),
  );
  const lookups = new Map(found);
  return expected.flatMap(({ device, dns }) =>
    dns.flatMap((server) => {
      const claim = `the guest resolves names by the name server ${server} (of ${device})`;
      const lookup = lookups.get(server);
      return lookup ? [{ id: `dns ${device} ${server}`, claim, ...lookup }] : [];
    }),
  );
}

async function lookUp(
  guest: RunningGuest,
  owner: Owner,
  server: string,
  expected: readonly ExpectedInterface[],
): Promise<Lookup> {
  const family = server.includes(':') ? 6 : 4;
  const hasWay = expected.some(({ routes }) =>
    routes.some((one) => one.to === 'default' && one.family === family),
  );
  const name = guest.names?.nameAt(server);
  if (!hasWay || name === undefined)
    return judged(unproven('', '', `the scenario gives the server no way to ${server}`));
  try {
    // Of glibc's resolver, resolv.conf(5): a server that does not answer is not waited for as long as by default.
    const env = { RES_OPTIONS: 'timeout:2 attempts:2' };
    const { exitCode, stdout } = await guest.machine.run('getent', ['ahostsv4', name], { env });
    if (exitCode === 127)
      return judged(unproven('', '', 'the guest has no getent(1) to ask its resolver with'));
    if (stdout.split(/\s/).includes(guest.names?.addressOf(name) ?? ''))
      return judged(claimed('', '', true, 'a name that only this server knows is resolved'));
    const why = await whyNot(guest);
    const doubt = guest.facts.nameServersInDoubt[owner];
    if (doubt !== undefined) return judged(unproven('', '', `${why}, ${doubt}`));
    return judged(claimed('', '', false, why));
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'program-failed') throw error;
    return judged(claimed('', '', false, `the guest’s resolver gave no answer: ${error.message}`));
  }
}

const judged = ({ outcome, seen }: ProvenClaim): Lookup => ({ outcome, seen });

/** What the guest's resolver goes by, where that can be told. */
async function whyNot({ machine }: RunningGuest): Promise<string> {
  const first = 'a name that only this server knows is not resolved';
  try {
    const { stdout } = await machine.run('head', ['-c', '4096', '/etc/resolv.conf'], { timeout: 1000 });
    const named = [...stdout.matchAll(/^nameserver[ \t]+(\S{1,60})/gm)].map(([, server]) => server);
    const what = named.length === 0 ? 'names no server' : `names ${quote(named.join(', '))}`;
    return `${first}: /etc/resolv.conf ${what}`;
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'program-failed') throw error;
    return `${first}, and /etc/resolv.conf cannot be read`;
  }
}
