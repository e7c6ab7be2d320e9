import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { agentDeb, aptRepository, buildDeb } from '../guests/agent-packages.js';
import { install, zipapp } from '../guests/healthy.js';
import { withoutAgent } from '../guests/install-roots.js';
import { agentTree, initScript } from '../guests/parts.js';
import { target } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { failures, isEnabled, packed, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

for (const name of ['systemd', 'bullseye', 'trixie']) {
  describe(`installing the agent with apt: ${name}`, function () {
    this.timeout(600_000);
    let roots: RealRoots;
    let shipped: string;
    let repository: string;
    before(() => {
      roots = new RealRoots();
      shipped = withoutAgent(roots.unpack(name));
      repository = aptRepository(roots.folder('repository'), [
        agentDeb,
        { ...agentDeb, name: 'nova-agent', version: '1.39.1' },
      ]);
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    it('from a repository: planned, installed, enabled, in order, golden, and undone', () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const order = [root, ...target, '--agent-repo', repository];
      const state = roots.folder('state');
      const plan = report(['plan', ...order], { state });
      assert.deepEqual(plan.installations, [
        {
          fixer: 'agent-installed',
          what: ['python3-nova-agent 2.1.25-1'],
          from: repository,
          reason: plan.installations?.[0]?.reason,
        },
      ]);
      assert.match(plan.installations[0]?.reason ?? '', /^2\.x supports Debian.*systemd starts it$/);
      assert.deepEqual(survey(root), before_);
      const text = hallmark(['plan', ...order], { state }).stdout;
      assert.match(text, /installs python3-nova-agent 2\.1\.25-1 from/);
      assert.match(text, /\+ {2}weekly/);
      assert.doesNotMatch(text, /^ {2}\/(?:usr|var)\/(?!lib\/systemd)/m);
      assert.ok(text.split('\n').length < 120, text);

      const prepared = report(['prepare', ...order, '--yes'], { state });
      const old = name === 'bullseye' ? ['os-supported'] : [];
      // The agent does without resolvconf, and so do these guests: they keep the name servers that they have.
      assert.deepEqual(failures(prepared), ['network-dns', ...old]);
      assert.equal(prepared.verdict, 'golden');
      const outcome = (id: string): string | undefined =>
        prepared.results.find((each) => each.id === id)?.outcome;
      assert.equal(outcome('agent-installed'), 'fixed');
      // What the package left unordered was repaired in the same run.
      assert.equal(outcome('xe-ordering'), 'pass');
      assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('xe-ordering')));
      assert.equal(sh('chroot', root, 'dpkg', '-V', 'python3-nova-agent'), '');
      assert.match(sh('dpkg-query', `--root=${root}`, '-W', 'python3-nova-agent'), /2\.1\.25-1/);
      assert.equal(isEnabled(root, 'python3-nova-agent'), 'enabled');
      assert.equal(sh('chroot', root, 'python3', '-c', 'import cryptography; print(1)').trim(), '1');
      undo(root, state, before_);
      roots.release(root);
    });

    it('from a file into a tarball, which is the same in the end', () => {
      const { tarball, golden, unpack } = packed(roots, shipped);
      const file = buildDeb(roots.folder('deb'), agentDeb);
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      const before_ = readFileSync(tarball);
      const prepared = report(
        ['prepare', tarball, '-o', golden, ...target, '--agent-package', file, '--sha256', sha256],
        {},
      );
      assert.equal(prepared.verdict, 'golden');
      assert.ok(readFileSync(tarball).equals(before_));
      assert.equal(sh('chroot', unpack(), 'dpkg', '-V', 'python3-nova-agent'), '');
    });

    it('from a file, whose dependencies come from a repository', () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const state = roots.folder('state');
      const needy = { ...agentDeb, depends: `${agentDeb.depends ?? ''}, nova-library` };
      const file = buildDeb(roots.folder('deb'), needy);
      const library = { name: 'nova-library', version: '1.0', files: { '/usr/share/nova-library': 'x' } };
      const beside = aptRepository(roots.folder('repository'), [library]);
      const order = [root, ...target, '--agent-package', file];
      const alone = report(['plan', ...order], { state });
      assert.match(
        alone.unverified[0]?.reason ?? '',
        /depends on nova-library.*Install what it needs in the image first, or .* \(--agent-repo\)\.$/,
      );
      const prepared = report(['prepare', ...order, '--agent-repo', beside, '--yes'], { state });
      assert.deepEqual(prepared.unverified, []);
      assert.equal(prepared.verdict, 'golden');
      assert.deepEqual(prepared.installations?.[0]?.what, [
        'nova-library 1.0',
        'python3-nova-agent 2.1.25-1',
      ]);
      assert.equal(sh('chroot', root, 'dpkg', '-V', 'python3-nova-agent', 'nova-library'), '');
      undo(root, state, before_);
      roots.release(root);
    });

    it('of generation 1 when that is asked for, by its version', () => {
      const order = [shipped, ...target, '--agent-repo', repository, '--agent', '1'];
      const { installations, unverified } = report(['plan', ...order], {});
      // The stand-in of that name is a 2.x program, which is found out.
      assert.equal(installations, undefined);
      assert.match(unverified[0]?.reason ?? '', /nova-agent 2\.x, not 1\.x/);
    });

    it('not without being asked, nor over one that is there', () => {
      const there = roots.copy(shipped);
      install(there, { '/usr/bin/nova-agent': zipapp });
      const over = hallmark(['plan', there, ...target, '--agent-repo', repository, '--json']);
      assert.match(over.stderr, /nova-agent is already installed/);
      assert.equal((JSON.parse(over.stdout) as Report).installations, undefined);
      roots.release(there);

      // Nor 2.x over a 1.x that works, whatever is asked for.
      const first = roots.copy(shipped);
      install(first, agentTree('1.39.1', initScript('nova-agent', undefined)));
      const { installations, changes, unverified } = report(
        ['plan', first, ...target, '--agent-repo', repository, '--agent', '2'],
        {},
      );
      assert.equal(installations, undefined);
      assert.ok(!unverified.some(({ fixer }) => fixer === 'agent-installed'));
      assert.ok(!changes.some(({ path }) => path === '/usr/bin/nova-agent'));
      roots.release(first);

      const without = report(['plan', shipped, ...target], {});
      assert.equal(without.installations, undefined);
      assert.deepEqual(
        without.changes.filter(({ path }) => path.includes('nova-agent')),
        [],
      );
      assert.ok(failures(without).includes('agent-installed'));
    });
  });
}

// Ubuntu's own archive is not here: a Debian root that says it is Ubuntu stands in for the choice of names.
describe('installing the agent with apt: Ubuntu', function () {
  this.timeout(600_000);
  it('under the name that its archive has', () => {
    using roots = new RealRoots();
    const root = withoutAgent(roots.unpack('systemd'));
    writeFileSync(
      join(root, 'usr/lib/os-release'),
      'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nPRETTY_NAME="Ubuntu 22.04.4 LTS"\n',
    );
    const before_ = survey(root);
    const repository = aptRepository(roots.folder('repository'), [
      { ...agentDeb, name: 'rax-nova-agent' },
      { ...agentDeb, name: 'nova-agent', version: '2.1.1-1' },
    ]);
    const state = roots.folder('state');
    const prepared = report(['prepare', root, '--yes', ...target, '--agent-repo', repository], { state });
    assert.deepEqual(prepared.installations?.[0]?.what, ['rax-nova-agent 2.1.25-1']);
    assert.match(prepared.installations[0].reason, /2\.x supports Ubuntu/);
    assert.equal(prepared.verdict, 'golden', failures(prepared).join());
    undo(root, state, before_);
  });
});
