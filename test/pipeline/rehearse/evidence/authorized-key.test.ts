import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { userBase } from '../../../../images/sandbox/machine.js';
import { authorizedKeyClaim } from '../../../../pipeline/rehearse/evidence/authorized-key.js';
import type { ProvenClaim } from '../../../../pipeline/report/rehearsal.js';
import { scratch } from '../../../support/scratch.js';
import { plant } from '../../../support/trees.js';
import { guestAt } from './guest-at.js';

const key = 'ssh-rsa AAAAB3NzaC1yc2E= Generated-by-Nova';
const file = '/home/debian/.ssh/authorized_keys';

/** The user that owns what a test makes, as the guest numbers it. */
const uid = (process.getuid?.() ?? 0) - userBase;
const passwd = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  `debian:x:${uid}:1000:Debian:/home/debian:/bin/bash`,
  '',
].join('\n');

async function judge(
  files: Readonly<Record<string, string>>,
  { mode = 0o600, sshd = '' } = {},
): Promise<ProvenClaim> {
  using place = scratch();
  plant(place.root, { '/etc/passwd': passwd, ...files });
  for (const path of Object.keys(files)) chmodSync(join(place.root, path), mode);
  return await authorizedKeyClaim(guestAt(place.root, { '/usr/sbin/sshd -T': sshd }), key);
}

describe('the key of a config drive', () => {
  it('is proven when a user can log in with it', async () => {
    const { outcome, seen } = await judge({ [file]: `ssh-ed25519 AAAA other\n${key}\n` });
    assert.equal(outcome, 'pass', seen);
    assert.equal(seen, `debian has the key in ${file}`);
  });

  it('is looked for where sshd looks', async () => {
    const sshd = 'port 22\nauthorizedkeysfile /etc/ssh/keys/%u .ssh/%%none\n';
    const there = await judge({ '/etc/ssh/keys/debian': `${key}\n` }, { sshd });
    assert.equal(there.seen, 'debian has the key in /etc/ssh/keys/debian');
    assert.equal((await judge({ [file]: `${key}\n` }, { sshd })).outcome, 'fail');
  });

  for (const [what, files, mode, seen] of [
    ['nobody has it', {}, 0o600, 'no user has the key'],
    ['it is commented out', { [file]: `# ${key}\n` }, 0o600, 'no user has the key'],
    ['only a service has it', { '/usr/sbin/.ssh/authorized_keys': `${key}\n` }, 0o600, 'no user has the key'],
    [
      'it is for a message only',
      { [file]: `no-pty,command="echo 'Please login'" ${key}\n` },
      0o600,
      'debian has the key, but only to run another command',
    ],
    [
      'everybody may write to it',
      { [file]: `${key}\n` },
      0o666,
      `debian has the key, but sshd does not trust ${file}`,
    ],
    [
      'it is another user’s file',
      { '/root/.ssh/authorized_keys': `${key}\n` },
      0o600,
      'root has the key, but sshd does not trust /root/.ssh/authorized_keys',
    ],
  ] as const) {
    it(`is refuted when ${what}`, async () => {
      const claim = await judge(files, { mode });
      assert.equal(claim.outcome, 'fail');
      assert.equal(claim.seen, seen);
    });
  }
});
