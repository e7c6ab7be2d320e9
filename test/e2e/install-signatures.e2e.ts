import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentDeb, agentRpm, aptRepository, rpmRepository } from '../guests/agent-packages.js';
import { rpmGuests, withoutAgent } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { HttpFolder } from '../support/http-folder.js';
import { failures, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { SigningKey } from '../support/signing.js';

interface Case {
  /** A guest that trusts a key. */
  readonly guest: (roots: RealRoots, key: SigningKey) => string;
  /** Fills the folder, signed with a key. */
  readonly repository: (roots: RealRoots, folder: string, key: SigningKey) => void;
  readonly at: (url: string) => string;
  /** What is said of another's signature. */
  readonly refusal: RegExp;
}

const rpm = (name: 'dnf' | 'zypper' | 'dnf5', refusal: RegExp): Case => ({
  guest: (roots, key) => {
    const root = rpmGuests[name](roots);
    const file = key.public(join(roots.folder('key'), 'key.asc'));
    sh('cp', file, join(root, 'etc/key.asc'));
    sh('chroot', root, 'rpm', '--import', '/etc/key.asc');
    mkdirSync(join(root, 'etc/zypp/repos.d'), { recursive: true });
    writeFileSync(join(root, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=1\n');
    return root;
  },
  repository: (roots, folder, key) => {
    rpmRepository(folder, roots.folder('build'), [agentRpm]);
    key.signRpms(folder);
  },
  at: (url) => url,
  refusal,
});

const cases: Readonly<Record<string, Case>> = {
  apt: {
    guest: (roots, key) => {
      const root = withoutAgent(roots.unpack('systemd'));
      writeFileSync(join(root, 'etc/apt/sources.list'), '');
      key.public(join(root, 'usr/share/keyrings/ours.gpg'), { armor: false });
      return root;
    },
    repository: (_, folder, key) => {
      aptRepository(folder, [agentDeb]);
      key.signApt(folder);
    },
    at: (url) => `deb [signed-by=/usr/share/keyrings/ours.gpg] ${url} ./`,
    refusal: /apt-get update failed .*(?:NO_PUBKEY|couldn't be verified|not signed)/,
  },
  dnf: rpm('dnf', /GPG|Public key for/),
  dnf5: rpm('dnf5', /signature|GPG|OpenPGP/i),
  zypper: rpm('zypper', /Signature verification failed|signed with/),
};

for (const [name, { guest, repository, at, refusal }] of Object.entries(cases)) {
  describe(`a repository elsewhere that is signed: ${name}`, function () {
    this.timeout(600_000);

    it('is taken with a key that the guest trusts, and with no other: then the image is as it was', async () => {
      using roots = new RealRoots();
      using ours = new SigningKey(roots.folder('ours'), 'ours@example.org');
      using theirs = new SigningKey(roots.folder('theirs'), 'theirs@example.org');
      const root = guest(roots, ours);
      const before_ = survey(root);
      const state = roots.folder('state');
      for (const key of [theirs, ours]) {
        const folder = roots.folder('served');
        repository(roots, folder, key);
        using server = await HttpFolder.open(folder, roots.folder('log'));
        const order = [root, '--yes', ...target, '--agent-repo', at(server.url)];
        const prepared = report(
          ['prepare', ...order, ...(key === theirs ? ['--only', 'agent-installed'] : [])],
          { state },
        );
        if (key === theirs) {
          assert.match(prepared.unverified[0]?.reason ?? '', refusal);
          assert.deepEqual(survey(root), before_);
        } else {
          assert.deepEqual(prepared.unverified, []);
          assert.equal(prepared.verdict, 'golden', failures(prepared).join());
        }
      }
      undo(root, state, before_);
    });
  });
}
