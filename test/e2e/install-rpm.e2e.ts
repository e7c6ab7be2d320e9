import { DirectorySource } from '../../images/sources/directory.js';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installationOf } from '../../images/install/manager.js';
import { runInstallation } from '../../images/install/run.js';
import { openDirectory } from '../../images/image/directory.js';
import { agentRpm, rpmRepository } from '../guests/agent-packages.js';
import { rpmGuest, rpmGuests } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { failures, isEnabled, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { type RpmPackage, buildRpm } from '../support/rpm.js';

const library: RpmPackage = {
  name: 'nova-library',
  version: '1.0',
  release: '1',
  files: { '/usr/share/nova-library': 'x\n' },
};
const needy = { ...agentRpm, requires: [...(agentRpm.requires ?? []), library.name] };

for (const [manager, guest] of Object.entries(rpmGuests)) {
  describe(`installing the agent with ${manager}`, function () {
    this.timeout(600_000);
    let roots: RealRoots;
    let shipped: string;
    const repositoryOf = (...packages: readonly RpmPackage[]): string =>
      rpmRepository(roots.folder('repository'), roots.folder('build'), packages);
    before(() => {
      roots = new RealRoots();
      shipped = guest(roots);
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    it('from a repository: planned, installed, enabled though its package does not, golden, and undone', () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const state = roots.folder('state');
      const older = ['1.39.1', '2.1.9'].map((version) => ({ ...agentRpm, version }));
      const order = [root, ...target, '--agent-repo', repositoryOf(...older, agentRpm)];
      const plan = report(['plan', ...order], { state });
      assert.deepEqual(plan.installations?.[0]?.what, ['nova-agent 2.1.25-1']);
      assert.deepEqual(survey(root), before_);
      assertPrepared(root, order, state);
      undo(root, state, before_);
      roots.release(root);
    });

    it('from a file, whose dependencies come from a repository', () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const state = roots.folder('state');
      const file = buildRpm(roots.folder('rpm'), needy);
      const order = [root, ...target, '--agent-package', file];
      const alone = report(['plan', ...order], { state });
      assert.match(
        alone.unverified[0]?.reason ?? '',
        /nova-library is needed by nova-agent.*Install what it needs in the image first, or .* \(--agent-repo\)\.$/,
      );
      assert.deepEqual(survey(root), before_);
      const prepared = assertPrepared(root, [...order, '--agent-repo', repositoryOf(library)], state);
      assert.match(prepared.installations?.[0]?.from ?? '', /\.rpm, with its dependencies from \//);
      undo(root, state, before_);
      roots.release(root);
    });

    it('by the first name that there is, in the version wanted and no other that begins like it', async () => {
      const repository = repositoryOf(
        agentRpm,
        { ...agentRpm, version: '20.1' },
        { ...agentRpm, version: '1.39.1' },
      );
      const root = roots.copy(shipped);
      const installed = async (major: string): Promise<string> => {
        await using image = openDirectory(root);
        const wanted = { names: ['python3-nova-agent', 'nova-agent'], major };
        const installation = await installationOf(image, 'rpm', { kind: 'folder', path: repository }, wanted);
        const said: string[] = [];
        const onLine = (line: string): void => void said.push(line);
        await using layer = await runInstallation(new DirectorySource(root).layer, [], installation, {
          onLine,
        });
        assert.ok(layer.changes.some(({ path }) => path === '/usr/bin/nova-agent'));
        return said.join('\n');
      };
      for (const [major, version] of [
        ['2', '2.1.25'],
        ['1', '1.39.1'],
        ['20', '20.1'],
      ] as const)
        assert.match(
          await installed(major),
          new RegExp(`nova-agent[^\n]*[- ]${version.replaceAll('.', '\\.')}-1`),
        );
      await assert.rejects(installed('3'), /no repository .* python3-nova-agent or nova-agent in version 3$/);
      roots.release(root);
    });

    const broken: Readonly<Record<string, readonly [() => RpmPackage, RegExp]>> = {
      'a dependency that is nowhere': [
        () => ({ ...agentRpm, requires: ['python3-unheard-of'] }),
        /nothing provides '?python3-unheard-of/,
      ],
      'a scriptlet that fails': [
        () => ({ ...agentRpm, post: 'exit 3' }),
        /scriptlet failed, exit status 3|exit 107/,
      ],
      'a repository without it': [() => library, /no repository has nova-agent in version 2\./],
    };
    for (const [what, [package_, pattern]] of Object.entries(broken)) {
      it(`${what} leaves the image as it was, and is named`, () => {
        const root = roots.copy(shipped);
        const before_ = survey(root);
        const order = [root, ...target, '--agent-repo', repositoryOf(package_())];
        const only = ['--yes', '--only', 'agent-installed'];
        const { status, stdout, stderr } = hallmark(['prepare', ...order, ...only], {
          state: roots.folder('state'),
        });
        assert.match(`${stdout}${stderr}`.replace(/\s+/g, ' '), pattern);
        assert.equal(status, 4, stdout + stderr);
        assert.deepEqual(survey(root), before_);
        roots.release(root);
      });
    }

    it('a repository that cannot be reached leaves the image as it was, and is named', () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const order = [root, ...target, '--agent-repo', 'http://127.0.0.1:9/x'];
      const { unverified } = report(['prepare', ...order, '--yes', '--only', 'agent-installed'], {});
      assert.match(
        unverified[0]?.reason ?? '',
        /(?:makecache|refresh) failed \(exit \d+\): .*(?:hallmark|127\.0\.0\.1)/,
      );
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });

    function assertPrepared(
      root: string,
      order: readonly string[],
      state: string,
    ): ReturnType<typeof report> {
      const prepared = report(['prepare', ...order, '--yes'], { state });
      assert.deepEqual(prepared.unverified, []);
      assert.equal(prepared.verdict, 'golden', failures(prepared).join());
      assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('agent-enabled')));
      assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('xe-ordering')));
      assertClean(roots, root);
      return prepared;
    }
  });
}

/** Even to look, rpm writes beside its database. */
function assertClean(roots: RealRoots, root: string): void {
  const copy = roots.copy(root);
  assert.equal(sh('chroot', copy, 'rpm', '-V', 'nova-agent'), '');
  roots.release(copy);
  assert.equal(isEnabled(root, 'nova-agent'), 'enabled');
}

describe('installing the agent with rpm alone', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = rpmGuest(roots);
    for (const name of readdirSync(join(shipped, 'usr/bin')).filter((each) =>
      /^(?:dnf.*|zypper)$/.test(each),
    ))
      sh('rm', join(shipped, 'usr/bin', name));
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  it('from a file: enabled though its package does not, golden, and undone', () => {
    const root = roots.copy(shipped);
    const before_ = survey(root);
    const state = roots.folder('state');
    const file = buildRpm(roots.folder('rpm'), agentRpm);
    const prepared = report(['prepare', root, '--yes', ...target, '--agent-package', file], { state });
    assert.deepEqual(prepared.installations?.[0]?.what, ['nova-agent 2.1.25-1']);
    assert.equal(prepared.verdict, 'golden', failures(prepared).join());
    assertClean(roots, root);
    undo(root, state, before_);
    roots.release(root);
  });

  it('a scriptlet that fails, of which rpm only warns, leaves the image as it was', () => {
    const root = roots.copy(shipped);
    const before_ = survey(root);
    const file = buildRpm(roots.folder('rpm'), { ...agentRpm, post: 'exit 3' });
    const order = [root, '--yes', ...target, '--agent-package', file, '--only', 'agent-installed'];
    const { unverified } = report(['prepare', ...order], { state: roots.folder('state') });
    assert.match(unverified[0]?.reason ?? '', /%post\(nova-agent.*scriptlet failed, exit status 3/);
    assert.deepEqual(survey(root), before_);
    roots.release(root);
  });

  it('a layer that is filled up, of which a scriptlet says nothing, leaves the image as it was', () => {
    const root = roots.copy(shipped);
    const before_ = survey(root);
    const post = 'dd if=/dev/zero of=/opt/big bs=1M count=4000 2>/dev/null; true';
    const file = buildRpm(roots.folder('rpm'), { ...agentRpm, post });
    const order = [root, '--yes', ...target, '--agent-package', file, '--only', 'agent-installed'];
    const { unverified } = report(['prepare', ...order], { state: roots.folder('state') });
    assert.match(unverified[0]?.reason ?? '', /filled all the space that the sandbox has for changes/);
    assert.deepEqual(survey(root), before_);
    roots.release(root);
  });

  it('a repository has nobody to ask it, which is said', () => {
    const order = [shipped, ...target, '--agent-repo', roots.folder('repository')];
    const { unverified } = report(['plan', ...order], {});
    assert.match(unverified[0]?.reason ?? '', /it has rpm, but none of zypper, dnf, dnf5, yum, microdnf/);
  });
});
