import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentDeb, agentDeb1, agentRelease, aptRepository } from '../guests/agent-packages.js';
import { install, registerPackages } from '../guests/healthy.js';
import { xePrograms, xeScript } from '../guests/parts.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { failures, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

describe('installing 1.x on SysV, where 2.x has no service', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = roots.unpack('sysv');
    install(shipped, { ...xePrograms, '/etc/init.d/xe-linux-distribution': xeScript });
    registerPackages(shipped, { 'xe-guest-utilities': '7.20.0-1' });
    sh('chroot', shipped, '/sbin/insserv', 'xe-linux-distribution');
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const sources: Readonly<Record<string, () => string[]>> = {
    'from its release, by its own installer': () => [
      '--agent-package',
      agentRelease(roots.folder('release')),
    ],
    'from a repository that has both': () => [
      '--agent-repo',
      aptRepository(roots.folder('repository'), [agentDeb, agentDeb1]),
    ],
  };
  for (const [how, source] of Object.entries(sources)) {
    it(`${how}: installed, enabled, in order, and undone`, () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const state = roots.folder('state');
      const prepared = report(['prepare', root, '--yes', ...target, ...source()], { state });
      assert.deepEqual(prepared.unverified, []);
      assert.deepEqual(prepared.installations?.[0]?.what, ['nova-agent 1.39.1']);
      if (how.includes('both'))
        assert.equal(prepared.installations[0].reason, '2.x has no service for sysv; 1.x does');
      assert.ok(
        !failures(prepared).some((id) => /^(?:agent|xe)-(?:installed|enabled|ordering)/.test(id)),
        failures(prepared).join(),
      );
      assert.match(
        readFileSync(join(root, 'etc/init.d/.depend.start'), 'utf8'),
        /^nova-agent:.*xe-linux-distribution/m,
      );
      undo(root, state, before_);
      roots.release(root);
    });
  }
});
