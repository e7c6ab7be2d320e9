import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentRelease } from '../guests/agent-packages.js';
import { install, registerPackages } from '../guests/healthy.js';
import { xePrograms, xeScript } from '../guests/parts.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { failures, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

describe('installing 1.x on SysV', function () {
  this.timeout(600_000);
  it('from its release, by its own installer, since 2.x has no service there', () => {
    using roots = new RealRoots();
    const root = roots.unpack('sysv');
    install(root, { ...xePrograms, '/etc/init.d/xe-linux-distribution': xeScript });
    registerPackages(root, { 'xe-guest-utilities': '7.20.0-1' });
    sh('chroot', root, '/sbin/insserv', 'xe-linux-distribution');
    sh('sh', '-c', 'printf "#!/bin/sh\\nexit 1\\n" >"$1"/usr/bin/xe-none', 'sh', root);
    const before_ = survey(root);
    const state = roots.folder('state');
    const release = agentRelease(roots.folder('release'));
    const prepared = report(['prepare', root, '--yes', ...target, '--agent-package', release], { state });
    assert.deepEqual(prepared.unverified, []);
    assert.deepEqual(prepared.installations?.[0]?.what, ['nova-agent 1.39.1']);
    assert.ok(
      !failures(prepared).some((id) => /^(?:agent|xe)-(?:installed|enabled|ordering)/.test(id)),
      failures(prepared).join(),
    );
    assert.match(
      readFileSync(join(root, 'etc/init.d/.depend.start'), 'utf8'),
      /^nova-agent:.*xe-linux-distribution/m,
    );
    undo(root, state, before_);
  });
});
