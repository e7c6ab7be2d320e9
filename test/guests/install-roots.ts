import { mkdirSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RealRoots, sh } from '../support/real-roots.js';
import { type RpmPackage, buildRpm, installRpms } from '../support/rpm.js';
import { install, registerPackages } from './healthy.js';
import { networkManager, xePrograms, xeUnitV7 } from './parts.js';

/** So that rpm knows of them; what they are made of is laid down beside. */
const guestUtilities: RpmPackage = {
  name: 'xe-guest-utilities',
  version: '7.20.0',
  release: '1',
  files: { '/usr/share/xe': '' },
};

/** A guest that lacks nothing but the agent. */
export function withoutAgent(root: string): string {
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

/** A guest that Enterprise Linux's tools see as their own: Debian's builds of them, over an rpm database. */
export function rpmGuest(roots: RealRoots, more = [guestUtilities], from: 'rpm' | 'dnf5' = 'rpm'): string {
  const root = more.length > 0 ? withoutAgent(roots.unpack(from)) : roots.unpack(from);
  sh('rm', '-r', join(root, 'var/lib/dpkg'), join(root, 'etc/apt'), join(root, 'etc/debian_version'));
  writeFileSync(
    join(root, 'usr/lib/os-release'),
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4"\n',
  );
  install(root, networkManager);
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

const fetching = ['zypper', 'dnf', 'dnf5', 'yum'] as const;

/** Guests of the RPM world that have but one of the programs that fetch packages. */
export const rpmGuests: Readonly<Record<(typeof fetching)[number], (roots: RealRoots) => string>> = {
  dnf: (roots) => only(rpmGuest(roots), 'dnf'),
  dnf5: (roots) => {
    const root = rpmGuest(roots, [guestUtilities], 'dnf5');
    // Keeps a repository of what was installed, by a program that is not there: other distributions ship it apart.
    unlinkSync(join(root, 'etc/dnf/libdnf5-plugins/local.conf'));
    return only(root, 'dnf5');
  },
  // Enterprise Linux since 8: yum is a link to dnf-3.
  yum: (roots) => {
    const root = rpmGuest(roots);
    symlinkSync('dnf-3', join(root, 'usr/bin/yum'));
    return only(root, 'yum');
  },
  zypper: (roots) => only(rpmGuest(roots), 'zypper'),
};

function only(root: string, program: string): string {
  const bin = join(root, 'usr/bin');
  const there = readdirSync(bin);
  for (const other of fetching.filter((each) => each !== program && there.includes(each)))
    unlinkSync(join(bin, other));
  return root;
}

/** Has a guest take what is not signed: signatures count as it has it, and the stand-ins have none. */
export function trusting(root: string): string {
  writeFileSync(join(root, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=0\n');
  mkdirSync(join(root, 'etc/zypp/repos.d'), { recursive: true });
  writeFileSync(join(root, 'etc/zypp/zypp.conf'), '[main]\ngpgcheck = off\n');
  return root;
}
