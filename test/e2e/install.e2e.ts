import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../pipeline/report.js';
import {
  type DebPackage,
  agentDeb,
  agentRelease,
  agentRpm,
  aptRepository,
  buildDeb,
  rpmRepository,
} from '../guests/agent-packages.js';
import { install, registerPackages, zipapp } from '../guests/healthy.js';
import { xePrograms, xeScript, xeUnitV7 } from '../guests/parts.js';
import { target } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { type RpmPackage, buildRpm, installRpms } from '../support/rpm.js';

/** So that rpm knows of them; what they are made of is laid down beside. */
const guestUtilities: RpmPackage = {
  name: 'xe-guest-utilities',
  version: '7.20.0',
  release: '1',
  files: { '/usr/share/xe': '' },
};

/** A guest that lacks nothing but the agent. */
function withoutAgent(root: string): string {
  install(root, {
    ...xePrograms,
    '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': 'network: {config: disabled}\n',
    '/lib/systemd/system/xe-linux-distribution.service': xeUnitV7,
    '/etc/systemd/system/multi-user.target.wants/xe-linux-distribution.service': {
      link: '/lib/systemd/system/xe-linux-distribution.service',
    },
  });
  registerPackages(root, { 'xe-guest-utilities': '7.20.0-1' });
  // A kernel that has the device node of XenStore.
  mkdirSync(join(root, 'usr/lib/modules/6.1.0-cloud-amd64'), { recursive: true });
  return root;
}

const failures = ({ results }: Report): string[] =>
  results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').map(({ id }) => id);

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
      assert.match(plan.installations[0]?.reason ?? '', /^2\.x serves Debian.*systemd starts it$/);
      assert.deepEqual(survey(root), before_);
      const text = hallmark(['plan', ...order], { state }).stdout;
      assert.match(text, /installs python3-nova-agent 2\.1\.25-1 from/);
      assert.match(text, /\+ {2}weekly/);
      assert.doesNotMatch(text, /^ {2}\/(?:usr|var)\/(?!lib\/systemd)/m);
      assert.ok(text.split('\n').length < 120, text);

      const prepared = report(['prepare', ...order, '--yes'], { state });
      const old = name === 'bullseye' ? ['os-supported'] : [];
      assert.deepEqual(failures(prepared), old);
      assert.equal(prepared.verdict, 'golden');
      const outcome = (id: string): string | undefined =>
        prepared.results.find((each) => each.id === id)?.outcome;
      assert.equal(outcome('agent-installed'), 'fixed');
      // What the package left unordered was repaired in the same run.
      assert.equal(outcome('xe-ordering'), 'pass');
      assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('xe-ordering')));
      assert.equal(sh('chroot', root, 'dpkg', '-V', 'python3-nova-agent'), '');
      assert.match(sh('dpkg-query', `--root=${root}`, '-W', 'python3-nova-agent'), /2\.1\.25-1/);
      assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', 'python3-nova-agent').trim(), 'enabled');
      assert.equal(sh('chroot', root, 'python3', '-c', 'import cryptography; print(1)').trim(), '1');
      const undone = hallmark(['undo', root, '--yes'], { state });
      assert.equal(undone.status, 0, undone.stderr);
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });

    it('from a file into a tarball, which is the same in the end', () => {
      const folder = roots.folder('packed');
      const [tarball, golden, unpacked] = ['image.tar', 'golden.tar', 'unpacked'].map((each) =>
        join(folder, each),
      ) as [string, string, string];
      sh('tar', '--xattrs', '-C', shipped, '-cf', tarball, '.');
      const file = buildDeb(roots.folder('deb'), agentDeb);
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      const before_ = readFileSync(tarball);
      const prepared = report(
        ['prepare', tarball, '-o', golden, ...target, '--agent-package', file, '--sha256', sha256],
        {},
      );
      assert.equal(prepared.verdict, 'golden');
      assert.ok(readFileSync(tarball).equals(before_));
      mkdirSync(unpacked);
      sh('tar', '--xattrs', '-C', unpacked, '-xpf', golden);
      assert.equal(sh('chroot', unpacked, 'dpkg', '-V', 'python3-nova-agent'), '');
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
      assert.match(over.stderr, /nova-agent is installed already/);
      assert.equal((JSON.parse(over.stdout) as Report).installations, undefined);
      roots.release(there);

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

describe('installing what fails', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let shipped: string;
  before(() => {
    roots = new RealRoots();
    shipped = withoutAgent(roots.unpack('systemd'));
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const deb = (more: Partial<DebPackage>): string => buildDeb(roots.folder('deb'), { ...agentDeb, ...more });
  const script = (text: string): Partial<DebPackage> => ({ scripts: { postinst: `#!/bin/sh\n${text}\n` } });

  const cases: Readonly<Record<string, readonly [args: () => string[], pattern: RegExp, exit: number]>> = {
    'a wrong checksum': [
      () => ['--agent-package', deb({}), '--sha256', '0'.repeat(64)],
      /is not the file that was meant/,
      2,
    ],
    'a missing file': [() => ['--agent-package', '/nowhere.deb'], /cannot read \/nowhere.deb/, 2],
    'a file that is no package': [
      () => ['--agent-package', '/etc/passwd'],
      /neither a \.deb, an \.rpm, a tarball nor an ISO image/,
      3,
    ],
    'an unreachable repository': [
      () => ['--agent-repo', 'http://127.0.0.1:9/debian'],
      /apt-get update failed \(exit 100\): .*127\.0\.0\.1/,
      4,
    ],
    'a repository without it': [
      () => ['--agent-repo', aptRepository(roots.folder('empty'), [{ ...agentDeb, name: 'other' }])],
      /no repository has python3-nova-agent or/,
      4,
    ],
    'an unsatisfied dependency': [
      () => ['--agent-package', deb({ depends: 'python3-unheard-of' })],
      /depends on python3-unheard-of/,
      4,
    ],
    'a scriptlet that fails': [
      () => ['--agent-package', deb(script('exit 3'))],
      /returned error exit status 3/,
      4,
    ],
    'a scriptlet that needs a mount': [
      () => ['--agent-package', deb(script('mount -t tmpfs x /mnt'))],
      /returned error exit status/,
      4,
    ],
    'a scriptlet that needs the network': [
      () => [
        '--agent-package',
        deb(script('exec python3 -c "import socket; socket.create_connection((\\"192.0.2.1\\", 80), 3)"')),
      ],
      /returned error exit status 1/,
      4,
    ],
    'a full layer': [
      () => ['--agent-package', deb(script('dd if=/dev/zero of=/opt/big bs=1M count=4000'))],
      /filled all the room/,
      4,
    ],
    'a package for another system': [
      () => [
        '--agent-package',
        sh(
          'sh',
          '-c',
          'cd "$1" && printf "\\355\\253\\356\\333%600s" x >x.rpm && echo "$1/x.rpm"',
          'sh',
          roots.folder('rpm'),
        ).trim(),
      ],
      /is a \.rpm, and the image has dpkg/,
      4,
    ],
  };
  for (const [what, [args, pattern, exit]] of Object.entries(cases)) {
    it(`for ${what} leaves the image as it was, and says why`, () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const options = { state: roots.folder('state') };
      const only = ['--only', 'agent-installed'];
      const { status, stdout, stderr } = hallmark(
        ['prepare', root, '--yes', ...target, ...only, ...args()],
        options,
      );
      assert.match(`${stdout}${stderr}`.replace(/\s+/g, ' '), pattern);
      assert.equal(status, exit, stdout + stderr);
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });
  }

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`for ${signal} in the midst leaves nothing running, mounted or changed`, async () => {
      const root = roots.copy(shipped);
      const before_ = survey(root);
      const file = deb(script('touch /opt/begun; sleep 424242'));
      const program = fileURLToPath(new URL('../../bin/main.js', import.meta.url));
      const args = ['prepare', root, '--yes', ...target, '--agent-package', file];
      const env = { ...process.env, XDG_STATE_HOME: roots.folder('state') };
      const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore', env });
      const ended = once(child, 'exit');
      const sleepers = (): string => sh('sh', '-c', 'pgrep -f "^sleep 424242" || true').trim();
      while (sleepers() === '') await sleep(50);
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      assert.equal(code, signal === 'SIGINT' ? 130 : null);
      for (let attempt = 0; sleepers() !== '' && attempt < 50; attempt++) await sleep(50);
      assert.equal(sleepers(), '');
      assert.deepEqual(survey(root), before_);
      assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes('hallmark-sandbox'));
      // What a killed run left is cleared by the next.
      report(['plan', root, ...target, '--agent-package', buildDeb(roots.folder('deb'), agentDeb)], {});
      assert.deepEqual(
        readdirSync(tmpdir()).filter((each) => each.startsWith(`hallmark-sandbox.${child.pid ?? 0}.`)),
        [],
      );
      roots.release(root);
    });
  }
});

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
      assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', 'nova-agent').trim(), 'enabled');
      const undone = hallmark(['undo', root, '--yes'], { state });
      assert.equal(undone.status, 0, undone.stderr);
      assert.deepEqual(survey(root), before_);
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
    const folder = roots.folder('offline');
    sh('chmod', '0777', folder);
    const [tarball, golden, unpacked] = ['image.tar', 'golden.tar', 'unpacked'].map((each) =>
      join(folder, each),
    ) as [string, string, string];
    sh('tar', '--xattrs', '-C', root, '-cf', tarball, '.');
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
    mkdirSync(unpacked);
    sh('tar', '--xattrs', '-C', unpacked, '-xpf', golden);
    return { found, unpacked };
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
      assert.equal(
        sh('systemctl', `--root=${unpacked}`, 'is-enabled', 'python3-nova-agent').trim(),
        'enabled',
      );
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
    assert.equal(sh('systemctl', `--root=${unpacked}`, 'is-enabled', 'nova-agent').trim(), 'enabled');
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
      /it needs python3 \(>= 3\.99\); it needs python3-unheard-of or other \(>> 1\)\. /,
    );
    const rpm = buildRpm(roots.folder('rpm'), {
      ...agentRpm,
      requires: ['python3-unheard-of', 'python3-cryptography'],
    });
    assert.match(
      report(['plan', rpmGuest(roots), ...order(rpm)], {}).unverified[0]?.reason ?? '',
      /python3-unheard-of is needed by nova-agent-2\.1\.25-1/,
    );
  });
});

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
    assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', 'xe-linux-distribution').trim(), 'enabled');
    const undone = hallmark(['undo', root, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(survey(root), before_);
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

/** A guest that Enterprise Linux's tools see as their own: Debian's builds of them, over an rpm database. */
function rpmGuest(roots: RealRoots, more = [guestUtilities]): string {
  const root = more.length > 0 ? withoutAgent(roots.unpack('rpm')) : roots.unpack('rpm');
  sh('rm', '-r', join(root, 'var/lib/dpkg'), join(root, 'etc/apt'), join(root, 'etc/debian_version'));
  writeFileSync(
    join(root, 'usr/lib/os-release'),
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4"\n',
  );
  writeFileSync(join(root, 'etc/centos-release'), 'Rocky Linux release 9.4\n');
  writeFileSync(join(root, 'etc/redhat-release'), 'Rocky Linux release 9.4\n');
  mkdirSync(join(root, 'etc/rpm'), { recursive: true });
  writeFileSync(join(root, 'etc/rpm/macros'), '%_dbpath /var/lib/rpm\n%_db_backend sqlite\n');
  const base = buildRpm(roots.folder('base'), {
    name: 'rocky-release',
    version: '9.4',
    release: '1',
    provides: ['/bin/sh', 'python3-cryptography', 'system-release', 'rpm', 'dnf'],
    files: { '/etc/rocky-release': 'Rocky Linux release 9.4\n' },
  });
  installRpms(root, [base, ...more.map((each) => buildRpm(roots.folder('more'), each))]);
  return root;
}

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
    const undone = hallmark(['undo', root, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(survey(root), before_);
  });
});
