import assert from 'node:assert/strict';
import { ImageError } from '../../../../images/base/errors.js';
import type { Owner } from '../../../../images/guest/network/leftover.js';
import type { NameServers } from '../../../../images/sandbox/name-server.js';
import { nameServerClaims } from '../../../../pipeline/rehearse/evidence/name-servers.js';
import { expectedOf } from '../../../../pipeline/rehearse/nova/vm-data.js';
import type { Interface } from '../../../../pipeline/rehearse/scenario.js';
import type { RunningGuest } from '../../../../pipeline/rehearse/running-guest.js';
import { guestAt } from './guest-at.js';

const servers = ['192.0.2.241', '192.0.2.240'];

const names: NameServers = {
  nameAt: (server) => (servers.includes(server) ? `at-${servers.indexOf(server)}.zone.test` : undefined),
  addressOf: (name) => `198.51.100.${name.charAt(3)}`,
  [Symbol.dispose]: () => undefined,
};

const isolated: Interface = {
  device: 'eth0',
  mac: 'BC:76:4E:04:CF:E5',
  label: 'public',
  ipv4: ['203.0.113.124/24'],
  dns: servers,
};

const eth0: Interface = { ...isolated, gateway: '203.0.113.1' };

type Run = RunningGuest['machine']['run'];

async function outcomes(
  run: Run,
  interfaces: readonly Interface[] = [eth0],
  nameServersInDoubt: Partial<Record<Owner, string>> = {},
): Promise<string[]> {
  const still = guestAt('/');
  const facts = { ...still.facts, nameServersInDoubt };
  const guest = { ...still, facts, names, machine: { run } } as unknown as RunningGuest;
  const claims = await nameServerClaims(guest, 'nova-agent', interfaces.map(expectedOf));
  return claims.map(({ id, outcome, seen }) => `${id}: ${outcome}: ${seen}`);
}

/** A resolver that asks only these. */
const asks =
  (...known: readonly string[]): Run =>
  async (program, args) => {
    if (program === 'head')
      return { exitCode: 0, stdout: known.map((one) => `nameserver ${one}\n`).join(''), stderr: '' };
    const name = args[1] ?? '';
    const found = known.some((server) => names.nameAt(server) === name);
    return found
      ? { exitCode: 0, stdout: `${names.addressOf(name)}    STREAM ${name}\n`, stderr: '' }
      : { exitCode: 2, stdout: '', stderr: '' };
  };

describe('the name servers of a guest', () => {
  it('are proven by names that only they know', async () => {
    for (const claim of await outcomes(asks(...servers)))
      assert.match(
        claim,
        /^dns eth0 192\.0\.2\.24[01]: pass: a name that only this server knows is resolved$/,
      );
  });

  it('are refuted one by one, with what the resolver goes by', async () => {
    assert.deepEqual(await outcomes(asks('192.0.2.241')), [
      'dns eth0 192.0.2.241: pass: a name that only this server knows is resolved',
      'dns eth0 192.0.2.240: fail: a name that only this server knows is not resolved: /etc/resolv.conf names 192.0.2.241',
    ]);
    const [first = ''] = await outcomes(asks());
    assert.match(first, /fail: .*names no server$/);
  });

  it('are not judged where the guest keeps to those of the image', async () => {
    const run = asks('198.51.100.53');
    for (const claim of await outcomes(run, [eth0], { 'nova-agent': 'as in the image' }))
      assert.match(claim, /: not-proven: .* names 198\.51\.100\.53, as in the image$/);
    for (const claim of await outcomes(run, [eth0], { 'cloud-init': 'as in the image' }))
      assert.match(claim, /: fail: /);
    for (const claim of await outcomes(asks(...servers), [eth0], { 'nova-agent': 'as in the image' }))
      assert.match(claim, /: pass: /);
  });

  it('are asked once, and told of each interface that has them', async () => {
    let asked = 0;
    const run: Run = async (...args) => {
      asked += 1;
      return asks(...servers)(...args);
    };
    const eth1 = { ...eth0, device: 'eth1', mac: 'BC:76:4E:04:CF:E6' };
    assert.equal((await outcomes(run, [eth0, eth1])).length, 4);
    assert.equal(asked, 2);
  });

  it('are refuted by a resolver that does not come back', async () => {
    const run: Run = async (program) => {
      throw new ImageError('program-failed', `${program} took longer than 10000 ms and was stopped`);
    };
    for (const claim of await outcomes(run)) assert.match(claim, /: fail: .*took longer than/);
  });

  it('are not judged where nobody can ask, or there is no way to them', async () => {
    const none: Run = async () => ({ exitCode: 127, stdout: '', stderr: '' });
    for (const claim of await outcomes(none)) assert.match(claim, /: not-proven: .*no getent/);
    for (const claim of await outcomes(asks(...servers), [isolated]))
      assert.match(claim, /: not-proven: the scenario gives the server no way to 192/);
  });
});
