import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { agentRpm, rpmRepository } from '../guests/agent-packages.js';
import { rpmGuest } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { failures, isEnabled, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

describe('installing the agent with the package managers of the RPM world', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;
  let repository: string;
  before(() => {
    roots = new RealRoots();
    shipped = rpmGuest(roots);
    repository = rpmRepository(roots.folder('repository'), roots.folder('build'), [agentRpm]);
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  for (const manager of ['dnf', 'zypper', 'rpm']) {
    it(`${manager}: installed, enabled though its package does not, golden, and undone`, () => {
      const root = roots.copy(shipped);
      if (manager !== 'zypper') sh('rm', join(root, 'usr/bin/zypper'));
      const before_ = survey(root);
      const state = roots.folder('state');
      const [file = ''] = readdirSync(repository).filter((each) => each.endsWith('.rpm'));
      const source =
        manager === 'rpm' ? ['--agent-package', join(repository, file)] : ['--agent-repo', repository];
      const prepared = report(['prepare', root, '--yes', ...target, ...source], { state });
      assert.deepEqual(prepared.unverified, []);
      assert.deepEqual(prepared.installations?.[0]?.what, ['nova-agent 2.1.25-1']);
      assert.equal(prepared.verdict, 'golden', failures(prepared).join());
      assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('agent-enabled')));
      // Even to look, rpm writes beside its database.
      const copy = roots.copy(root);
      assert.equal(sh('chroot', copy, 'rpm', '-V', 'nova-agent'), '');
      roots.release(copy);
      assert.equal(isEnabled(root, 'nova-agent'), 'enabled');
      undo(root, state, before_);
      roots.release(root);
    });
  }

  it('a dependency that is missing is named, by either', () => {
    const needy = rpmRepository(roots.folder('repository'), roots.folder('build'), [
      { ...agentRpm, requires: ['python3-unheard-of'] },
    ]);
    const root = roots.copy(shipped);
    for (const gone of ['none', 'zypper']) {
      if (gone !== 'none') sh('rm', join(root, 'usr/bin', gone));
      const { unverified } = report(['plan', root, ...target, '--agent-repo', needy], {});
      assert.match(unverified[0]?.reason ?? '', /nothing provides '?python3-unheard-of/);
    }
    roots.release(root);
  });
});
