import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../pipeline/report/report.js';
import { agentRpm, rpmRepository } from '../guests/agent-packages.js';
import { dangling, tracesOf } from '../support/agent-remains.js';
import { hallmark, report } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { type RpmPackage, buildRpm, installRpms } from '../support/rpm.js';

const target = ['--target', 'cloud-init'];
const stages = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];

const failures = ({ results }: Report): string[] =>
  results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').map(({ id }) => id);

describe('an image of the RPM world that cloud-init is to own', function () {
  this.timeout(600_000);
  let roots: RealRoots;
  let metadata: string;
  const cloudInitRpm: RpmPackage = {
    name: 'cloud-init',
    version: '22.1',
    release: '9',
    files: {
      '/usr/bin/cloud-init': { content: '#!/bin/sh\n', mode: 0o755 },
      '/etc/cloud/cloud.cfg': 'users: [default]\n',
      ...Object.fromEntries(
        stages.map((name) => [
          `/usr/lib/systemd/system/${name}.service`,
          `[Service]\nType=oneshot\nExecStart=/usr/bin/cloud-init ${name}\n[Install]\nWantedBy=multi-user.target\n`,
        ]),
      ),
    },
  };
  const networkManager: RpmPackage = {
    ...{ name: 'NetworkManager', version: '1.46.0', release: '1' },
    files: {
      '/usr/bin/nmcli': { content: '#!/bin/sh\n', mode: 0o755 },
      '/usr/lib/systemd/system/NetworkManager.service':
        '[Service]\nExecStart=/usr/bin/nmcli\n[Install]\nWantedBy=multi-user.target\n',
    },
  };
  let guest: string;
  before(() => {
    roots = new RealRoots();
    metadata = join(roots.folder('metadata'), 'good.json');
    writeFileSync(
      metadata,
      '{"img_config_drive": "mandatory", "vm_mode": "hvm", "xenapi_use_agent": "False"}',
    );
    guest = roots.unpack('rpm');
    sh('rm', join(guest, 'usr/bin/zypper'));
    sh('rm', '-r', join(guest, 'var/lib/dpkg'), join(guest, 'etc/apt'), join(guest, 'etc/debian_version'));
    const name =
      'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4"\n';
    writeFileSync(join(guest, 'usr/lib/os-release'), name);
    for (const each of ['centos', 'redhat'])
      writeFileSync(join(guest, `etc/${each}-release`), 'Rocky Linux release 9.4\n');
    mkdirSync(join(guest, 'etc/rpm'), { recursive: true });
    writeFileSync(join(guest, 'etc/rpm/macros'), '%_dbpath /var/lib/rpm\n%_db_backend sqlite\n');
    const base: RpmPackage = {
      ...{ name: 'rocky-release', version: '9.4', release: '1' },
      provides: ['/bin/sh', 'python3-cryptography', 'system-release'],
      files: { '/etc/rocky-release': 'Rocky Linux release 9.4\n' },
    };
    installRpms(
      guest,
      [base, agentRpm].map((each) => buildRpm(roots.folder('base'), each)),
    );
    sh('systemctl', `--root=${guest}`, 'enable', 'nova-agent');
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  for (const [how, options] of [
    ['by dnf and rpm', []],
    ['without running anything', ['--offline-install']],
  ] as const) {
    it(`has it installed, and the agent removed, ${how}`, () => {
      const root = roots.copy(guest);
      const isOffline = options.length > 0;
      if (isOffline) installRpms(root, [buildRpm(roots.folder('manager'), networkManager)]);
      const rpms = [cloudInitRpm, networkManager];
      const folder = rpmRepository(roots.folder('rpms'), roots.folder('build'), rpms);
      const file = readdirSync(folder).find((each) => each.startsWith('cloud-init')) ?? '';
      const source = isOffline ? ['--cloud-init-package', join(folder, file)] : ['--cloud-init-repo', folder];
      const state = roots.folder('state');
      const before_ = survey(root);
      const args = ['prepare', root, '--yes', ...target, '--metadata', metadata, '--agent', 'remove'];
      const found = report([...args, ...source, ...options], { state });
      assert.deepEqual(found.unverified, []);
      assert.equal(found.verdict, 'golden', failures(found).join());
      const installations = found.installations?.map(({ fixer, what }) => [fixer, ...what]) ?? [];
      assert.deepEqual(
        installations.filter(([fixer]) => fixer !== 'cloud-init-network'),
        [
          ['cloud-init-installed', 'cloud-init 22.1-9'],
          ['agent-retired', 'nova-agent 2.1.25-1'],
        ],
      );
      assert.equal(installations.length, isOffline ? 2 : 3);
      assert.equal(sh('systemctl', `--root=${root}`, 'is-enabled', 'NetworkManager').trim(), 'enabled');
      assert.deepEqual(tracesOf(root), []);
      assert.deepEqual(dangling(root), []);
      const copy = roots.copy(root);
      const all = sh('chroot', copy, 'rpm', '-qa');
      assert.match(all, /^cloud-init-22\.1-9/m);
      assert.doesNotMatch(all, /nova-agent/);
      assert.equal(sh('chroot', copy, 'rpm', '-V', 'cloud-init', 'rocky-release', 'NetworkManager'), '');
      roots.release(copy);
      const undone = hallmark(['undo', root, '--yes'], { state });
      assert.equal(undone.status, 0, undone.stderr);
      assert.deepEqual(survey(root), before_);
      roots.release(root);
    });
  }
});
