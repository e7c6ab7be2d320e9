import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { agentDeb, agentRpm, buildDeb } from '../guests/agent-packages.js';
import { rpmGuest, withoutAgent } from '../guests/install-roots.js';
import { target } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { failures, isEnabled, packed } from '../support/installing.js';
import { RealRoots, sh } from '../support/real-roots.js';
import { buildRpm } from '../support/rpm.js';

describe('installing without running anything, as another user', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  before(() => {
    roots = new RealRoots();
    sh('chmod', '0755', roots.scratch);
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  /** Prepares a tarball as nobody, who has neither root nor the guest's programs. @returns the result, unpacked by root */
  function prepared(root: string, file: string): { found: Report; unpacked: string } {
    const { folder, tarball, golden, unpack } = packed(roots, root);
    sh('chmod', '0777', folder);
    sh('chmod', '0644', tarball, file);
    const order = [
      'prepare',
      tarball,
      '-o',
      golden,
      ...target,
      '--agent-package',
      file,
      '--offline-install',
      '--json',
    ];
    const { stdout, stderr } = hallmark(order, { uid: 65534, state: join(folder, 'state') });
    assert.notEqual(stdout, '', stderr);
    const found = JSON.parse(stdout) as Report;
    assert.deepEqual(found.unverified, []);
    return { found, unpacked: unpack() };
  }

  for (const compression of ['gzip', 'xz', 'zstd'] as const) {
    it(`a .deb of ${compression}: golden, and dpkg knows it as its own`, () => {
      const shipped = withoutAgent(roots.unpack('systemd'));
      const file = buildDeb(roots.folder('deb'), { ...agentDeb, compression });
      const { found, unpacked } = prepared(shipped, file);
      assert.equal(found.verdict, 'golden', failures(found).join());
      const ask = (...args: string[]): string => sh('dpkg-query', `--root=${unpacked}`, ...args).trim();
      assert.equal(
        ask('-W', '-f', '${Status} ${Version}', 'python3-nova-agent'),
        'install ok installed 2.1.25-1',
      );
      assert.equal(sh('chroot', unpacked, 'dpkg', '-V', 'python3-nova-agent'), '');
      assert.doesNotMatch(sh('chroot', unpacked, 'dpkg', '--audit'), /nova-agent/);
      assert.match(ask('-S', '/usr/bin/nova-agent'), /^python3-nova-agent: /);
      assert.equal(isEnabled(unpacked, 'python3-nova-agent'), 'enabled');
      // What dpkg itself makes of the same package in the same root.
      const other = roots.copy(shipped);
      sh('cp', file, join(other, 'agent.deb'));
      sh('chroot', other, 'dpkg', '-i', '/agent.deb');
      const paragraph = (root: string): string[] =>
        sh('dpkg-query', `--root=${root}`, '-s', 'python3-nova-agent').trim().split('\n').sort();
      assert.deepEqual(paragraph(unpacked), paragraph(other));
      for (const name of readdirSync(join(other, 'var/lib/dpkg/info')).filter((each) =>
        each.startsWith('python3-nova-agent'),
      )) {
        const [mine, theirs] = [unpacked, other].map((root) =>
          readFileSync(join(root, 'var/lib/dpkg/info', name), 'utf8')
            .split('\n')
            .sort(),
        );
        assert.deepEqual(mine, theirs, name);
      }
      sh('chroot', unpacked, 'dpkg', '--purge', 'python3-nova-agent');
      roots.release(other);
    });
  }

  it('an .rpm: golden, and rpm knows it as its own', () => {
    const shipped = rpmGuest(roots);
    const file = buildRpm(roots.folder('rpm'), agentRpm);
    sh('chmod', '-R', 'a+rX', join(file, '../../..'));
    const { found, unpacked } = prepared(shipped, file);
    assert.equal(found.verdict, 'golden', failures(found).join());
    assert.equal(
      sh('rpm', `--root=${unpacked}`, '--dbpath=/var/lib/rpm', '-q', 'nova-agent').trim(),
      'nova-agent-2.1.25-1.noarch',
    );
    assert.equal(sh('chroot', unpacked, 'rpm', '-V', 'nova-agent'), '');
    assert.match(sh('chroot', unpacked, 'rpm', '-qa'), /rocky-release/);
    assert.equal(isEnabled(unpacked, 'nova-agent'), 'enabled');
  });

  it('names every dependency that is missing', () => {
    const deb = buildDeb(roots.folder('deb'), {
      ...agentDeb,
      depends: 'python3 (>= 3.99), python3-unheard-of | other (>> 1), python3-cryptography',
    });
    const shipped = withoutAgent(roots.unpack('systemd'));
    const order = (file: string): string[] => [...target, '--agent-package', file, '--offline-install'];
    assert.match(
      report(['plan', shipped, ...order(deb)], {}).unverified[0]?.reason ?? '',
      /it needs python3 \(>= 3\.99\); it needs python3-unheard-of or other \(>> 1\)\. Install .*\(--agent-repo\)\.$/,
    );
    const rpm = buildRpm(roots.folder('rpm'), {
      ...agentRpm,
      requires: ['python3-unheard-of', 'python3-cryptography'],
    });
    assert.match(
      report(['plan', rpmGuest(roots), ...order(rpm)], {}).unverified[0]?.reason ?? '',
      /python3-unheard-of is needed by nova-agent-2\.1\.25-1.*Install .*\(--agent-repo\)\.$/,
    );
  });

  it('a .deb into a guest of another architecture, whose programs nobody here can run', () => {
    const root = withoutAgent(roots.unpack('systemd'));
    const shell = sh('readlink', '-f', join(root, 'bin/sh')).trim();
    const bytes = readFileSync(shell);
    bytes.writeUInt16LE(22, 18); // e_machine: s390x
    writeFileSync(shell, bytes);
    const status = join(root, 'var/lib/dpkg/status');
    const text = readFileSync(status, 'utf8').replace(/^Architecture: amd64$/gm, 'Architecture: s390x');
    writeFileSync(status, text);
    const file = buildDeb(roots.folder('deb'), agentDeb);
    const order = (each: string): string[] => ['plan', root, ...target, '--agent-package', each];
    const reason = (args: readonly string[]): string => report(args, {}).unverified[0]?.reason ?? '';
    assert.match(reason(order(file)), /programs are for s390x, and this host is .*--offline-install/);
    const foreign = buildDeb(roots.folder('deb'), { ...agentDeb, architecture: 'amd64' });
    assert.match(
      reason([...order(foreign), '--offline-install']),
      /is for amd64, and the image is for s390x/,
    );
    const { found, unpacked } = prepared(root, file);
    assert.equal(found.verdict, 'golden', failures(found).join());
    assert.match(sh('dpkg-query', `--root=${unpacked}`, '-W', 'python3-nova-agent'), /2\.1\.25-1/);
    assert.equal(isEnabled(unpacked, 'python3-nova-agent'), 'enabled');
  });
});
