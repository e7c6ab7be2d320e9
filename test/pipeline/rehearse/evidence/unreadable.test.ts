import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ImageError } from '../../../../images/base/errors.js';
import { injectedFileClaims } from '../../../../pipeline/rehearse/evidence/injected-files.js';
import { logClaims } from '../../../../pipeline/rehearse/evidence/log.js';
import { passwordClaims } from '../../../../pipeline/rehearse/evidence/password.js';
import { orRefuted } from '../../../../pipeline/rehearse/evidence/unreadable.js';
import { Secret } from '../../../../pipeline/rehearse/nova/secret.js';
import type { ProvenClaim } from '../../../../pipeline/report/rehearsal.js';
import type { RunningGuest } from '../../../../pipeline/rehearse/running-guest.js';
import { plant } from '../../../support/trees.js';
import { scratch } from '../../../support/scratch.js';
import { guestAt } from './guest-at.js';

/** A guest whose file at a path is what nobody can read. */
const obstacles: readonly [what: string, put: (path: string) => void][] = [
  ['a FIFO', (path) => execFileSync('mkfifo', [path])],
  [
    'a directory',
    (path) => {
      mkdirSync(path);
    },
  ],
  [
    'larger than anything that is read',
    (path) => {
      plant(dirname(path), { [path.slice(dirname(path).length)]: '' });
      truncateSync(path, 64 * 1024 ** 3);
    },
  ],
];

const looks: readonly [id: string, path: string, look: (guest: RunningGuest) => Promise<ProvenClaim[]>][] = [
  ['password', '/etc/shadow', (guest) => passwordClaims(guest, new Secret('secret'))],
  ['file /etc/x', '/etc/x', (guest) => injectedFileClaims(guest, [{ path: '/etc/x', contents: 'x' }])],
];

describe('evidence that the guest has made unreadable', () => {
  for (const [id, path, look] of looks) {
    for (const [what, put] of obstacles) {
      it(`refutes ${id} where ${path} is ${what}`, async () => {
        using place = scratch();
        mkdirSync(join(place.root, dirname(path)), { recursive: true });
        put(join(place.root, path));
        const claims = await look(guestAt(place.root));
        assert.equal(claims.find((one) => one.id === id)?.outcome, 'fail', JSON.stringify(claims));
      });
    }
  }

  for (const [what, put] of obstacles.filter(([name]) => name !== 'a directory')) {
    it(`refutes what the agent’s log says where it is ${what}`, async () => {
      using place = scratch();
      mkdirSync(join(place.root, 'var/log'), { recursive: true });
      put(join(place.root, 'var/log/nova-agent.log'));
      const guest = guestAt(place.root);
      const [claim] = await logClaims(
        { ...guest, facts: { ...guest.facts, logLines: new Map() } },
        new Set(),
      );
      assert.equal(claim?.outcome, 'fail');
      assert.match(claim.seen, /nova-agent\.log/);
    });
  }

  it('says what was seen, and is no excuse for a host that lacks something', async () => {
    const [claim] = await orRefuted('a', 'it is so', async () => {
      throw new ImageError('link-loop', '/etc/a is part of a loop of links');
    });
    assert.deepEqual(claim, {
      id: 'a',
      claim: 'it is so',
      outcome: 'fail',
      seen: 'it cannot be looked at: /etc/a is part of a loop of links',
    });
    const missing = new ImageError('missing-tool', 'the program perl is not installed');
    await assert.rejects(
      orRefuted('a', 'it is so', () => Promise.reject(missing)),
      missing,
    );
    await assert.rejects(
      orRefuted('a', 'it is so', () => Promise.reject(new TypeError('a bug'))),
      TypeError,
    );
  });
});
