import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { agentDeb, buildDeb } from '../guests/agent-packages.js';
import { install } from '../guests/healthy.js';
import { agentTree, agentTreeScript } from '../guests/parts.js';
import { cloudInitRepository, installDeb, interfacesOfAgent, plainDebian } from '../guests/plain-debian.js';
import { dangling, tracesOf } from '../support/agent-remains.js';
import { hallmark, report } from '../support/command.js';
import { leftovers } from '../support/leftovers.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';

const target = ['--target', 'cloud-init'];
const stages = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];

const failures = ({ results }: Report): string[] =>
  results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').map(({ id }) => id);
const outcomeOf = ({ results }: Report, id: string): string | undefined =>
  results.find((each) => each.id === id)?.outcome;
const reasonOf = ({ unverified }: Report, id: string): string =>
  unverified.find(({ fixer }) => fixer === id)?.reason ?? '';

describe('an image that cloud-init is to own', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let plain: string;
  let sysv: string;
  let repository: string;
  let metadata: string;
  before(() => {
    roots = new RealRoots();
    sh('chmod', '0755', roots.scratch);
    plain = plainDebian(roots);
    sysv = roots.unpack('sysv');
    repository = cloudInitRepository(roots, [plain, sysv]);
    metadata = join(roots.folder('metadata'), 'good.json');
    writeFileSync(
      metadata,
      '{"img_config_drive": "mandatory", "vm_mode": "hvm", "xenapi_use_agent": "False"}',
    );
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  const order = (): string[] => [...target, '--metadata', metadata, '--cloud-init-repo', repository];

  it('has it installed, enabled, and able to bring up the network: planned, golden, undone', () => {
    const root = roots.copy(plain);
    const state = roots.folder('state');
    const before_ = survey(root);
    const plan = report(['plan', root, ...order()], { state });
    assert.deepEqual(survey(root), before_);
    const [installation] = plan.installations ?? [];
    assert.equal(installation?.fixer, 'cloud-init-installed');
    assert.ok(installation.what.some((each) => each.startsWith('cloud-init ')));

    const prepared = report(['prepare', root, '--yes', ...order()], { state });
    assert.deepEqual(prepared.unverified, []);
    assert.equal(prepared.verdict, 'golden', failures(prepared).join());
    assert.equal(outcomeOf(prepared, 'cloud-init-installed'), 'fixed');
    assert.ok(prepared.changes.some(({ fixers }) => fixers.includes('cloud-init-network')));
    assert.equal(sh('chroot', root, 'dpkg', '--verify'), '');
    assert.equal(sh('chroot', root, 'dpkg', '--audit'), '');
    for (const unit of [...stages, 'systemd-networkd'])
      assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', unit).trim(), 'enabled', unit);
    const again = report(['plan', root, ...order()], { state });
    assert.deepEqual(again.changes, []);

    const undone = hallmark(['undo', root, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(survey(root), before_);
    roots.release(root);
  });

  it('is golden and proven by its first boot', () => {
    const root = roots.copy(plain);
    const { status, stdout, pid } = hallmark(['prepare', root, '--yes', '--rehearse', '--json', ...order()], {
      state: roots.folder('state'),
    });
    const { rehearsal, verdict } = JSON.parse(stdout) as Report;
    assert.equal(rehearsal?.outcome, 'passed', rehearsal?.reason);
    assert.equal(verdict, 'golden');
    assert.equal(status, 0);
    assert.deepEqual(leftovers(pid), []);
    roots.release(root);
  });

  it('has nothing installed that nobody asked for', () => {
    const root = roots.copy(plain);
    for (const [command, ...options] of [
      ['check', ...target],
      ['plan', '--target', 'auto'],
      ['plan', '--target', 'nova-agent'],
    ] as const) {
      const { installations } = report([command, root, ...options], {});
      assert.equal(installations, undefined);
    }
    const { status, stderr } = hallmark(['plan', root, '--cloud-init-repo', repository]);
    assert.equal(status, 2);
    assert.match(stderr, /need --target cloud-init/);
    roots.release(root);
  });

  it('is left as it is when the repository is out of reach, and so is its agent', () => {
    const root = roots.copy(plain);
    installDeb(root, buildDeb(roots.folder('deb'), agentDeb));
    const before_ = survey(root);
    const url = ['--cloud-init-repo', 'http://127.0.0.1:9/debian'];
    const args = ['prepare', root, '--yes', ...target, ...url, '--agent', 'remove', '--json'];
    const { status, stdout } = hallmark(args, { state: roots.folder('state') });
    const found = JSON.parse(stdout) as Report;
    assert.equal(status, 4);
    assert.equal(found.verdict, 'not-golden');
    assert.match(reasonOf(found, 'cloud-init-installed'), /apt-get update failed .*127\.0\.0\.1/);
    assert.match(
      reasonOf(found, 'agent-retired'),
      /cloud-init is not installed, so nova-agent is not removed/,
    );
    assert.deepEqual(survey(root), before_);
    roots.release(root);
  });

  it('has it installed on SysV, with the program that makes its routes', () => {
    const root = roots.copy(sysv);
    const state = roots.folder('state');
    const before_ = survey(root);
    const prepared = report(['prepare', root, '--yes', ...order()], { state });
    assert.deepEqual(prepared.unverified, []);
    assert.equal(prepared.verdict, 'golden', failures(prepared).join());
    assert.deepEqual(
      prepared.installations?.map(({ fixer }) => fixer),
      ['cloud-init-installed', 'cloud-init-network'],
    );
    assert.match(prepared.installations[1]?.what.join() ?? '', /^net-tools /);
    assert.equal(sh('chroot', root, 'dpkg', '--verify'), '');
    assert.ok(readdirSync(join(root, 'etc/rc2.d')).some((name) => /^S\d\dcloud-final$/.test(name)));
    const undone = hallmark(['undo', root, '--yes'], { state });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(survey(root), before_);
    roots.release(root);
  });

  describe('with an agent', () => {
    /** Debian 12 with cloud-init, which the agent keeps off the network, and with what the agent wrote. */
    let served: string;
    before(() => {
      served = roots.unpack('systemd');
      installDeb(served, buildDeb(roots.folder('deb'), agentDeb));
      install(served, {
        '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg': 'network: {config: disabled}\n',
        '/etc/network/interfaces': interfacesOfAgent,
        '/var/log/nova-agent.log': 'started\n',
        '/etc/systemd/system/python3-nova-agent.service.d/order.conf': '[Unit]\nAfter=network.target\n',
      });
    });

    const on = (root: string, ...more: string[]): Report =>
      report(['prepare', root, '--yes', ...target, '--metadata', metadata, ...more], {
        state: roots.folder('state'),
      });

    it('is not golden unless somebody says what is to become of it', () => {
      const root = roots.copy(served);
      const found = on(root);
      assert.equal(found.verdict, 'not-golden');
      for (const id of ['network-owner']) {
        assert.ok(failures(found).includes(id));
        assert.match(reasonOf(found, id), /--target cloud-init with --agent disable or --agent remove/);
      }
      assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', 'python3-nova-agent').trim(), 'enabled');
      assert.match(readFileSync(join(root, 'etc/network/interfaces'), 'utf8'), /^iface eth0 inet static$/m);
      roots.release(root);
    });

    it('is golden when it is disabled', () => {
      const root = roots.copy(served);
      const state = roots.folder('state');
      const before_ = survey(root);
      const found = report(
        ['prepare', root, '--yes', ...target, '--metadata', metadata, '--agent', 'disable'],
        { state },
      );
      assert.deepEqual(found.unverified, []);
      assert.equal(found.verdict, 'golden', failures(found).join());
      for (const id of ['agent-retired', 'network-owner']) assert.equal(outcomeOf(found, id), 'fixed', id);
      assert.equal(
        sh('sh', '-c', `systemctl --root=${root} is-enabled python3-nova-agent || true`).trim(),
        'disabled',
      );
      const written = readFileSync(join(root, 'etc/network/interfaces'), 'utf8');
      assert.match(written, /^iface lo inet loopback$/m);
      assert.doesNotMatch(written, /^\s*(?:iface|auto|address|gateway).*(?:eth0|10\.0)/m);
      assert.match(written, /^source \/etc\/network\/interfaces\.d\/50-cloud-init\*$/m);
      assert.equal(sh('chroot', root, 'dpkg', '--verify', 'python3-nova-agent'), '');
      const undone = hallmark(['undo', root, '--yes'], { state });
      assert.equal(undone.status, 0, undone.stderr);
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });

    for (const [how, options] of [
      ['by dpkg', []],
      ['without running anything', ['--offline-install']],
    ] as const) {
      it(`is golden when it is removed ${how}, without a trace`, () => {
        const root = roots.copy(served);
        const state = roots.folder('state');
        const before_ = survey(root);
        const args = [
          'prepare',
          root,
          '--yes',
          ...target,
          '--metadata',
          metadata,
          '--agent',
          'remove',
          ...options,
        ];
        const found = report(args, { state });
        assert.deepEqual(found.unverified, []);
        assert.equal(found.verdict, 'golden', failures(found).join());
        assert.deepEqual(
          found.installations?.map(({ fixer, removes, what }) => [fixer, removes, ...what]),
          [['agent-retired', true, 'python3-nova-agent 2.1.25-1']],
        );
        assert.deepEqual(tracesOf(root), []);
        assert.deepEqual(dangling(root), []);
        assert.equal(sh('chroot', root, 'dpkg', '--verify'), '');
        assert.equal(sh('chroot', root, 'dpkg', '--audit'), '');
        const known = sh('sh', '-c', `dpkg-query --root=${root} -W python3-nova-agent 2>&1 || true`);
        assert.match(known, /no packages found/);
        assert.match(
          sh('dpkg-query', `--root=${root}`, '-W', 'python3-cryptography'),
          /python3-cryptography/,
        );
        const undone = hallmark(['undo', root, '--yes'], { state });
        assert.equal(undone.status, 0, undone.stderr);
        assert.deepEqual(survey(root), before_);
        roots.release(root);
      });
    }

    it('is golden when a rehearsal boots it without the agent', () => {
      const root = roots.copy(served);
      const found = on(root, '--agent', 'remove', '--rehearse');
      assert.equal(found.rehearsal?.outcome, 'passed', found.rehearsal?.reason);
      assert.equal(found.verdict, 'golden');
      roots.release(root);
    });

    it('keeps an agent that something else needs', () => {
      const root = roots.copy(served);
      installDeb(
        root,
        buildDeb(roots.folder('deb'), {
          ...{ name: 'agent-extras', version: '1', depends: 'python3-nova-agent' },
          files: { '/usr/share/doc/agent-extras/README': 'more\n' },
        }),
      );
      for (const options of [[], ['--offline-install']]) {
        const found = report(['plan', root, ...target, '--agent', 'remove', ...options], {});
        assert.match(reasonOf(found, 'agent-retired'), /agent-extras/);
      }
      roots.release(root);
    });

    it('is golden as a tarball that another user prepares', () => {
      const folder = roots.folder('offline');
      sh('chmod', '0777', folder);
      const [tarball, golden] = ['image.tar', 'golden.tar'].map((each) => join(folder, each)) as [
        string,
        string,
      ];
      sh('tar', '--xattrs', '-C', served, '-cf', tarball, '.');
      sh('chmod', '0644', tarball);
      sh('chmod', 'a+r', metadata);
      sh('chmod', 'a+rx', join(metadata, '..'));
      for (const fate of [['disable'], ['remove', '--offline-install']]) {
        const args = [
          'prepare',
          tarball,
          '-o',
          golden,
          ...target,
          '--metadata',
          metadata,
          '--agent',
          ...fate,
          '--json',
        ];
        const { stdout, stderr } = hallmark(args, { uid: 65534, state: join(folder, 'state') });
        assert.notEqual(stdout, '', stderr);
        const found = JSON.parse(stdout) as Report;
        assert.deepEqual(found.unverified, []);
        assert.equal(found.verdict, 'golden', failures(found).join());
        const unpacked = roots.folder('unpacked');
        sh('tar', '--xattrs', '-C', unpacked, '-xpf', golden);
        assert.equal(tracesOf(unpacked).length > 0, fate[0] === 'disable');
        assert.equal(sh('chroot', unpacked, 'dpkg', '--verify'), '');
      }
    });

    it('says that it cannot remove a package as another user, and what can be done', () => {
      const folder = roots.folder('refused');
      sh('chmod', '0777', folder);
      const tarball = join(folder, 'image.tar');
      sh('tar', '-C', served, '-cf', tarball, '.');
      sh('chmod', '0644', tarball);
      const args = ['plan', tarball, ...target, '--agent', 'remove', '--json'];
      const { stdout, stderr } = hallmark(args, { uid: 65534, state: join(folder, 'state') });
      assert.notEqual(stdout, '', stderr);
      assert.match(reasonOf(JSON.parse(stdout) as Report, 'agent-retired'), /root/);
    });

    it('of 1.x, which no package owns, is removed from a SysV system and its rc.local', () => {
      const root = roots.copy(sysv);
      const prepared = report(['prepare', root, '--yes', ...order()], { state: roots.folder('state') });
      assert.equal(prepared.verdict, 'golden', failures(prepared).join());
      const clean = survey(root, { times: false });
      const header = [
        '### BEGIN INIT INFO',
        '# Provides:          Nova-Agent',
        '# Required-Start:    $remote_fs $syslog',
        '# Required-Stop:     $remote_fs $syslog',
        '# Default-Start:     2 3 4 5',
        '# Default-Stop:      0 1 6',
        '### END INIT INFO',
      ];
      install(root, {
        ...agentTree('1.39.1', agentTreeScript('1.39.1', header)),
        '/etc/nova-agent.env': 'PYTHONPATH=\n',
      });
      sh('chroot', root, '/sbin/insserv', 'nova-agent');
      const rcLocal = '#!/bin/sh\n/etc/init.d/nova-agent start\nexit 0\n';
      writeFileSync(join(root, 'etc/rc.local'), rcLocal, { mode: 0o755 });
      const disabled = roots.folder('disabled');
      sh('cp', '-a', `${root}/.`, disabled);
      const one = on(disabled, '--agent', 'disable');
      assert.equal(one.verdict, 'golden', `${failures(one).join()} ${JSON.stringify(one.unverified)}`);
      assert.deepEqual(
        readdirSync(join(disabled, 'etc/rc2.d')).filter((name) => /^S.*nova-agent/.test(name)),
        [],
      );
      const found = on(root, '--agent', 'remove');
      assert.deepEqual(found.unverified, []);
      assert.equal(found.verdict, 'golden', failures(found).join());
      assert.deepEqual(tracesOf(root), []);
      assert.deepEqual(dangling(root), []);
      assert.match(readFileSync(join(root, 'etc/rc.local'), 'utf8'), /^# off at boot .*nova-agent start$/m);

      // insserv writes its notes in the order of the day.
      const known = (lines: readonly string[]): string[] =>
        lines.filter((line) => !/\.depend\.|etc\/rc\.local/.test(line));
      assert.deepEqual(known(survey(root, { times: false })), known(clean));
      assert.doesNotMatch(sh('sh', '-c', `cat ${root}/etc/init.d/.depend.*`), /nova-agent/);
      roots.release(root);
    });
  });
});
