import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { agentDeb, buildDeb } from '../guests/agent-packages.js';
import { rpmGuest } from '../guests/install-roots.js';
import { xeUnitV7 } from '../guests/parts.js';
import { target } from '../guests/real.js';
import { report } from '../support/command.js';
import { failures, isEnabled, undo } from '../support/installing.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { buildRpm } from '../support/rpm.js';

describe('installing the guest utilities', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  before(() => {
    roots = new RealRoots();
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  /** The tools ISO, as XenServer's: packages of both kinds for both architectures. */
  function toolsIso(): string {
    const tree = roots.folder('iso');
    mkdirSync(join(tree, 'Linux'));
    const files = {
      '/usr/sbin/xe-daemon': { content: '#!/bin/sh\n', mode: 0o755 },
      '/usr/sbin/xe-linux-distribution': { content: '#!/bin/sh\n', mode: 0o755 },
      '/usr/lib/systemd/system/xe-linux-distribution.service': xeUnitV7,
    };
    for (const architecture of ['amd64', 'i386'])
      buildDeb(join(tree, 'Linux'), { name: 'xe-guest-utilities', version: '7.20.0-1', architecture, files });
    const one = { version: '7.20.0', release: '1' };
    const rpms = [
      buildRpm(roots.folder('rpm'), {
        ...one,
        name: 'xe-guest-utilities',
        files,
        requires: ['xe-guest-utilities-xenstore'],
      }),
      buildRpm(roots.folder('rpm'), {
        ...one,
        name: 'xe-guest-utilities-xenstore',
        files: { '/usr/bin/xenstore': '' },
      }),
    ];
    for (const each of rpms) sh('cp', each, join(tree, 'Linux', basename(each).replace('noarch', 'x86_64')));
    writeFileSync(join(tree, 'Linux/xe-guest-utilities-7.20.0-1.i386.rpm'), 'not this one');
    const iso = join(roots.folder('made'), 'xs-tools.iso');
    sh('xorriso', '-as', 'mkisofs', '-quiet', '-R', '-o', iso, tree);
    return iso;
  }

  const withoutXe = (root: string): string => {
    mkdirSync(join(root, 'usr/lib/modules/6.1.0-cloud-amd64'), { recursive: true });
    return root;
  };

  it('from the tools ISO, beside an agent, each as its own repair, and only when asked', () => {
    const root = roots.copy(withoutXe(roots.unpack('systemd')));
    const before_ = survey(root);
    const iso = toolsIso();
    const agent = ['--agent-package', buildDeb(roots.folder('deb'), agentDeb)];
    const without = report(['plan', root, ...target, ...agent], {});
    assert.equal(without.installations?.length, 1);
    const state = roots.folder('state');
    const prepared = report(['prepare', root, '--yes', ...target, ...agent, '--install-xe', iso], { state });
    assert.deepEqual(
      prepared.installations?.map(({ fixer, what }) => [fixer, ...what]),
      [
        ['agent-installed', 'python3-nova-agent 2.1.25-1'],
        ['xe-installed', 'xe-guest-utilities 7.20.0-1'],
      ],
    );
    const ofXe = prepared.changes.filter(({ path }) => path.startsWith('/usr/bin/nova-agent'));
    assert.deepEqual(
      ofXe.map(({ fixers }) => fixers),
      [['agent-installed']],
    );
    assert.equal(prepared.verdict, 'golden', failures(prepared).join());
    assert.equal(sh('chroot', root, 'dpkg', '-V', 'python3-nova-agent', 'xe-guest-utilities'), '');
    assert.match(
      sh('dpkg-query', `--root=${root}`, '-W', '-f', '${Architecture}', 'xe-guest-utilities'),
      /amd64/,
    );
    assert.equal(isEnabled(root, 'xe-linux-distribution'), 'enabled');
    undo(root, state, before_);
    roots.release(root);
  });

  it('from the tools ISO into an RPM guest, with what they are split into, running nothing', () => {
    const root = withoutXe(rpmGuest(roots, []));
    const state = roots.folder('state');
    const args = ['--offline-install', '--install-xe', toolsIso(), '--only', 'xe-installed,xe-enabled'];
    const prepared = report(['prepare', root, '--yes', ...target, ...args], { state });
    assert.deepEqual(prepared.unverified, []);
    assert.deepEqual(prepared.installations?.[0]?.what, [
      'xe-guest-utilities 7.20.0-1',
      'xe-guest-utilities-xenstore 7.20.0-1',
    ]);
    assert.equal(sh('chroot', root, 'rpm', '-V', 'xe-guest-utilities', 'xe-guest-utilities-xenstore'), '');
  });
});
